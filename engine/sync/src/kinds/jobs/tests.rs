use farshore_model::kind::{ObjectKey, ObjectKind};

use super::*;
use crate::kinds::nothing;

fn keys(kind: ObjectKind, id: &str) -> Option<ObjectKey> {
    Some(ObjectKey { kind, key: format!("1:{id}").into() })
}

fn job(settings: Value) -> Value {
    json!({"job_id": 5, "creator_user_name": "a", "created_time": 1, "settings": settings})
}

/// A job of every trigger kind, with what it does.
fn triggered() -> Vec<(Value, Value)> {
    let cron = json!({"quartz_cron_expression": "0 0 * * * ?", "timezone_id": "UTC"});
    let with = |mut trigger: Value, pause: &str| {
        trigger[PAUSE] = json!(pause);
        trigger
    };
    vec![
        (json!({"name": "manual"}), json!({"max_concurrent_runs": 1})),
        (
            json!({"name": "cron", "max_concurrent_runs": 4, "schedule": with(cron.clone(), "PAUSED")}),
            json!({"max_concurrent_runs": 4, "pause": {"schedule": "PAUSED"}}),
        ),
        (
            json!({"name": "says nothing", "schedule": cron.clone()}),
            json!({"max_concurrent_runs": 1, "pause": {"schedule": "UNPAUSED"}}),
        ),
        (
            json!({"name": "continuous", "max_concurrent_runs": 1, "continuous": {"pause_status": "UNPAUSED"}}),
            json!({"max_concurrent_runs": 1, "pause": {"continuous": "UNPAUSED"}}),
        ),
        (
            json!({"name": "files", "trigger": with(json!({"file_arrival": {"url": "s3://x/"}}), "UNPAUSED")}),
            json!({"max_concurrent_runs": 1, "pause": {"trigger": "UNPAUSED"}}),
        ),
        (
            json!({"name": "periodic", "trigger": {
                "pause_status": "UNPAUSED", "periodic": {"interval": 1, "unit": "HOURS", "pause_status": "PAUSED"},
            }}),
            json!({"max_concurrent_runs": 1, "pause": {"trigger": "UNPAUSED", "trigger.periodic": "PAUSED"}}),
        ),
        (
            json!({"name": "several", "max_concurrent_runs": 3, "triggers": [
                {"schedule": cron, "pause_status": "PAUSED"},
                {"file_arrival": {"url": "s3://x/"}},
            ]}),
            json!({"max_concurrent_runs": 3, "pause": {"triggers.0": "PAUSED", "triggers.1": "UNPAUSED"}}),
        ),
    ]
}

#[test]
fn a_job_that_somebody_else_deploys_says_so() {
    let deployed_by = |kind: &str| job(json!({"name": "a", "deployment": {"kind": kind}}));
    assert_eq!(Jobs.left_to("1", &deployed_by("BUNDLE")), Some(LeftTo::Bundle));
    assert_eq!(Jobs.left_to("1", &deployed_by("SYSTEM_MANAGED")), Some(LeftTo::Databricks));
    assert_eq!(Jobs.left_to("1", &job(json!({"name": "a", "edit_mode": "UI_LOCKED"}))), None);
}

#[test]
fn what_a_workspace_adds_by_itself_is_no_difference() {
    let said =
        json!({"name": "a", "git_source": {"git_url": "x", "git_provider": "gitHub", "git_branch": "main"}});
    let mut told = said.clone();
    told["edit_mode"] = json!("EDITABLE");
    told["git_source"]["git_snapshot"] = json!({"used_commit": "4f2a"});
    assert_eq!(Jobs.canonical(&job(said), &keys), Jobs.canonical(&job(told), &keys));
}

#[test]
fn each_job_gets_its_own_back() {
    for (settings, activation) in triggered() {
        let active = job(settings);
        assert_eq!(Jobs.activation(&active, &nothing), Some(activation.clone()));
        let form = Jobs.canonical(&active, &keys).form;
        let passive = job(form.clone());
        assert!(super::super::is_passive(&Jobs, &passive), "{passive}");
        assert!(!form.to_string().contains("UNPAUSED"), "{form}");

        let mut released = settings_of(&passive);
        set(&mut released, &activation);
        assert_eq!(Jobs.activation(&job(Value::Object(released)), &nothing), Some(activation));
    }
}

#[test]
fn a_job_and_its_passive_copy_are_equal() {
    for (settings, _) in triggered() {
        let active = Jobs.canonical(&job(settings), &keys).form;
        let mut copy = active.clone();
        copy["tags"] = json!({"farshore_mark": "m"});
        copy["format"] = json!("MULTI_TASK");
        copy["email_notifications"] = json!({});
        copy["timeout_seconds"] = json!(0);
        assert_eq!(Jobs.canonical(&job(copy), &keys).form, active);
    }
}

#[test]
fn a_continuous_job_stays_one() {
    let form = Jobs.canonical(&job(json!({"continuous": {}})), &keys).form;
    assert_eq!(form["continuous"], json!({"pause_status": "PAUSED"}));
}

#[test]
fn the_order_of_tasks_does_not_matter_and_clusters_in_them_are_normalised() {
    let here = json!({"tasks": [
        {"task_key": "b", "run_if": "ALL_SUCCESS", "depends_on": [{"task_key": "a"}], "existing_cluster_id": "c"},
        {"task_key": "a", "for_each_task": {"task": {"task_key": "x", "timeout_seconds": 0,
            "new_cluster": {"instance_pool_id": "p", "node_type_id": "m5"}}}},
    ]});
    let there = json!({"tasks": [
        {"task_key": "a", "for_each_task": {"task": {"task_key": "x", "new_cluster": {"instance_pool_id": "p"}}}},
        {"task_key": "b", "depends_on": [{"task_key": "a"}], "existing_cluster_id": "c"},
    ]});
    assert_eq!(Jobs.canonical(&job(here), &keys), Jobs.canonical(&job(there), &keys));
}

#[test]
fn a_pause_state_does_not_make_half_a_trigger() {
    let mut settings = settings_of(&job(json!({"name": "its schedule was removed"})));
    set(&mut settings, &json!({"max_concurrent_runs": 2, "pause": {"schedule": "UNPAUSED"}}));
    assert_eq!(settings.get("schedule"), None);
    assert_eq!(settings.get("max_concurrent_runs"), Some(&json!(2)));
}
