//! Each mistake gives a clear message that says what happened and that nothing was lost; and nothing is.

mod pairing;
mod sync;

use reqwest::{Method, StatusCode};
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
