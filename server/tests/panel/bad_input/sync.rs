//! What workspaces answer to a sync that they should not, and what they do not take.

use reqwest::{Method, StatusCode, multipart};
use serde_json::{Value, json};

use super::{NOTHING_LOST, assert_says, changes, demo_token, set_faults};
use crate::harness::{PRIMARY, Panel, SECONDARY};

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
