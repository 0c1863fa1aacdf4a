//! Each mistake gives a clear message that says what happened and that nothing was lost; and nothing is.

use reqwest::{Method, StatusCode, multipart};
use serde_json::{Value, json};

use crate::harness::{PRIMARY, Panel, SECONDARY};

const NOTHING_LOST: &str = "Nothing was changed and nothing was lost.";

fn demo_token(region: &str) -> String {
    format!("dapi-demo-{region}")
}

async fn set_faults(panel: &Panel, region: &str, faults: Value) {
    panel.control(region, Method::PUT, "faults", faults).await;
}

/// Every changing call that either workspace has seen. What a mistake may not add to.
async fn changes(panel: &Panel) -> [Vec<String>; 2] {
    [panel.changes(PRIMARY).await, panel.changes(SECONDARY).await]
}

#[track_caller]
fn assert_says(text: &Value, words: &[&str]) {
    let text = text.as_str().unwrap_or_default();
    for word in words {
        assert!(text.contains(word), "{word:?} is not in {text:?}");
    }
}

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

/// A panel whose first copy is complete.
async fn replicated() -> (Panel, String) {
    let panel = Panel::start().await;
    let group = panel.pair().await;
    let page = panel.first_copy(&group).await;
    assert_eq!(page["run"]["state"], "completed", "{} {:#}", page["run"], page["failures"]);
    (panel, group)
}

async fn replication_point(panel: &Panel, group: &str) -> Value {
    panel.get(&format!("/groups/{group}")).await["card"]["replication"]["point"].clone()
}

/// A sync during which the primary's jobs cannot be listed: there is no plan, nothing is written to either side,
/// the replication point stays, and the next sync finds everything as it was.
async fn assert_listing_fails(panel: &Panel, group: &str, effect: Value, words: &[&str]) {
    let (before, point) = (changes(panel).await, replication_point(panel, group).await);
    set_faults(panel, PRIMARY, json!([{ "path_prefix": "/api/2.2/jobs/list", "effect": effect }])).await;
    let page = panel.sync(group).await;
    set_faults(panel, PRIMARY, json!([])).await;
    assert_eq!(page["run"]["state"], "failed", "{effect}: {:#}", page["run"]);
    assert!(page["run"]["plan_id"].is_null(), "{effect}: there is no plan");
    assert_says(
        &page["run"]["message"],
        &["jobs of the primary workspace could not be listed", "nothing counts as deleted"],
    );
    assert_says(&page["run"]["message"], words);
    let page = panel.sync(group).await;
    assert_eq!(page["run"]["state"], "completed", "{effect}: {:#}", page["run"]);
    assert_eq!(page["run"]["total"], 0, "{effect}: {:#}", page["items"]);
    assert_eq!(changes(panel).await, before, "{effect}");
    // Only the complete one has moved it.
    assert!(replication_point(panel, group).await.as_i64() > point.as_i64(), "{effect}");
}

#[tokio::test]
async fn a_half_answered_list_is_never_read_as_empty() {
    let (panel, group) = replicated().await;
    assert_listing_fails(&panel, &group, json!({ "kind": "truncate" }), &["incomplete", "Try again"]).await;
}

#[tokio::test]
async fn a_list_that_is_refused_is_never_read_as_empty() {
    let (panel, group) = replicated().await;
    // A token that was revoked, one that lost its rights, and a page of somebody in between.
    let refused = |status: u16, code: &str| json!({ "kind": "error", "status": status, "error_code": code, "message": "No." });
    for (effect, words) in [
        (refused(401, "UNAUTHENTICATED"), ["refused the credential", "enter it again"]),
        (refused(403, "PERMISSION_DENIED"), ["may not call", "missing permission"]),
        (
            json!({ "kind": "login_page" }),
            ["Something else than a Databricks workspace", "Check the address"],
        ),
    ] {
        assert_listing_fails(&panel, &group, effect, &words).await;
    }
}

#[tokio::test]
async fn a_list_that_hangs_is_never_read_as_empty() {
    let (panel, group) = replicated().await;
    assert_listing_fails(
        &panel,
        &group,
        json!({ "kind": "hang" }),
        &["did not answer in time", "may be down"],
    )
    .await;
}

#[tokio::test]
async fn a_storm_of_429s_is_waited_out_or_told() {
    let (panel, group) = replicated().await;
    let before = changes(&panel).await;
    // With and without Retry-After: waited out.
    let storm = json!([
        { "rate": 0.3, "effect": { "kind": "throttle", "retry_after_s": null } },
        { "times": 5, "effect": { "kind": "throttle", "retry_after_s": 1 } },
    ]);
    set_faults(&panel, PRIMARY, storm).await;
    let page = panel.sync(&group).await;
    assert_eq!(page["run"]["state"], "completed", "{:#}", page["run"]);
    assert_eq!(page["run"]["total"], 0, "{:#}", page["items"]);
    assert_eq!(changes(&panel).await, before);
    // One that does not end is told.
    let throttled = json!({ "kind": "throttle", "retry_after_s": null });
    assert_listing_fails(&panel, &group, throttled, &["throttling", "Wait a few minutes"]).await;
}

