use super::*;

fn notebook(key: &str, after: &[&str], more: Value) -> Value {
    let after: Vec<Value> = after.iter().map(|key| json!({"task_key": key})).collect();
    let mut task = json!({"task_key": key, "depends_on": after, "notebook_task": {"notebook_path": "/n"}});
    if let (Some(task), Value::Object(more)) = (task.as_object_mut(), more) {
        task.extend(more);
    }
    task
}

fn keys(run: &Value) -> Vec<&str> {
    run["tasks"].as_array().into_iter().flatten().filter_map(|task| task["task_key"].as_str()).collect()
}

#[tokio::test]
async fn only_the_tasks_that_a_call_names_run() -> Outcome {
    let bench = Bench::start().await?;
    let tasks = json!([
        notebook("a", &[], json!({})),
        notebook("b", &["a"], json!({})),
        notebook("c", &["b"], json!({}))
    ]);
    let job_id = bench.job("three", json!({"tasks": tasks})).await?;
    for (only, expected) in
        [(json!(["b"]), vec!["b"]), (json!(["+b"]), vec!["a", "b"]), (json!([]), vec!["a", "b", "c"])]
    {
        let run = bench.ended_run(job_id, json!({"only": only})).await?;
        assert_eq!((keys(&run), run["state"]["result_state"].as_str()), (expected, Some("SUCCESS")), "{run}");
        assert!(run.get("overriding_parameters").is_none(), "{run}");
    }
    let (status, body) =
        bench.post("/api/2.2/jobs/run-now", json!({"job_id": job_id, "only": ["z"]})).await?;
    assert_eq!((status, body["error_code"].as_str()), (400, Some("INVALID_PARAMETER_VALUE")), "{body}");
    Ok(())
}
