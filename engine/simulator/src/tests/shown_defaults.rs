use super::*;

#[tokio::test]
async fn what_the_service_fills_in_is_shown() -> Outcome {
    let bench = Bench::start().await?;
    let spec = json!({"spark_version": "16.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1});
    let mut settings = spec.clone();
    settings["data_security_mode"] = "SINGLE_USER".into();
    settings["aws_attributes"] = json!({"first_on_demand": 1});
    let (_, made) = bench.post("/api/2.1/clusters/create", settings).await?;
    let get = |id: &Value| format!("/api/2.1/clusters/get?cluster_id={}", id.as_str().unwrap_or_default());
    let (_, cluster) = bench.get(&get(&made["cluster_id"])).await?;
    assert_eq!(cluster["single_user_name"], cluster["creator_user_name"]);
    let attributes = json!({"first_on_demand": 1, "availability": "SPOT_WITH_FALLBACK", "zone_id": "auto"});
    assert_eq!(cluster["aws_attributes"], attributes);
    assert_eq!(cluster["spec"]["aws_attributes"], json!({"first_on_demand": 1}), "as it was given");

    let task = json!({"task_key": "t", "notebook_task": {"notebook_path": "/n"}, "new_cluster": spec});
    let job_id = bench.job("named", json!({"tasks": [task]})).await?;
    let (_, job) = bench.get(&format!("/api/2.2/jobs/get?job_id={job_id}")).await?;
    let new_cluster = &job["settings"]["tasks"][0]["new_cluster"];
    assert_eq!(new_cluster["data_security_mode"], json!("SINGLE_USER"));
    assert_eq!(new_cluster["aws_attributes"]["availability"], json!("SPOT_WITH_FALLBACK"));
    let run = bench.ended_run(job_id, json!({})).await?;
    let (_, cluster) = bench.get(&get(&run["tasks"][0]["cluster_instance"]["cluster_id"])).await?;
    let tags = &cluster["default_tags"];
    assert_eq!((&tags["JobId"], &tags["RunName"]), (&json!(job_id.to_string()), &json!("named")));

    let pool = json!({"instance_pool_name": "p", "node_type_id": "i3.xlarge"});
    let (_, pool) = bench.post("/api/2.0/instance-pools/create", pool).await?;
    let id = pool["instance_pool_id"].as_str().unwrap_or_default();
    let (_, pool) = bench.get(&format!("/api/2.0/instance-pools/get?instance_pool_id={id}")).await?;
    assert_eq!(pool["aws_attributes"], json!({"availability": "SPOT", "zone_id": "us-east-1a"}));
    Ok(())
}

#[tokio::test]
async fn a_folder_of_sources_is_imported_from_its_own_export() -> Outcome {
    let bench = Bench::start().await?;
    bench.post("/api/2.0/workspace/mkdirs", json!({"path": "/Shared/a/deep"})).await?;
    bench.put_notebook("/Shared/a/deep/q").await?;
    let file = json!({"path": "/Shared/a/x.csv", "content": "MSwy", "format": "RAW"});
    assert_eq!(bench.post("/api/2.0/workspace/import", file).await?.0, 200);
    let (_, export) = bench.get("/api/2.0/workspace/export?path=/Shared/a&format=SOURCE").await?;
    let wish = json!({"path": "/Shared/b", "content": export["content"], "format": "SOURCE"});
    let (status, answer) = bench.post("/api/2.0/workspace/import", wish.clone()).await?;
    assert_eq!(status, 200, "{answer}");
    for (path, object_type) in
        [("/Shared/b", "DIRECTORY"), ("/Shared/b/deep/q", "NOTEBOOK"), ("/Shared/b/x.csv", "FILE")]
    {
        let (_, status) = bench.get(&format!("/api/2.0/workspace/get-status?path={path}")).await?;
        assert_eq!(status["object_type"], json!(object_type), "{path}: {status}");
    }
    assert_eq!(
        bench.post("/api/2.0/workspace/import", wish).await?.1["error_code"],
        json!("RESOURCE_ALREADY_EXISTS")
    );
    Ok(())
}

#[tokio::test]
async fn a_path_is_answered_as_it_was_asked_for() -> Outcome {
    let bench = Bench::start().await?;
    bench.put_notebook("/Shared/q").await?;
    for (asked, answered) in [
        ("/Shared/q", "/Shared/q"),
        ("/Workspace/Shared/q", "/Workspace/Shared/q"),
        ("/Shared//q", "/Shared/q"),
    ] {
        let (_, status) = bench.get(&format!("/api/2.0/workspace/get-status?path={asked}")).await?;
        assert_eq!(status["path"], json!(answered), "{status}");
    }
    Ok(())
}
