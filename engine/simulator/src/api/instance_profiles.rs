//! `/api/2.0/instance-profiles/*`.

use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::state::State;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(&[0], MethodFilter::GET, "instance-profiles/list", list)
        .add(&[0], MethodFilter::POST, "instance-profiles/add", add)
        .add(&[0], MethodFilter::POST, "instance-profiles/remove", remove)
}

fn list(state: &mut State, _: &Call) -> Result<Reply, ApiError> {
    let shown: Vec<Value> = state.instance_profiles.values().cloned().map(Value::Object).collect();
    Ok(Reply::Json(json!({"instance_profiles": shown})))
}

fn add(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let arn = call.required_text("instance_profile_arn")?;
    if state.instance_profiles.contains_key(&arn) {
        return Err(ApiError::already_exists(format!("Instance profile {arn} has already been added.")));
    }
    let mut profile = Map::new();
    profile.insert("instance_profile_arn".into(), arn.clone().into());
    for name in ["iam_role_arn", "is_meta_instance_profile"] {
        if let Some(value) = call.body.get(name).filter(|value| !value.is_null()) {
            profile.insert(name.into(), value.clone());
        }
    }
    state.instance_profiles.insert(arn.clone(), profile);
    state.record(call, format!("add instance profile {arn}"), Some(arn));
    Ok(Reply::empty())
}

fn remove(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let arn = call.required_text("instance_profile_arn")?;
    if state.instance_profiles.remove(&arn).is_none() {
        return Err(ApiError::does_not_exist(format!("Instance profile {arn} does not exist.")));
    }
    state.record(call, format!("remove instance profile {arn}"), Some(arn));
    Ok(Reply::empty())
}
