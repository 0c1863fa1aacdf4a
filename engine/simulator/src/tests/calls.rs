use super::*;

#[tokio::test]
async fn a_credential_is_needed_and_must_be_known() -> Outcome {
    let bench = Bench::start().await?;
    let url = bench.simulator.url() + "/api/2.0/preview/scim/v2/Me";
    let missing = bench.http.get(&url).send().await?;
    assert_eq!(missing.status(), 401);
    assert!(missing.headers().contains_key("x-databricks-org-id"));
    let wrong = bench.http.get(&url).bearer_auth("dapi-other").send().await?;
    assert_eq!(wrong.status(), 403);
    // The service really sends a number here, which broke one of its own clients.
    assert_eq!(wrong.json::<Value>().await?, json!({"error_code": 403, "message": "Invalid access token."}));
    assert_eq!(bench.get("/api/2.0/preview/scim/v2/Me").await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn errors_have_the_bodies_of_the_real_service() -> Outcome {
    let bench = Bench::start().await?;
    for (path, status, code) in [
        ("/api/2.2/jobs/get?job_id=1", 400, "INVALID_PARAMETER_VALUE"),
        ("/api/2.1/clusters/get?cluster_id=x", 400, "INVALID_PARAMETER_VALUE"),
        ("/api/2.2/jobs/runs/get?run_id=1", 400, "INVALID_PARAMETER_VALUE"),
        ("/api/2.0/instance-pools/get?instance_pool_id=x", 404, "RESOURCE_DOES_NOT_EXIST"),
        ("/api/2.0/policies/clusters/get?policy_id=x", 404, "RESOURCE_DOES_NOT_EXIST"),
        ("/api/2.0/workspace/list?path=/none", 404, "RESOURCE_DOES_NOT_EXIST"),
        ("/api/2.0/nothing", 404, "ENDPOINT_NOT_FOUND"),
        ("/api/2.2/jobs/create", 404, "ENDPOINT_NOT_FOUND"),
    ] {
        let (found, body) = bench.get(path).await?;
        assert_eq!((found, body["error_code"].as_str()), (status, Some(code)), "{path}: {body}");
    }
    let (status, body) = bench.get("/api/2.0/preview/scim/v2/Users/1").await?;
    assert_eq!((status, body["status"].as_str()), (404, Some("404")));
    Ok(())
}

#[tokio::test]
async fn settings_given_through_one_version_are_seen_through_all() -> Outcome {
    let bench = Bench::start().await?;
    let job_id = bench.job("one", json!({"odd_field": {"deep": [1, 2]}})).await?;
    for version in ["2.0", "2.1", "2.2"] {
        let (_, job) = bench.get(&format!("/api/{version}/jobs/get?job_id={job_id}")).await?;
        assert_eq!(job["settings"]["odd_field"], json!({"deep": [1, 2]}));
    }
    Ok(())
}

#[tokio::test]
async fn jobs_that_come_and_go_are_logged_without_ids() -> Outcome {
    let bench = Bench::start().await?;
    let control = bench.simulator.control();
    for _ in 0..2 {
        let job_id = bench.job("one", json!({})).await?;
        let same = json!({"job_id": job_id, "new_settings": {"max_concurrent_runs": 1}});
        assert_eq!(bench.post("/api/2.2/jobs/update", same).await?.0, 200);
        let other = json!({"job_id": job_id, "new_settings": {"max_concurrent_runs": 0}});
        bench.post("/api/2.2/jobs/update", other).await?;
        bench.post("/api/2.2/jobs/delete", json!({"job_id": job_id})).await?;
        assert_eq!(bench.post("/api/2.2/jobs/delete", json!({"job_id": job_id})).await?.0, 400);
    }
    let summaries: Vec<String> = control.changes().into_iter().map(|change| change.summary).collect();
    assert_eq!(summaries.len(), 6);
    assert_eq!(summaries[..3], summaries[3..]);
    assert_eq!(summaries[1], "update job \"one\": max_concurrent_runs=0, tasks=1");
    control.clear_changes();
    assert!(control.changes().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_pool_a_policy_and_a_cluster_hold_together() -> Outcome {
    let bench = Bench::start().await?;
    let pool = json!({"instance_pool_name": "p", "node_type_id": "i3.xlarge", "min_idle_instances": 3});
    let (_, pool) = bench.post("/api/2.0/instance-pools/create", pool).await?;
    let pool_id = pool["instance_pool_id"].clone();
    let rules = json!({"custom_tags.team": {"type": "fixed", "value": "x"}}).to_string();
    let (_, policy) =
        bench.post("/api/2.0/policies/clusters/create", json!({"name": "n", "definition": rules})).await?;
    pause(250).await;
    let cluster = json!({
        "spark_version": "16.4.x-scala2.12", "instance_pool_id": pool_id, "policy_id": policy["policy_id"],
        "num_workers": 1,
    });
    let (_, cluster) = bench.post("/api/2.1/clusters/create", cluster).await?;
    let path =
        format!("/api/2.1/clusters/get?cluster_id={}", cluster["cluster_id"].as_str().unwrap_or_default());
    let (_, shown) = bench.get(&path).await?;
    assert_eq!(
        (shown["state"].as_str(), shown["custom_tags"]["team"].as_str()),
        (Some("PENDING"), Some("x"))
    );
    let pool_path =
        format!("/api/2.0/instance-pools/get?instance_pool_id={}", pool_id.as_str().unwrap_or_default());
    let (_, stats) = bench.get(&pool_path).await?;
    assert_eq!((&stats["stats"]["used_count"], &stats["stats"]["idle_count"]), (&json!(2), &json!(1)));
    pause(300).await;
    let (_, stats) = bench.get(&pool_path).await?;
    assert_eq!(stats["stats"]["idle_count"], json!(3), "the pool fills up again");
    assert_eq!(bench.get(&path).await?.1["state"], json!("RUNNING"));
    Ok(())
}

#[tokio::test]
async fn a_full_pool_ends_the_start_of_a_cluster() -> Outcome {
    let bench = Bench::start().await?;
    let pool = json!({"instance_pool_name": "small", "node_type_id": "i3.xlarge", "max_capacity": 3});
    let (_, pool) = bench.post("/api/2.0/instance-pools/create", pool).await?;
    let mut states = Vec::new();
    for _ in 0..2 {
        let cluster = json!({
            "spark_version": "16.4.x-scala2.12", "instance_pool_id": pool["instance_pool_id"], "num_workers": 1,
        });
        let (_, cluster) = bench.post("/api/2.1/clusters/create", cluster).await?;
        pause(300).await;
        let path = format!(
            "/api/2.1/clusters/get?cluster_id={}",
            cluster["cluster_id"].as_str().unwrap_or_default()
        );
        states.push(bench.get(&path).await?.1["state"].clone());
    }
    assert_eq!(states, [json!("RUNNING"), json!("TERMINATED")]);
    Ok(())
}

#[tokio::test]
async fn job_clusters_appear_for_their_run_and_are_told_by_their_source() -> Outcome {
    let bench = Bench::start().await?;
    let settings = json!({
        "tags": {"simulated_run_ms": "400"},
        "tasks": [{
            "task_key": "t", "notebook_task": {"notebook_path": "/n"},
            "new_cluster": {"spark_version": "16.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1},
        }],
    });
    let job_id = bench.job("with cluster", settings).await?;
    let (_, run) = bench.post("/api/2.2/jobs/run-now", json!({"job_id": job_id})).await?;
    pause(100).await;
    let (_, run) = bench.get(&format!("/api/2.2/jobs/runs/get?run_id={}", run["run_id"])).await?;
    let (_, list) = bench.get("/api/2.1/clusters/list").await?;
    assert_eq!(list["clusters"][0]["cluster_source"], json!("JOB"));
    assert_eq!(list["clusters"][0]["cluster_id"], run["tasks"][0]["cluster_instance"]["cluster_id"]);
    pause(700).await;
    let (_, list) = bench.get("/api/2.1/clusters/list").await?;
    assert_eq!(list["clusters"][0]["state"], json!("TERMINATED"));
    Ok(())
}

#[tokio::test]
async fn a_run_wakes_the_cluster_that_it_names() -> Outcome {
    let bench = Bench::start().await?;
    let cluster = json!({"spark_version": "16.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 0});
    let (_, cluster) = bench.post("/api/2.1/clusters/create", cluster).await?;
    let cluster_id = cluster["cluster_id"].clone();
    bench.post("/api/2.1/clusters/delete", json!({"cluster_id": cluster_id})).await?;
    pause(250).await;
    let task = json!([{"task_key": "t", "existing_cluster_id": cluster_id, "notebook_task": {"notebook_path": "/n"}}]);
    let job_id = bench.job("on cluster", json!({"tasks": task})).await?;
    bench.post("/api/2.2/jobs/run-now", json!({"job_id": job_id})).await?;
    let path = format!("/api/2.1/clusters/get?cluster_id={}", cluster_id.as_str().unwrap_or_default());
    assert_eq!(bench.get(&path).await?.1["state"], json!("PENDING"));
    Ok(())
}
