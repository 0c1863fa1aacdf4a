use serde_json::{Value, json};

use super::{check_new, grant, kinds, lists, objects};
use crate::api::ApiError;
use crate::config::SimulatorConfig;
use crate::state::State;
use crate::state::directory::{self, ResourceKind, add_user};
use crate::state::tree;

fn workspace() -> State {
    let now_ms = 1_795_000_000_000;
    let mut state = State::new(1, "us-east-1", now_ms);
    let config = SimulatorConfig::new(([127, 0, 0, 1], 0).into(), "t", "us-east-1");
    state.resume(&config, now_ms);
    state
}

fn folder(state: &mut State, path: &str) -> String {
    tree::make_directory(state, path);
    state.tree.get(path).map(|node| node.object_id.to_string()).unwrap_or_default()
}

fn list(state: &State, id: &str) -> Result<Value, ApiError> {
    let kind = kinds::named("directories", id)?;
    Ok(lists::shown(state, &objects::find(state, kind, id)?))
}

fn to(user: &str, level: &str) -> Value {
    json!([{"user_name": user, "permission_level": level}])
}

#[test]
fn a_level_that_comes_from_several_folders_is_told_once() -> Result<(), ApiError> {
    let mut state = workspace();
    add_user(&mut state, "a@x.example", "A");
    let ids = ["/o", "/o/m", "/o/m/i"].map(|path| folder(&mut state, path));
    let [outer, middle, inner] = &ids;
    for id in [outer, middle] {
        assert!(grant(&mut state, "directories", id, &to("a@x.example", "CAN_RUN"))?);
    }
    assert!(!grant(&mut state, "directories", outer, &to("A@X.example", "CAN_RUN"))?, "it was so before");
    let shown = list(&state, inner)?;
    assert_eq!(
        shown["access_control_list"][0]["all_permissions"],
        json!([{
            "permission_level": "CAN_RUN", "inherited": true,
            "inherited_from_object": [format!("/directories/{middle}"), format!("/directories/{outer}")],
        }])
    );
    Ok(())
}

#[test]
fn who_comes_back_under_an_old_name_gets_nothing_back() -> Result<(), ApiError> {
    let mut state = workspace();
    let id = add_user(&mut state, "a@x.example", "A");
    let shared = folder(&mut state, "/d");
    grant(&mut state, "directories", &shared, &to("a@x.example", "CAN_EDIT"))?;
    directory::remove(&mut state, ResourceKind::Users, &id);
    add_user(&mut state, "a@x.example", "A");
    let shown = list(&state, &shared)?;
    assert_eq!(shown["access_control_list"].as_array().map(Vec::len), Some(1), "{shown}");
    Ok(())
}

#[test]
fn an_object_can_be_refused_before_it_is_there() {
    let mut state = workspace();
    add_user(&mut state, "a@x.example", "A");
    let twice = json!([
        {"user_name": "a@x.example", "permission_level": "IS_OWNER"},
        {"user_name": state.directory.admin_user_name(), "permission_level": "IS_OWNER"},
    ]);
    assert!(check_new(&state, "jobs", &twice).is_err());
    assert!(check_new(&state, "jobs", &to("a@x.example", "IS_OWNER")).is_ok());
    assert!(check_new(&state, "clusters", &to("a@x.example", "IS_OWNER")).is_err());
    assert!(check_new(&state, "jobs", &to("nobody@x.example", "CAN_VIEW")).is_err());
}

#[test]
fn the_directory_and_its_lists_outlive_a_restart() -> Result<(), Box<dyn std::error::Error>> {
    let mut state = workspace();
    let id = add_user(&mut state, "a@x.example", "A");
    let text = serde_json::to_string(&state)?;
    let mut state: State = serde_json::from_str(&text)?;
    assert_eq!(state.directory.id_of(ResourceKind::Users, "A@x.example"), Some(id.as_str()));
    assert!(state.directory.everybody_group_id().is_some());
    directory::remove(&mut state, ResourceKind::Users, &id);
    assert_eq!(state.directory.id_of(ResourceKind::Users, "a@x.example"), None);
    Ok(())
}
