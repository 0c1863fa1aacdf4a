use super::*;

fn complete(settings: Map<String, Value>, version: u8) -> Result<Map<String, Value>, ApiError> {
    super::complete(&State::new(1, "us-east-1", 0), settings, &Map::new(), version)
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn refusal(value: Value) -> String {
    match complete(map(value), 2) {
        Ok(settings) => format!("accepted: {settings:?}"),
        Err(error) => error.body.to_string(),
    }
}

#[test]
fn unknown_fields_are_kept_and_defaults_added() -> Result<(), ApiError> {
    let settings = complete(
        map(
            json!({"name": "a", "not_known_yet": {"x": 1}, "tasks": [{"task_key": "t", "new": 2, "notebook_task": {"notebook_path": "/n"}}]}),
        ),
        2,
    )?;
    assert_eq!(settings.get("not_known_yet"), Some(&json!({"x": 1})));
    assert_eq!(settings.get("max_concurrent_runs"), Some(&json!(1)));
    assert_eq!(settings.get("queue"), Some(&json!({"enabled": true})));
    assert_eq!(settings.get("tasks").and_then(|tasks| tasks.get(0)?.get("new")), Some(&json!(2)));
    Ok(())
}

#[test]
fn what_the_service_refuses_is_refused() {
    for (settings, word) in [
        (json!({"max_concurrent_runs": 1001}), "between 0 and 1000"),
        (json!({"max_concurrent_runs": -1}), "between 0 and 1000"),
        (json!({"max_concurrent_runs": "x"}), "an integer"),
        (json!({"tasks": [{"task_key": "a"}, {"task_key": "a"}]}), "Duplicate task_key"),
        (json!({"tasks": [{}]}), "task_key"),
        (json!({"tasks": [{"task_key": "a", "depends_on": [{"task_key": "b"}]}]}), "not a task"),
        (
            json!({"tasks": [{"task_key": "a", "job_cluster_key": "c", "notebook_task": {"notebook_path": "/n"}}]}),
            "not defined",
        ),
        (json!({"schedule": {"quartz_cron_expression": "0 * * * *", "timezone_id": "UTC"}}), "cron"),
        (
            json!({"schedule": {"quartz_cron_expression": "0 0 0 * * ?", "timezone_id": "Nowhere"}}),
            "timezone",
        ),
        (json!({"schedule": {"timezone_id": "UTC"}}), "quartz_cron_expression"),
        (json!({"continuous": {"pause_status": "MAYBE"}}), "pause_status"),
        (json!({"continuous": {}, "trigger": {"periodic": {"interval": 1, "unit": "HOURS"}}}), "Only one"),
    ] {
        let message = refusal(settings.clone());
        assert!(message.contains(word), "{settings}: {message}");
    }
}

#[test]
fn an_update_merges_keyed_arrays_and_replaces_the_rest() -> Result<(), ApiError> {
    let old = map(json!({
        "tags": {"a": "1", "b": "2"},
        "schedule": {"quartz_cron_expression": "0 0 0 * * ?", "timezone_id": "UTC"},
        "tasks": [{"task_key": "x", "v": 1}, {"task_key": "y", "v": 1}, {"task_key": "z"}],
    }));
    let new =
        map(json!({"tags": {"c": "3"}, "tasks": [{"task_key": "y"}, {"task_key": "w"}], "continuous": {}}));
    let merged = merge(old, new, &["tasks/z".into(), "tags".into()])?;
    let expected = json!({
        "tasks": [{"task_key": "x", "v": 1}, {"task_key": "y"}, {"task_key": "w"}],
        "continuous": {},
    });
    assert_eq!(Value::Object(merged), expected);
    Ok(())
}

#[test]
fn a_single_task_of_api_2_0_becomes_one_task() -> Result<(), ApiError> {
    let settings =
        complete(map(json!({"existing_cluster_id": "c", "notebook_task": {"notebook_path": "/n"}})), 0)?;
    assert_eq!(
        settings.get("tasks").and_then(|tasks| tasks.get(0)?.get("existing_cluster_id")),
        Some(&json!("c"))
    );
    assert!(!settings.contains_key("notebook_task"));
    Ok(())
}

#[test]
fn tasks_that_cannot_be_are_refused() {
    let work = |more: Value| {
        let mut task = json!({"task_key": "a", "spark_jar_task": {"main_class_name": "x"}});
        if let (Some(task), Value::Object(more)) = (task.as_object_mut(), more) {
            task.extend(more);
        }
        task
    };
    let looped = |inner: Value| json!({"task_key": "a", "for_each_task": {"inputs": "[1]", "task": inner}});
    let after = |key: &str| json!([{"task_key": key}]);
    for (tasks, word) in [
        (json!([{"task_key": "a"}]), "exactly one type"),
        (json!([work(json!({"notebook_task": {"notebook_path": "/n"}}))]), "notebook_task, spark_jar_task"),
        (json!([work(json!({"task_key": "a b!"}))]), "Invalid task_key"),
        (json!([work(json!({"task_key": "a".repeat(101)}))]), "Invalid task_key"),
        (json!([{"task_key": "a", "notebook_task": {"notebook_path": "n"}}]), "Paths must begin with '/'"),
        (
            json!([looped(json!({"task_key": "b", "notebook_task": {"notebook_path": "n"}}))]),
            "begin with '/'",
        ),
        (json!([looped(looped(work(json!({}))))]), "another one inside"),
        (json!([{"task_key": "a", "for_each_task": {"task": work(json!({}))}}]), "inputs"),
        (json!([work(json!({"run_if": "FROB"}))]), "run_if"),
        (json!([work(json!({"environment_key": "e"}))]), "not defined in field 'environments'"),
        (json!([{"task_key": "a", "condition_task": {"left": "1", "right": "1"}}]), "needs an op"),
        (json!([work(json!({})), work(json!({"task_key": "b", "depends_on": after("z")}))]), "not a task"),
        (
            json!([
                work(json!({})),
                work(json!({"task_key": "b", "depends_on": [{"task_key": "a", "outcome": "true"}]}))
            ]),
            "not a condition",
        ),
        (
            json!([
                work(json!({"depends_on": after("b")})),
                work(json!({"task_key": "b", "depends_on": after("a")}))
            ]),
            "cycle",
        ),
    ] {
        let message = refusal(json!({"tasks": tasks}));
        assert!(message.contains(word) && !message.starts_with("accepted"), "{tasks}: {message}");
    }
    let of_tomorrow = json!({"tasks": [{"task_key": "a", "telepathy_task": {}}]});
    assert!(refusal(of_tomorrow).starts_with("accepted"), "a type that is not known yet");
}

#[test]
fn notebooks_come_from_git_when_the_job_does() -> Result<(), ApiError> {
    let git = json!({"git_url": "https://git.example/x", "git_provider": "gitHub", "git_branch": "main"});
    let notebook = |key: &str, notebook: Value| json!({"task_key": key, "notebook_task": notebook});
    let tasks = json!([
        notebook("a", json!({"notebook_path": "n"})),
        notebook("b", json!({"notebook_path": "/n", "source": "WORKSPACE"})),
    ]);
    let settings = complete(map(json!({"git_source": git, "tasks": tasks})), 2)?;
    let sources: Vec<&Value> = settings
        .get("tasks")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|task| task.get("notebook_task")?.get("source"))
        .collect();
    assert_eq!(sources, [&json!("GIT"), &json!("WORKSPACE")]);
    Ok(())
}
