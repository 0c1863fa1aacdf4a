//! The product's main job: paired, copied, failed over with an approval while the primary region is dead, and
//! failed back.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{PRIMARY, Panel, SECONDARY, until};

/// What a job does where it is active: concurrency and pause states, by the job's name.
fn activity(jobs: &[Value]) -> Vec<(String, Value)> {
    let mut activity: Vec<_> = jobs
        .iter()
        .map(|job| {
            let settings = &job["settings"];
            let state = json!({
                "concurrency": settings.get("max_concurrent_runs").cloned().unwrap_or(json!(1)),
                "schedule": settings["schedule"]["pause_status"],
                "continuous": settings["continuous"]["pause_status"],
                "trigger": settings["trigger"]["pause_status"],
            });
            (settings["name"].as_str().unwrap_or_default().to_owned(), state)
        })
        .collect();
    activity.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.to_string().cmp(&b.1.to_string())));
    activity
}

fn assert_all_held(jobs: &[Value]) {
    for (name, state) in activity(jobs) {
        assert_eq!(state["concurrency"], 0, "{name}");
        for kind in ["schedule", "continuous", "trigger"] {
            assert!(state[kind].is_null() || state[kind] == "PAUSED", "{name}: {kind} is {}", state[kind]);
        }
    }
}

async fn min_idle(panel: &Panel, region: &str) -> Vec<(String, i64)> {
    let pools = panel.workspace(region, "/api/2.0/instance-pools/list").await;
    let mut pools: Vec<_> = pools["instance_pools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pool| {
            (
                pool["instance_pool_name"].as_str().unwrap().to_owned(),
                pool["min_idle_instances"].as_i64().unwrap_or(0),
            )
        })
        .collect();
    pools.sort();
    pools
}

