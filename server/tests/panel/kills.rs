//! The panel, or the command that syncs without it, is killed: in the middle of a first copy, twice, at moments that a
//! printed seed decides, and in the middle of a failover. What is there afterwards equals what an undisturbed one leaves.

use std::{io::Write as _, time::Duration};

use farshore_simulator::{ChangeActor, Content, Effect, Fault};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    command_line::{CHANGED, NO_CHANGE, Pair},
    harness::{PRIMARY, Panel, SECONDARY},
};

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

#[allow(clippy::explicit_write, reason = "the harness keeps what is printed to itself unless a test fails")]
fn seed() -> u64 {
    let seed = std::env::var("FARSHORE_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from(std::process::id()));
    writeln!(std::io::stderr(), "FARSHORE_TEST_SEED={seed}").unwrap();
    seed
}

fn random(seed: u64, draw: u32) -> u64 {
    seed.wrapping_mul(6_364_136_223_846_793_005).rotate_left(11 * draw) >> 8
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
    for kill in 0..2 {
        tokio::time::sleep(Duration::from_millis(1_500 + random(seed, kill) % 2_000)).await;
        let page = panel.get(&format!("/syncs/{sync}")).await;
        assert_eq!(page["run"]["state"], "applying", "it is killed in the middle: {}", page["run"]);
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

/// Everything that was done to the target, in an order that does not depend on timing.
fn done_to_target(pair: &Pair) -> Vec<String> {
    let changes = pair.target.control().changes();
    let by_api = changes.into_iter().filter(|change| change.actor == ChangeActor::Api);
    // What a policy's definition is summed up as depends on ids, which are never the same.
    let told = |summary: String| summary.split(": definition ").next().unwrap_or_default().to_owned();
    let mut done: Vec<String> =
        by_api.map(|change| format!("{} {}", change.method, told(change.summary))).collect();
    done.sort();
    done
}

/// Some 900 objects of every kind, access control lists included.
#[tokio::test(flavor = "multi_thread")]
async fn a_sync_without_the_panel_that_is_killed_twice_makes_every_change_once() {
    let undisturbed = Pair::with(Content::Demo).await;
    let apply = undisturbed.run("apply", &[]).await;
    assert_eq!(apply.code, CHANGED, "{} {}", apply.out, apply.err);
    let expected = done_to_target(&undisturbed);

    let seed = seed();
    let pair = Pair::with(Content::Demo).await;
    let effect = Effect::Latency { ms: 40 };
    let slow = Fault { method: None, path_prefix: None, times: None, rate: None, effect };
    pair.target.control().set_faults(vec![slow]);
    for kill in 0..2 {
        let mut engine = pair.sync("apply").kill_on_drop(true).spawn().unwrap();
        // Not before it has begun to write.
        let before = pair.target.control().changes().len();
        while pair.target.control().changes().len() == before {
            assert!(engine.try_wait().unwrap().is_none(), "it was done before it was killed");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(Duration::from_millis(random(seed, kill) % 900)).await;
        engine.kill().await.unwrap();
    }
    assert!(done_to_target(&pair).len() < expected.len(), "it was killed in the middle");
    pair.target.control().set_faults(Vec::new());
    let rest = pair.run("apply", &[]).await;
    assert_eq!(rest.code, CHANGED, "{} {}", rest.out, rest.err);
    assert_eq!(done_to_target(&pair), expected);
    assert_eq!(pair.run("apply", &[]).await.code, NO_CHANGE);
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
