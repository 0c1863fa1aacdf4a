//! The panel is killed: in the middle of a first copy, twice, at moments that a printed seed decides, and in the
//! middle of a failover. What is there afterwards equals what an undisturbed one leaves.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{PRIMARY, Panel, SECONDARY};

/// Names of everything in a workspace that creating twice would double, sorted.
async fn names(panel: &Panel, region: &str) -> Vec<String> {
    let mut names: Vec<String> =
        panel.jobs(region).await.iter().map(|job| format!("job {}", job["settings"]["name"])).collect();
    for (path, list, field) in [
        ("/api/2.1/clusters/list?page_size=100", "clusters", "cluster_name"),
        ("/api/2.0/instance-pools/list", "instance_pools", "instance_pool_name"),
        ("/api/2.0/policies/clusters/list", "policies", "name"),
    ] {
        let listed = panel.workspace(region, path).await;
        let objects = listed[list].as_array().cloned().unwrap_or_default();
        names.extend(
            objects
                .iter()
                .filter(|object| object["cluster_source"] != "JOB")
                .map(|object| format!("{list} {}", object[field])),
        );
    }
    names.sort();
    names
}

fn seed() -> u64 {
    let seed = std::env::var("FARSHORE_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from(std::process::id()));
    println!("FARSHORE_TEST_SEED={seed}");
    seed
}

#[tokio::test]
async fn a_copy_that_is_killed_twice_ends_as_one_that_is_not() {
    let seed = seed();
    let mut panel = Panel::start().await;
    let group = panel.pair().await;
    // Slow enough that the kills come in the middle.
    let slow = json!([{ "method": "POST", "effect": { "kind": "latency", "ms": 60 } }]);
    panel.control(SECONDARY, Method::PUT, "faults", slow).await;
    let sync = panel.start_first_copy(&group).await;
    for kill in 0..2u64 {
        let pause_ms =
            1_500 + (seed.wrapping_mul(6_364_136_223_846_793_005).rotate_left(11 * kill as u32) % 2_000);
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        panel.kill();
        panel.restart().await;
    }
    panel.control(SECONDARY, Method::PUT, "faults", json!([])).await;
    let page = panel.wait_for_sync(&sync).await;
    assert_eq!(page["run"]["state"], "completed", "{} {:#}", page["run"], page["failures"]);
    assert_eq!(names(&panel, SECONDARY).await, names(&panel, PRIMARY).await);
    let page = panel.sync(&group).await;
    assert_eq!(page["run"]["total"], 0, "{:#}", page["items"]);
}

on_both_engines!(a_failover_that_is_killed_goes_on);

async fn a_failover_that_is_killed_goes_on(mut panel: Panel) {
    let group = panel.pair().await;
    let page = panel.first_copy(&group).await;
    assert_eq!(page["run"]["state"], "completed", "{:#}", page["failures"]);
    panel.post("viewer", &format!("/demo/regions/{PRIMARY}/down"), Value::Null).await;
    let request = json!({
        "kind": "failover", "mode": "forced", "reason": "The region does not answer.", "confirm_name": "Production",
    });
    let run = panel.post("operator", &format!("/groups/{group}/runs"), request).await;
    let run = run["run"]["id"].as_str().unwrap().to_owned();
    panel.post("approver", &format!("/runs/{run}/commands"), json!({ "command": "approve" })).await;
    for pause_ms in [1_000, 4_000] {
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        panel.kill();
        panel.restart().await;
    }
    let page = panel.wait_for_run(&run, &["completed_with_exceptions", "completed", "failed"]).await;
    assert_eq!(page["run"]["state"], "completed_with_exceptions", "{page:#}");
    // The smoke job ran once, although the panel died around it.
    let runs = panel.control(SECONDARY, Method::GET, "runs", Value::Null).await;
    let runs = runs.as_array().or_else(|| runs["runs"].as_array()).cloned().unwrap_or_default();
    let smoke = runs
        .iter()
        .filter(|run| run["job_name"] == "dr-smoke-test" || run["name"] == "dr-smoke-test")
        .count();
    assert_eq!(smoke, 1, "{runs:#?}");
}
