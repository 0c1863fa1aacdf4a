//! Hosts that do not answer, or not to the end.

use std::time::{Duration, Instant};

use farshore_databricks::{ClientOptions, Credential, ErrorKind, WorkspaceClient};
use serde_json::json;
use tokio::{io::AsyncReadExt, net::TcpListener};

use crate::scripted::{Reply, Scripted, once};

fn impatient() -> ClientOptions {
    ClientOptions { request_timeout_ms: 300, ..once() }
}

fn client_of(address: &str, options: ClientOptions) -> WorkspaceClient {
    let _ = rustls::crypto::ring::default_provider().install_default();
    WorkspaceClient::new(address.parse().unwrap(), Credential::Token("t".into()), options).unwrap()
}

/// Takes every connection, reads what comes, and then closes it without a word.
async fn closes_without_an_answer() -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let _ = connection.read(&mut buffer).await;
        }
    });
    (address, server)
}

#[tokio::test]
async fn a_host_that_refuses_connections_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let client = client_of(&format!("http://127.0.0.1:{port}"), once());
    let error = client.create_job(&json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(error.message().contains("refused"), "{error}");
    assert!(!error.may_have_taken_effect(), "it never got there");
    assert!(error.is_retryable());
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_unreachable() {
    let client = client_of("https://no-such-workspace.invalid", once());
    let error = client.me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(error.remedy().contains("Check the address"), "{}", error.remedy());
}

#[tokio::test]
async fn a_host_that_hangs_costs_the_time_limit_and_no_more() {
    let server = Scripted::start(|_| Reply::Hang).await;
    let began_at = Instant::now();
    let error = server.client(impatient()).me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(began_at.elapsed() >= Duration::from_millis(300));
    assert!(began_at.elapsed() < Duration::from_secs(3));
    assert!(!error.may_have_taken_effect(), "reading changes nothing");

    let error = server.client(impatient()).create_cluster(&json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.may_have_taken_effect());
    assert_eq!(server.count("POST /api/2.1/clusters/create"), 1);
}

#[tokio::test]
async fn retries_of_a_host_that_hangs_end_with_their_budget() {
    let server = Scripted::start(|_| Reply::Hang).await;
    let options =
        ClientOptions { request_timeout_ms: 400, max_retry_wait_ms: 600, ..ClientOptions::default() };
    let began_at = Instant::now();
    let error = server.client(options).list_pools().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(began_at.elapsed() < Duration::from_secs(3), "{:?}", began_at.elapsed());
    assert!(server.count("GET /api/2.0/instance-pools/list") <= 2);
}

#[tokio::test]
async fn an_answer_that_stalls_is_timed_out() {
    let server = Scripted::start(|_| Reply::Stall(r#"{"jobs": ["#)).await;
    let error = server.client(impatient()).list_jobs().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(error.status(), Some(200));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_half_an_answer() {
    let server = Scripted::start(|_| Reply::BreakOff(r#"{"jobs": [{"job_id": 1}"#)).await;
    let client = server.client(once());
    let error = client.list_jobs().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HalfAnswer);
    assert!(error.remedy().contains("does not count as deleted"), "{}", error.remedy());

    let error = client.create_job(&json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HalfAnswer);
    assert!(error.may_have_taken_effect());
}

#[tokio::test]
async fn incomplete_json_is_half_an_answer() {
    for body in ["", "{", r#"{"jobs": [{"job_id": 1}, {"#, "null", "[]", "\"jobs\"", "{}}"] {
        let server = Scripted::start(move |_| Reply::text(200, "application/json", body)).await;
        let error = server.client(once()).list_jobs().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HalfAnswer, "{body:?}");
        assert_eq!(error.status(), Some(200));
    }
}

#[tokio::test]
async fn a_connection_that_is_closed_without_an_answer_leaves_a_create_unclear() {
    let (address, server) = closes_without_an_answer().await;
    let error = client_of(&address, once()).create_pool(&json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(error.may_have_taken_effect());
    server.abort();
}

#[tokio::test]
async fn without_a_usable_credential_there_is_no_client() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    for token in ["", "  \n", "dapi 123", "dapi\u{e9}"] {
        let host = "https://example.com".parse().unwrap();
        let error = WorkspaceClient::new(host, Credential::Token(token.into()), once()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{token:?}");
    }
}
