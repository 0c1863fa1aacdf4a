//! Nobody gets past the door, and nobody does what their role may not, whatever the way in.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::harness::Panel;

/// Every operation of the API document, with ids that name nothing.
async fn operations(panel: &Panel) -> Vec<(Method, String)> {
    let document: Value =
        panel.http().get(panel.url("/api/openapi.json")).send().await.unwrap().json().await.unwrap();
    let nothing = "00000000-0000-0000-0000-000000000000";
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.trim_start_matches("/api/v1");
        let path =
            path.replace("{id}", nothing).replace("{kind}", "failover").replace("{region}", "us-east-1");
        for method in methods.as_object().unwrap().keys() {
            operations.push((method.to_uppercase().parse().unwrap(), path.clone()));
        }
    }
    assert!(operations.len() > 20, "{operations:?}");
    operations
}

#[tokio::test]
async fn without_a_session_nothing_is_answered() {
    let panel = Panel::start().await;
    for (method, path) in operations(&panel).await {
        let url = panel.url(&format!("/api/v1{path}"));
        for bearer in [None, Some("demo-nobody"), Some("something-else")] {
            let mut request = panel.http().request(method.clone(), &url).json(&json!({}));
            if let Some(bearer) = bearer {
                request = request.bearer_auth(bearer);
            }
            let status = request.send().await.unwrap().status();
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path} with {bearer:?}");
        }
    }
    // Pages lead to the sign-in page; server functions refuse.
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for path in ["/", "/approvals", "/audit", "/departments", "/pair"] {
        let answer = browser.get(panel.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        assert!(answer.headers()[header::LOCATION].to_str().unwrap().starts_with("/sign-in?next="), "{path}");
    }
    let answer = browser.get(panel.url("/events")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_viewer_changes_nothing_but_the_demo() {
    let panel = Panel::start().await;
    for (method, path) in operations(&panel).await {
        if method == Method::GET || path.starts_with("/demo/") {
            continue;
        }
        // Well-formed for every operation, so that it is the role that is refused and not the form.
        let body = json!({
            "version": 1, "name": "x", "group_name": "x", "side": "primary", "host": "http://127.0.0.1:9", "token": "t",
            "plan_hash": "x", "kind": "failover", "reason": "x", "confirm_name": "x", "command": "pause",
            "pair_id": uuid::Uuid::nil(), "object": { "kind": "jobs", "key": "x" },
            "settings": {}, "region_map": [], "address": "x",
        });
        let path = if method == Method::DELETE { format!("{path}?version=1") } else { path };
        let (status, problem) = panel.call("viewer", method.clone(), &path, body).await;
        // What does not exist may be said to be missing, as long as nothing is done.
        assert!(
            matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND),
            "{method} {path}: {status} {problem}"
        );
    }
    let audit = panel.call("admin", Method::GET, "/audit", Value::Null).await.1;
    let states: Vec<_> = audit["entries"].as_array().unwrap().iter().map(|entry| &entry["state"]).collect();
    assert!(
        states.iter().any(|state| *state == "denied"),
        "what was refused is in the audit list: {audit:#}"
    );
}

#[tokio::test]
async fn another_sites_page_cannot_act_for_a_person() {
    let panel = Panel::start().await;
    for headers in
        [[("origin", "http://evil.example")], [("sec-fetch-site", "cross-site")], [("origin", "null")]]
    {
        let mut request = panel.http().post(panel.url("/api/v1/pairings")).bearer_auth("demo-admin");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{headers:?}");
    }
    let own = panel.url("");
    let answer = panel
        .http()
        .post(panel.url("/api/v1/pairings"))
        .bearer_auth("demo-admin")
        .header("origin", own)
        .send()
        .await;
    assert!(answer.unwrap().status().is_success());
}

#[tokio::test]
async fn every_answer_of_the_api_is_in_its_own_shape() {
    let panel = Panel::start().await;
    let (status, problem) = panel.call("admin", Method::GET, "/no-such-thing", Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(problem["kind"], "not_found");
    let (status, problem) = panel.call("admin", Method::GET, "/groups/not-an-id", Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(problem["kind"], "not_found");
    let (status, problem) = panel.call("admin", Method::POST, "/departments", json!({ "nam": 1 })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["kind"], "invalid");
}

/// Runs the binary to its end.
fn farshore(arguments: &[&str], environment: &[(&str, &str)]) -> (bool, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_farshore"))
        .args(arguments)
        .env_remove("FARSHORE_KEY_FILE")
        .envs(environment.iter().copied())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_demo_only_listens_on_loopback() {
    let (is_ok, said) = farshore(&["serve", "--demo", "--listen", "0.0.0.0:0"], &[]);
    assert!(!is_ok);
    assert!(said.contains("loopback"), "{said}");
}

#[test]
fn the_server_refuses_to_start_without_a_key() {
    let (is_ok, said) = farshore(&["serve", "--listen", "127.0.0.1:0"], &[]);
    assert!(!is_ok);
    assert!(said.contains("FARSHORE_KEY_FILE"), "{said}");
    let (is_ok, said) =
        farshore(&["serve", "--listen", "127.0.0.1:0"], &[("FARSHORE_KEY_FILE", "/no/such/file")]);
    assert!(!is_ok);
    assert!(said.contains("/no/such/file"), "{said}");
}
