//! Each mistake gives a clear message that says what happened and that nothing was lost.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{PRIMARY, Panel, SECONDARY};

/// Tests a connection that is not to pass; returns the check that failed.
async fn failed_check(panel: &Panel, host: &str, token: &str) -> Value {
    let page = panel.post("admin", "/pairings", Value::Null).await;
    let id = page["pairing"]["id"].as_str().unwrap();
    let body = json!({ "version": 1, "side": "primary", "name": "Workspace", "host": host, "token": token });
    let page = panel.post("admin", &format!("/pairings/{id}/test"), body).await;
    let checks = page["pairing"]["primary"]["report"]["checks"].as_array().unwrap().clone();
    let failed = checks.into_iter().find(|check| check["state"] == "failed").expect("a check fails");
    assert!(!failed["detail"].as_str().unwrap().is_empty());
    assert!(!failed["remedy"].as_str().unwrap().is_empty());
    assert!(!page["pairing"].to_string().contains(token) || token.is_empty(), "the token came back");
    failed
}

async fn set_faults(panel: &Panel, region: &str, faults: Value) {
    panel.control(region, Method::PUT, "faults", faults).await;
}

#[tokio::test]
async fn a_connection_that_cannot_work_says_why() {
    let panel = Panel::start().await;
    let (host, token) = (panel.simulator_url(PRIMARY), format!("dapi-demo-{PRIMARY}"));

    // Nobody listens there.
    let check = failed_check(&panel, "http://127.0.0.1:9", &token).await;
    assert_eq!(check["name"], "reach", "{check}");
    // The token is refused.
    let check = failed_check(&panel, &host, "dapi-not-the-token").await;
    assert_eq!(check["name"], "credential", "{check}");
    // The host hangs.
    panel.post("viewer", &format!("/demo/regions/{PRIMARY}/down"), Value::Null).await;
    let check = failed_check(&panel, &host, &token).await;
    assert_eq!(check["name"], "reach", "{check}");
    panel.post("viewer", &format!("/demo/regions/{PRIMARY}/up"), Value::Null).await;
    // A login page instead of JSON.
    set_faults(&panel, PRIMARY, json!([{ "effect": { "kind": "login_page" } }])).await;
    let check = failed_check(&panel, &host, &token).await;
    assert!(check["detail"].as_str().unwrap().to_lowercase().contains("page"), "{check}");
    set_faults(&panel, PRIMARY, json!([])).await;
    // Not an address at all.
    let page = panel.post("admin", "/pairings", Value::Null).await;
    let id = page["pairing"]["id"].as_str().unwrap();
    let body = json!({ "version": 1, "side": "primary", "name": "W", "host": "not a host", "token": "t" });
    let (status, problem) = panel.call("admin", Method::POST, &format!("/pairings/{id}/test"), body).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["fields"][0][0], "host", "{problem}");
}

#[tokio::test]
async fn a_workspace_is_paired_with_another_one_and_once() {
    let panel = Panel::start().await;
    let page = panel.post("admin", "/pairings", Value::Null).await;
    let id = page["pairing"]["id"].as_str().unwrap().to_owned();
    let page = panel.test_side(&id, 1, "primary", PRIMARY).await;
    let body = json!({
        "version": page["pairing"]["version"], "side": "secondary", "name": "The same",
        "host": panel.simulator_url(PRIMARY), "token": format!("dapi-demo-{PRIMARY}"),
    });
    let (status, problem) = panel.call("admin", Method::POST, &format!("/pairings/{id}/test"), body).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert!(problem["what_happened"].as_str().unwrap().contains("one workspace"), "{problem}");

    panel.pair().await;
    let page = panel.post("admin", "/pairings", Value::Null).await;
    let id = page["pairing"]["id"].as_str().unwrap().to_owned();
    let body = json!({
        "version": 1, "side": "primary", "name": "Again",
        "host": panel.simulator_url(PRIMARY), "token": format!("dapi-demo-{PRIMARY}"),
    });
    let (status, problem) = panel.call("admin", Method::POST, &format!("/pairings/{id}/test"), body).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert!(problem["what_happened"].as_str().unwrap().contains("already in a pair"), "{problem}");
}

