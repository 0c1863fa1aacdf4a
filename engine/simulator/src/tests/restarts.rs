use std::time::Instant;

use super::*;
use crate::StartError;

#[tokio::test]
async fn the_whole_state_comes_back() -> Outcome {
    let folder = tempfile::tempdir()?;
    let with_file = || SimulatorConfig { state_file: Some(folder.path().join("a/state.json")), ..config() };
    let bench = Bench::with(with_file()).await?;
    let cluster = json!({"spark_version": "16.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 0});
    let (_, cluster) = bench.post("/api/2.1/clusters/create", cluster).await?;
    let job_id = bench.job("kept", json!({})).await?;
    bench.put_notebook("/Shared/n").await?;
    bench.simulator.control().advance_clock(60_000);
    pause(200).await;
    let changes = bench.simulator.control().changes();
    bench.simulator.stop().await;

    let bench = Bench::with(with_file()).await?;
    assert_eq!(bench.simulator.control().changes(), changes);
    let (_, job) = bench.get(&format!("/api/2.2/jobs/get?job_id={job_id}")).await?;
    assert_eq!(job["settings"]["name"], json!("kept"));
    let path =
        format!("/api/2.1/clusters/get?cluster_id={}", cluster["cluster_id"].as_str().unwrap_or_default());
    assert_eq!(bench.get(&path).await?.1["state"], json!("RUNNING"));
    let (_, export) = bench.get("/api/2.0/workspace/export?path=/Shared/n").await?;
    assert!(export["content"].as_str().is_some_and(|content| !content.is_empty()));
    assert_ne!(bench.job("new", json!({})).await?, job_id);
    Ok(())
}

#[tokio::test]
async fn changes_reach_the_file_soon_and_whole() -> Outcome {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("state.json");
    let bench = Bench::with(SimulatorConfig { state_file: Some(file.clone()), ..config() }).await?;
    bench.job("kept", json!({})).await?;
    eventually("the job is in the file", || {
        std::fs::read_to_string(&file)
            .is_ok_and(|text| serde_json::from_str::<Value>(&text).is_ok() && text.contains("\"kept\""))
    })
    .await
}

#[tokio::test]
async fn an_outage_outlives_a_restart() -> Outcome {
    let folder = tempfile::tempdir()?;
    let with_file = || SimulatorConfig { state_file: Some(folder.path().join("state.json")), ..config() };
    let bench = Bench::with(with_file()).await?;
    bench.simulator.control().set_down();
    bench.simulator.stop().await;
    let bench = Bench::with(with_file()).await?;
    assert!(bench.get("/api/2.2/jobs/list").await.is_err_and(|error| error.is_timeout()));
    bench.simulator.control().set_up(0);
    assert_eq!(bench.get("/api/2.2/jobs/list").await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn a_corrupt_file_is_one_clear_error_and_left_alone() -> Outcome {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("state.json");
    std::fs::write(&file, "{\"org_id\": 1")?;
    let refused = start(SimulatorConfig { state_file: Some(file.clone()), ..config() }).await;
    let Err(StartError::StateFile(error)) = refused else { return Err("it started".into()) };
    assert!(error.to_string().contains("is corrupt"), "{error}");
    assert_eq!(std::fs::read_to_string(&file)?, "{\"org_id\": 1");
    Ok(())
}

#[tokio::test]
async fn a_taken_port_is_one_clear_error() -> Outcome {
    let bench = Bench::start().await?;
    let refused = start(SimulatorConfig { listen: bench.simulator.address(), ..config() }).await;
    let Err(error) = refused else { return Err("it started".into()) };
    assert!(error.to_string().contains("cannot listen on"), "{error}");
    Ok(())
}

#[tokio::test]
async fn stopping_does_not_wait_for_calls_that_hang() -> Outcome {
    let bench = Bench::start().await?;
    bench.simulator.control().set_down();
    let Bench { simulator, http } = bench;
    let url = simulator.url() + "/api/2.2/jobs/list";
    let call = tokio::spawn(async move { http.get(url).send().await });
    pause(100).await;
    let started = Instant::now();
    simulator.stop().await;
    assert!(started.elapsed() < Duration::from_secs(1));
    assert!(call.await?.is_err());
    Ok(())
}