#[tokio::test]
async fn the_first_copy_is_not_made_unseen() {
    let panel = Panel::start().await;
    let group = panel.pair().await;
    let now = json!({ "is_applied_at_once": true });
    let (status, problem) =
        panel.call("operator", Method::POST, &format!("/groups/{group}/syncs"), now).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem}");
    assert_says(&problem["what_happened"], &["first copy is not made unseen"]);
    assert_says(&problem["not_lost"], &["Nothing was changed."]);
}

/// Puts a notebook there as a person's import does: multipart, which alone takes more than 10 MB.
async fn import_notebook(panel: &Panel, path: &str, source: Vec<u8>) {
    let form = multipart::Form::new()
        .text("path", path.to_owned())
        .text("format", "SOURCE")
        .text("language", "PYTHON")
        .part("content", multipart::Part::bytes(source).file_name("content"));
    let url = format!("{}/api/2.0/workspace/import", panel.simulator_url(PRIMARY));
    let request = panel.http().post(url).bearer_auth(demo_token(PRIMARY)).multipart(form);
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

async fn notebook_source(panel: &Panel, region: &str, path: &str) -> Vec<u8> {
    let url = format!("{}/api/2.0/workspace/export", panel.simulator_url(region));
    let query = [("path", path), ("format", "SOURCE"), ("direct_download", "true")];
    let request = panel.http().get(url).query(&query).bearer_auth(demo_token(region));
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    answer.bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn a_notebook_of_12_mb_is_told_or_carried_and_stops_nothing() {
    let (panel, group) = replicated().await;
    let (before, point) = (panel.changes(SECONDARY).await, replication_point(&panel, &group).await);
    const HUGE: &str = "/Shared/huge";
    import_notebook(&panel, HUGE, vec![b'#'; 12 * 1024 * 1024]).await;
    let policy = json!({ "name": "Beside it", "definition": "{}" });
    let url = format!("{}/api/2.0/policies/clusters/create", panel.simulator_url(PRIMARY));
    let created = panel.http().post(url).bearer_auth(demo_token(PRIMARY)).json(&policy).send().await;
    assert!(created.unwrap().status().is_success());

    // A workspace that does not take it: told, on it alone.
    let too_large = json!({
        "kind": "error", "status": 400, "error_code": "MAX_NOTEBOOK_SIZE_EXCEEDED",
        "message": "The size of the content to import exceeded the maximum.",
    });
    let refusal = json!([{ "path_prefix": "/api/2.0/workspace/import", "effect": too_large }]);
    set_faults(&panel, SECONDARY, refusal).await;
    let page = panel.sync(&group).await;
    assert_eq!(page["run"]["state"], "completed_with_failures", "{:#}", page["run"]);
    // Both with their access control lists; the notebook's has to wait for it.
    assert_eq!((&page["run"]["total"], &page["run"]["failed"]), (&json!(4), &json!(1)), "{:#}", page["run"]);
    assert_eq!(page["failures"][0]["examples"], json!([HUGE]), "{:#}", page["failures"]);
    assert_says(
        &page["failures"][0]["remedy"],
        &["larger than the workspace accepts", NOTHING_LOST, "split the notebook"],
    );
    assert_says(&page["run"]["message"], &["the replication point stays where it was"]);
    assert_eq!(replication_point(&panel, &group).await, point);
    let after = panel.changes(SECONDARY).await;
    let added = after.strip_prefix(before.as_slice()).expect("what was there is as it was");
    let is_beside =
        |change: &String| change.contains("policies/clusters/create") || change.contains("permissions/");
    assert!(added.iter().all(is_beside), "only the policy beside it came: {added:#?}");
    assert!(!added.is_empty());

    // One that does.
    set_faults(&panel, SECONDARY, json!([])).await;
    let page = panel.sync(&group).await;
    assert_eq!(page["run"]["state"], "completed", "{:#}", page["failures"]);
    assert_eq!(page["run"]["total"], 2, "{:#}", page["items"]);
    let (here, there) =
        (notebook_source(&panel, PRIMARY, HUGE).await, notebook_source(&panel, SECONDARY, HUGE).await);
    assert!(here.len() >= 12 * 1024 * 1024 && here == there, "{} and {} bytes", here.len(), there.len());
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
    assert_says(&problem["what_happened"], &["Somebody else changed this"]);
    assert_says(&problem["not_lost"], &["Their change is kept", "still in the form"]);
    let kept = panel.get(&path).await["card"]["group"].clone();
    assert_eq!(kept["name"], "First");
    assert_eq!(kept["active_region"], read["active_region"], "nothing else has changed");
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
