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

fn results(run: &Value) -> Vec<&str> {
    let tasks = run["tasks"].as_array().into_iter().flatten();
    tasks.filter_map(|task| task["state"]["result_state"].as_str()).collect()
}

#[tokio::test]
async fn a_task_fails_that_does_not_find_what_it_needs() -> Outcome {
    let bench = Bench::start().await?;
    let notebook = |path: &str| json!({"notebook_path": path});
    let inner = json!({"task_key": "i", "notebook_task": notebook("/nope")});
    for (task, life, message) in [
        (json!({"notebook_task": notebook("/nope")}), "TERMINATED", "Notebook not found: /nope"),
        (json!({"notebook_task": notebook("/Shared")}), "TERMINATED", "Notebook not found: /Shared"),
        (
            json!({"for_each_task": {"inputs": "[1]", "task": inner}}),
            "TERMINATED",
            "Notebook not found: /nope",
        ),
        (
            json!({"spark_python_task": {"python_file": "dbfs:/nope.py"}}),
            "TERMINATED",
            "Cannot read the python file dbfs:/nope.py",
        ),
        (
            json!({"notebook_task": notebook("/n"), "existing_cluster_id": "0000-000000-gone"}),
            "INTERNAL_ERROR",
            "Cluster 0000-000000-gone does not exist",
        ),
    ] {
        let mut task = task;
        task["task_key"] = "t".into();
        let job_id = bench.job("wants", json!({"tasks": [task]})).await?;
        let run = bench.ended_run(job_id, json!({})).await?;
        let state = &run["state"];
        let found = (state["life_cycle_state"].as_str(), state["result_state"].as_str());
        assert_eq!(found, (Some(life), Some("FAILED")), "{run}");
        assert!(state["state_message"].as_str().is_some_and(|text| text.contains(message)), "{state}");
    }
    for file in ["s3://bucket/x.py", "dbfs:/Volumes/x.py", "dbfs:/mnt/x.py"] {
        let task = json!({"task_key": "t", "spark_python_task": {"python_file": file}});
        let job_id = bench.job("outside", json!({"tasks": [task]})).await?;
        assert_eq!(
            bench.ended_run(job_id, json!({})).await?["state"]["result_state"],
            json!("SUCCESS"),
            "{file}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_notebook_that_is_deleted_is_missed_by_the_next_run() -> Outcome {
    let bench = Bench::start().await?;
    let job_id = bench.job("j", json!({})).await?;
    assert_eq!(bench.ended_run(job_id, json!({})).await?["state"]["result_state"], json!("SUCCESS"));
    bench.post("/api/2.0/workspace/delete", json!({"path": "/n"})).await?;
    assert_eq!(bench.ended_run(job_id, json!({})).await?["state"]["result_state"], json!("FAILED"));
    Ok(())
}

#[tokio::test]
async fn tasks_are_disabled_tried_again_and_timed_out() -> Outcome {
    let bench = Bench::start().await?;
    let tasks = json!([notebook("a", &[], json!({"disabled": true})), notebook("b", &["a"], json!({}))]);
    let job_id = bench.job("disabled", json!({"tasks": tasks})).await?;
    let run = bench.ended_run(job_id, json!({})).await?;
    assert_eq!(
        (results(&run), run["state"]["result_state"].as_str()),
        (vec!["DISABLED", "SUCCESS"], Some("SUCCESS"))
    );

    let failing = json!({"notebook_path": "/n", "base_parameters": {"simulated_result": "FAILED"}});
    let task = notebook("a", &[], json!({"max_retries": 2, "notebook_task": failing}));
    let job_id = bench.job("retried", json!({"tasks": [task]})).await?;
    let run = bench.ended_run(job_id, json!({})).await?;
    assert_eq!((results(&run), &run["tasks"][0]["attempt_number"]), (vec!["FAILED"], &json!(2)), "{run}");

    let slow = json!({"notebook_path": "/n", "base_parameters": {"simulated_run_ms": "60000"}});
    let task = notebook("a", &[], json!({"timeout_seconds": 1, "max_retries": 1, "notebook_task": slow}));
    let job_id = bench.job("slow", json!({"tasks": [task]})).await?;
    let run = bench.ended_run(job_id, json!({})).await?;
    assert_eq!((results(&run), &run["tasks"][0]["attempt_number"]), (vec!["TIMEDOUT"], &json!(0)), "{run}");
    Ok(())
}

#[tokio::test]
async fn nothing_is_repaired_where_nothing_has_failed() -> Outcome {
    let bench = Bench::start().await?;
    let job_id = bench.job("j", json!({})).await?;
    let run = bench.ended_run(job_id, json!({})).await?;
    let repair = json!({"run_id": run["run_id"], "rerun_all_failed_tasks": true});
    let (status, answer) = bench.post("/api/2.2/jobs/runs/repair", repair).await?;
    assert!(status == 400 && answer["message"].to_string().contains("no failed task"), "{answer}");
    Ok(())
}
