//! The machine-to-machine sign-in, and what becomes of its token.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use farshore_databricks::{ClientOptions, Credential, ErrorKind};
use futures::future::join_all;
use serde_json::json;

use crate::scripted::{Asked, Reply, Scripted, once};

const DISCOVERY: &str = "GET /oidc/.well-known/oauth-authorization-server";
const ISSUE: &str = "POST /oidc/v1/token";
const SECRET: &str = "dose0123456789abcdef";

fn service_principal() -> Credential {
    Credential::ClientSecret { client_id: "app-id".to_owned(), client_secret: format!(" {SECRET}\n").into() }
}

/// Gives out `issued-1`, `issued-2`, … and lets each of them in, except those that `is_refused` names.
async fn workspace(lifetime_s: u64, is_refused: fn(&str) -> bool) -> Scripted {
    Scripted::start(move |asked: &Asked| match asked.what.as_str() {
        DISCOVERY => {
            let endpoint = format!("http://{}/oidc/v1/token", asked.headers["host"]);
            Reply::json(json!({"token_endpoint": endpoint, "issuer": "x"}))
        }
        ISSUE => {
            let expected = format!("Basic {}", STANDARD.encode(format!("app-id:{SECRET}")));
            assert_eq!(asked.headers["authorization"], expected);
            assert_eq!(asked.body, b"grant_type=client_credentials&scope=all-apis");
            let token = format!("issued-{}", asked.earlier + 1);
            Reply::json(json!({"access_token": token, "token_type": "Bearer", "expires_in": lifetime_s}))
        }
        _ => {
            let token = asked.headers["authorization"].strip_prefix("Bearer ").unwrap();
            if is_refused(token) {
                Reply::error(401, "UNAUTHENTICATED", "the token was revoked")
            } else {
                Reply::json(json!({"userName": token}))
            }
        }
    })
    .await
}

#[tokio::test]
async fn one_token_serves_many_calls() {
    let server = workspace(3_600, |_| false).await;
    let client = server.client_with(service_principal(), once());
    let users = join_all((0..10).map(|_| client.me())).await;
    assert!(users.into_iter().all(|me| me.unwrap().user_name == "issued-1"));
    assert_eq!((server.count(DISCOVERY), server.count(ISSUE)), (1, 1));
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires() {
    let server = workspace(2, |_| false).await;
    let client = server.client_with(service_principal(), once());
    assert_eq!(client.me().await.unwrap().user_name, "issued-1");
    tokio::time::sleep(Duration::from_millis(1_850)).await;
    assert_eq!(client.me().await.unwrap().user_name, "issued-2");
}

#[tokio::test]
async fn while_it_is_valid_a_token_outlives_a_failed_renewal() {
    let server = Scripted::start(|asked| match asked.what.as_str() {
        DISCOVERY => Reply::text(404, "text/plain", ""),
        ISSUE if asked.earlier == 0 => Reply::json(json!({"access_token": "issued-1", "expires_in": 20})),
        ISSUE => Reply::error(500, "INTERNAL_ERROR", "oops"),
        _ => Reply::json(json!({"userName": asked.headers["authorization"]})),
    })
    .await;
    let client = server.client_with(service_principal(), once());
    client.me().await.unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(19)).await;
    tokio::time::resume();
    assert_eq!(client.me().await.unwrap().user_name, "Bearer issued-1");
    assert_eq!(server.count(ISSUE), 2);
}

#[tokio::test]
async fn a_revoked_token_is_replaced_once_even_for_a_create() {
    let server = workspace(3_600, |token| token == "issued-1").await;
    let client = server.client_with(service_principal(), once());
    assert_eq!(client.me().await.unwrap().user_name, "issued-2");

    let server = workspace(3_600, |_| true).await;
    let client = server.client_with(service_principal(), once());
    let error = client.create_job(&json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert_eq!(server.count("POST /api/2.2/jobs/create"), 2);
}

#[tokio::test]
async fn a_wrong_client_secret_is_unauthenticated() {
    let server = Scripted::start(|asked| match asked.what.as_str() {
        DISCOVERY => Reply::text(404, "text/plain", ""),
        _ => Reply::status(
            401,
            json!({"error": "invalid_client", "error_description": "Client authentication failed"}),
        ),
    })
    .await;
    let error = server.client_with(service_principal(), once()).me().await.unwrap_err();
    assert_eq!((error.kind(), error.endpoint()), (ErrorKind::Unauthenticated, "oidc/v1/token"));
    assert_eq!(error.message(), "Client authentication failed");
}

#[tokio::test]
async fn a_host_that_fails_while_we_sign_in_fails_the_call() {
    let server = Scripted::start(|_| Reply::Hang).await;
    let options = ClientOptions { request_timeout_ms: 200, ..once() };
    let error = server.client_with(service_principal(), options).create_job(&json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(!error.may_have_taken_effect(), "the create was never sent");
}

#[tokio::test]
async fn the_client_secret_is_not_sent_anywhere_in_the_clear() {
    let thief = Scripted::start(|_| Reply::json(json!({"access_token": "x"}))).await;
    let endpoint = format!("{}/oidc/v1/token", thief.address);
    let server = Scripted::start(move |_| Reply::json(json!({"token_endpoint": endpoint}))).await;
    let error = server.client_with(service_principal(), once()).me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HalfAnswer);
    assert!(thief.asked().is_empty());
}