async fn running_clusters(panel: &Panel, region: &str) -> Vec<String> {
    let clusters = panel.workspace(region, "/api/2.1/clusters/list?page_size=100").await;
    let mut names: Vec<_> = clusters["clusters"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|cluster| matches!(cluster["state"].as_str(), Some("RUNNING" | "PENDING")))
        .filter(|cluster| cluster["cluster_source"] != "JOB")
        .map(|cluster| cluster["cluster_name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

on_both_engines!(a_group_is_copied_failed_over_and_failed_back);

async fn a_group_is_copied_failed_over_and_failed_back(panel: Panel) {
    let group = panel.pair().await;

    // The first copy: planned, looked at, applied; then nothing is left to do.
    let planned = panel.start_sync(&group, false).await;
    let page = panel.wait_for_sync(&planned).await;
    assert_eq!(page["run"]["state"], "planned", "{page:#}");
    assert!(page["counts"]["create"].as_u64().unwrap() > 300, "{}", page["counts"]);
    panel
        .post("operator", &format!("/syncs/{planned}/apply"), json!({ "plan_hash": page["plan_hash"] }))
        .await;
    let page = panel.wait_for_sync(&planned).await;
    assert_eq!(page["run"]["state"], "completed", "{} {:#}", page["run"], page["failures"]);
    let page = panel.sync(&group).await;
    assert_eq!(page["run"]["state"], "completed", "{:#}", page["run"]);
    assert_eq!(page["run"]["total"], 0, "{:#}", page["items"]);

    // Nothing is in force on the passive side.
    let active_jobs = panel.jobs(PRIMARY).await;
    assert_eq!(panel.jobs(SECONDARY).await.len(), active_jobs.len());
    assert_all_held(&panel.jobs(SECONDARY).await);
    assert!(min_idle(&panel, SECONDARY).await.iter().all(|(_, idle)| *idle == 0));
    assert!(running_clusters(&panel, SECONDARY).await.is_empty());

    // A notebook and a job change: exactly these two are carried.
    panel.post("viewer", &format!("/demo/regions/{PRIMARY}/change"), Value::Null).await;
    let page = panel.sync(&group).await;
    let written = page["items"].as_array().unwrap().iter().filter(|item| item["action"] != "skip");
    let mut kinds: Vec<_> = written.map(|item| &item["object"]["kind"]).collect();
    kinds.sort_by_key(|kind| kind.to_string());
    assert_eq!(kinds, ["jobs", "notebooks"], "{:#}", page["items"]);
    assert_eq!(page["run"]["state"], "completed");

    let before = activity(&panel.jobs(PRIMARY).await);
    let pools_before = min_idle(&panel, PRIMARY).await;
    let clusters_before = running_clusters(&panel, PRIMARY).await;
    assert!(!clusters_before.is_empty(), "the demo has running clusters");

    // The region dies; the overview notices by itself.
    panel.post("viewer", &format!("/demo/regions/{PRIMARY}/down"), Value::Null).await;
    until("the overview notices", || async {
        let overview = panel.get("/overview").await;
        let regions = overview["groups"][0]["regions"].as_array().unwrap().clone();
        let primary = regions.into_iter().find(|region| region["region"] == PRIMARY).unwrap();
        (primary["workspaces"][0]["health"]["state"] == "unreachable").then_some(())
    })
    .await;

    // Requested by one, approved by another.
    let request = json!({
        "kind": "failover", "mode": "forced", "target_region": SECONDARY,
        "reason": "The region does not answer.", "confirm_name": "Production",
    });
    let run = panel.post("operator", &format!("/groups/{group}/runs"), request).await;
    let run = run["run"]["id"].as_str().unwrap().to_owned();
    let commands = format!("/runs/{run}/commands");
    let (status, _) = panel.call("operator", Method::POST, &commands, json!({ "command": "approve" })).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    panel.post("approver", &commands, json!({ "command": "approve", "comment": "Go." })).await;
    let page = panel.wait_for_run(&run, &["completed_with_exceptions", "completed", "failed"]).await;
    assert_eq!(page["run"]["state"], "completed_with_exceptions", "{page:#}");
    assert_eq!(page["fences"].as_array().unwrap().len(), 1);
    assert!(page["fences"][0]["closed_at"].is_null());

    // The passive region now does what the lost one did.
    let card = panel.get(&format!("/groups/{group}")).await["card"].clone();
    assert_eq!(card["group"]["active_region"], SECONDARY);
    assert_eq!(activity(&panel.jobs(SECONDARY).await), before);
    assert_eq!(min_idle(&panel, SECONDARY).await, pools_before);
    assert_eq!(running_clusters(&panel, SECONDARY).await, clusters_before);

    // No sync, and no failback while the fence is open.
    let (status, problem) =
        panel.call("operator", Method::POST, &format!("/groups/{group}/syncs"), json!({})).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem:#}");
    let failback =
        json!({ "kind": "failback", "reason": "The region is back.", "confirm_name": "Production" });
    let (status, problem) =
        panel.call("operator", Method::POST, &format!("/groups/{group}/runs"), failback.clone()).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem:#}");

    // The region returns; it is fenced before its scheduler starts.
    panel.post("viewer", &format!("/demo/regions/{PRIMARY}/up"), Value::Null).await;
    let page = until("the fence holds", || async {
        let page = panel.get(&format!("/runs/{run}")).await;
        (!page["fences"][0]["closed_at"].is_null()).then_some(page)
    })
    .await;
    assert_eq!(page["fences"][0]["report"]["started_runs"], json!([]), "{:#}", page["fences"]);
    assert_all_held(&panel.jobs(PRIMARY).await);

    // What changed meanwhile is carried back; then everything is as it was.
    panel.post("viewer", &format!("/demo/regions/{SECONDARY}/change"), Value::Null).await;
    let run = panel.post("operator", &format!("/groups/{group}/runs"), failback).await;
    let run = run["run"]["id"].as_str().unwrap().to_owned();
    panel.post("approver-2", &format!("/runs/{run}/commands"), json!({ "command": "approve" })).await;
    let page = panel.wait_for_run(&run, &["completed", "completed_with_exceptions", "failed"]).await;
    assert_eq!(page["run"]["state"], "completed", "{page:#}");
    let card = panel.get(&format!("/groups/{group}")).await["card"].clone();
    assert_eq!(card["group"]["active_region"], PRIMARY);
    assert!(card["group"]["suspension"].is_null());
    assert_eq!(activity(&panel.jobs(PRIMARY).await).len(), before.len());
    assert_eq!(min_idle(&panel, PRIMARY).await, pools_before);
    assert_eq!(running_clusters(&panel, PRIMARY).await, clusters_before);
    assert_all_held(&panel.jobs(SECONDARY).await);

    // The next sync takes the lists of the passive side's jobs out of force again; then nothing is left to do.
    let page = panel.sync(&group).await;
    assert_eq!(page["run"]["state"], "completed", "{:#}", page["run"]);
    let items = page["items"].as_array().unwrap();
    let written: Vec<_> = items.iter().filter(|item| item["action"] != "skip").collect();
    assert!(!written.is_empty());
    for item in written {
        assert_eq!(item["object"]["kind"], "permissions", "{item:#}");
        assert!(item["reason"].as_str().unwrap().contains("in force in secondary"), "{item:#}");
    }
    let page = panel.sync(&group).await;
    assert_eq!(page["run"]["state"], "completed", "{:#}", page["run"]);
    assert_eq!(page["run"]["total"], 0, "{:#}", page["items"]);
}