#[tokio::test]
async fn a_listing_that_fails_is_never_read_as_empty() {
    let panel = Panel::start().await;
    let group = panel.pair().await;
    // Not even the first copy is made unseen.
    let now = json!({ "is_applied_at_once": true });
    let (status, problem) =
        panel.call("operator", Method::POST, &format!("/groups/{group}/syncs"), now).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem}");
    assert_eq!(panel.first_copy(&group).await["run"]["state"], "completed");
    let before = panel.jobs(SECONDARY).await.len();
    let point = panel.get(&format!("/groups/{group}")).await["card"]["replication"]["point"].clone();

    for effect in [
        json!({ "kind": "truncate" }),
        json!({ "kind": "error", "status": 500, "error_code": "INTERNAL_ERROR", "message": "Try later." }),
        json!({ "kind": "login_page" }),
        json!({ "kind": "refuse" }),
    ] {
        set_faults(&panel, PRIMARY, json!([{ "path_prefix": "/api/2.2/jobs/list", "effect": effect }])).await;
        let page = panel.sync(&group).await;
        assert_eq!(page["run"]["state"], "failed", "{effect}: {:#}", page["run"]);
        assert!(page["run"]["plan_id"].is_null(), "{effect}: there is no plan");
        assert!(!page["run"]["message"].as_str().unwrap().is_empty());
        set_faults(&panel, PRIMARY, json!([])).await;
    }
    assert_eq!(panel.jobs(SECONDARY).await.len(), before);
    let after = panel.get(&format!("/groups/{group}")).await["card"]["replication"]["point"].clone();
    assert_eq!(after, point, "a failed run does not move the replication point");

    // A storm of refusals, with and without Retry-After, is waited out.
    let storm = json!([
        { "rate": 0.3, "effect": { "kind": "throttle", "retry_after_s": null } },
        { "times": 5, "effect": { "kind": "throttle", "retry_after_s": 1 } },
    ]);
    set_faults(&panel, PRIMARY, storm).await;
    let page = panel.sync(&group).await;
    assert_eq!(page["run"]["state"], "completed", "{:#}", page["run"]);
    assert_eq!(page["run"]["total"], 0, "{:#}", page["items"]);
}

#[tokio::test]
async fn two_admins_do_not_overwrite_one_another() {
    let panel = Panel::start().await;
    let group = panel.pair().await;
    let path = format!("/groups/{group}");
    let read = panel.get(&path).await["card"]["group"].clone();
    let edit = |name: &str| json!({ "version": read["version"], "name": name });
    panel.put("admin", &path, edit("First")).await;
    let (status, problem) = panel.call("admin", Method::PUT, &path, edit("Second")).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(problem["kind"], "stale", "{problem}");
    assert_eq!(panel.get(&path).await["card"]["group"]["name"], "First");
}

#[tokio::test]
async fn tokens_lie_encrypted_and_are_never_told() {
    let panel = Panel::start().await;
    let group = panel.pair().await;
    let token = format!("dapi-demo-{PRIMARY}");
    let database = panel.database();
    assert!(!database.is_empty());
    assert!(
        !database.windows(token.len()).any(|window| window == token.as_bytes()),
        "the token lies in the clear"
    );
    assert!(!panel.log().contains(&token), "the token is in the log");
    // A token that was typed for one host is not sent to another.
    let page = panel.post("admin", "/pairings", Value::Null).await;
    let id = page["pairing"]["id"].as_str().unwrap().to_owned();
    let typed = |version: i64, host: &str, token: &str| json!({ "version": version, "side": "primary", "name": "W", "host": host, "token": token });
    let path = format!("/pairings/{id}/test");
    panel.post("admin", &path, typed(1, "http://127.0.0.1:9", &token)).await;
    let (status, problem) =
        panel.call("admin", Method::POST, &path, typed(2, "http://127.0.0.1:10", "")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert_eq!(problem["fields"][0][0], "token", "{problem}");

    for path in [format!("/groups/{group}"), "/overview".to_owned(), "/session".to_owned()] {
        assert!(!panel.get(&path).await.to_string().contains(&token), "{path} tells the token");
    }
}
