//! Mistakes in pairing two workspaces.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{NOTHING_LOST, assert_says, changes, demo_token, set_faults};
use crate::harness::{PRIMARY, Panel};

/// Tests a connection that is not to pass: the check of that name fails with these words, the token does not come
/// back, and neither workspace was changed.
async fn assert_connection_fails(panel: &Panel, host: &str, token: &str, name: &str, words: &[&str]) {
    let before = changes(panel).await;
    let page = panel.post("admin", "/pairings", Value::Null).await;
    let id = page["pairing"]["id"].as_str().unwrap();
    let body = json!({ "version": 1, "side": "primary", "name": "Workspace", "host": host, "token": token });
    let page = panel.post("admin", &format!("/pairings/{id}/test"), body).await;
    let checks = page["pairing"]["primary"]["report"]["checks"].as_array().unwrap();
    let failed = checks.iter().find(|check| check["state"] == "failed").expect("a check fails");
    assert_eq!(failed["name"], name, "{failed}");
    assert!(!failed["detail"].as_str().unwrap().is_empty());
    assert_says(&failed["remedy"], words);
    assert_says(&failed["remedy"], &[NOTHING_LOST]);
    assert!(!page["pairing"].to_string().contains(token), "the token came back");
    assert_eq!(changes(panel).await, before);
    // What did not pass its test is not paired.
    let settings = json!({ "version": page["pairing"]["version"], "group_name": "Never" });
    panel.put("admin", &format!("/pairings/{id}/settings"), settings).await;
    let (status, problem) =
        panel.call("admin", Method::POST, &format!("/pairings/{id}/finish"), Value::Null).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert_says(&problem["what_happened"], &["has not passed its test"]);
}

#[tokio::test]
async fn a_wrong_host_is_told() {
    let panel = Panel::start().await;
    let token = demo_token(PRIMARY);
    // Nobody listens there.
    let words = ["could not be reached", "Check the address"];
    assert_connection_fails(&panel, "http://127.0.0.1:9", &token, "reach", &words).await;
    // Somebody else does: the panel itself.
    let words = ["Something else than a Databricks workspace", "Check the address"];
    assert_connection_fails(&panel, &panel.url(""), &token, "credential", &words).await;
    // It is no address at all: the field is named, and what was there before stays.
    let page = panel.post("admin", "/pairings", Value::Null).await;
    let id = page["pairing"]["id"].as_str().unwrap();
    let body = json!({ "version": 1, "side": "primary", "name": "W", "host": "not a host", "token": "t" });
    let (status, problem) = panel.call("admin", Method::POST, &format!("/pairings/{id}/test"), body).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["fields"][0][0], "host", "{problem}");
    assert_says(&problem["not_lost"], &["Nothing was changed."]);
}

#[tokio::test]
async fn a_refused_token_is_told() {
    let panel = Panel::start().await;
    let words = ["refused the credential", "make a new one"];
    let host = panel.simulator_url(PRIMARY);
    assert_connection_fails(&panel, &host, "dapi-not-the-token", "credential", &words).await;
}

#[tokio::test]
async fn a_host_that_hangs_is_told() {
    let panel = Panel::start().await;
    panel.post("viewer", &format!("/demo/regions/{PRIMARY}/down"), Value::Null).await;
    let words = ["did not answer in time", "may be down"];
    assert_connection_fails(&panel, &panel.simulator_url(PRIMARY), &demo_token(PRIMARY), "reach", &words)
        .await;
}

#[tokio::test]
async fn a_login_page_instead_of_json_is_told() {
    let panel = Panel::start().await;
    set_faults(&panel, PRIMARY, json!([{ "effect": { "kind": "login_page" } }])).await;
    let words = ["Something else than a Databricks workspace", "page", "private link"];
    assert_connection_fails(
        &panel,
        &panel.simulator_url(PRIMARY),
        &demo_token(PRIMARY),
        "credential",
        &words,
    )
    .await;
}

/// Tests one side of a pairing that can never be; it is refused with these words, and nothing is changed.
async fn assert_no_pair(panel: &Panel, body: Value, pairing: &str, words: &[&str]) {
    let before = changes(panel).await;
    let groups = panel.get("/overview").await["groups"].as_array().unwrap().len();
    let (status, problem) =
        panel.call("admin", Method::POST, &format!("/pairings/{pairing}/test"), body).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert_says(&problem["what_happened"], words);
    assert_says(&problem["not_lost"], &["What you typed is kept", "no workspace was changed"]);
    assert_says(&problem["what_to_do"], &["another workspace"]);
    let (status, _) =
        panel.call("admin", Method::POST, &format!("/pairings/{pairing}/finish"), Value::Null).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(changes(panel).await, before);
    assert_eq!(panel.get("/overview").await["groups"].as_array().unwrap().len(), groups);
}

#[tokio::test]
async fn a_workspace_is_not_paired_with_itself() {
    let panel = Panel::start().await;
    let page = panel.post("admin", "/pairings", Value::Null).await;
    let id = page["pairing"]["id"].as_str().unwrap().to_owned();
    let page = panel.test_side(&id, 1, "primary", PRIMARY).await;
    let body = json!({
        "version": page["pairing"]["version"], "side": "secondary", "name": "The same",
        "host": panel.simulator_url(PRIMARY), "token": demo_token(PRIMARY),
    });
    assert_no_pair(&panel, body, &id, &["Both addresses lead to one workspace"]).await;
}

#[tokio::test]
async fn a_workspace_is_not_paired_twice() {
    let panel = Panel::start().await;
    panel.pair().await;
    let page = panel.post("admin", "/pairings", Value::Null).await;
    let id = page["pairing"]["id"].as_str().unwrap().to_owned();
    let body = json!({
        "version": 1, "side": "primary", "name": "Again",
        "host": panel.simulator_url(PRIMARY), "token": demo_token(PRIMARY),
    });
    assert_no_pair(&panel, body, &id, &["already in a pair"]).await;
}
