//! Alone in its process: it listens to everything that is traced while both kinds of credential are used.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use farshore_databricks::Credential;
use scripted::{Reply, Scripted, TOKEN, once};
use serde_json::json;
use tracing_subscriber::filter::LevelFilter;

#[path = "over_http/scripted.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod scripted;

const SECRET: &str = "dose0123456789abcdef";
const ISSUED: &str = "issued0123456789abcdef";

#[derive(Clone, Default)]
struct Trace(Arc<Mutex<Vec<u8>>>);

impl Write for Trace {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_is_ever_traced_or_printed() {
    let trace = Trace::default();
    let writer = trace.clone();
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let server = Scripted::start(|asked| match asked.what.as_str() {
        "GET /oidc/.well-known/oauth-authorization-server" => Reply::text(404, "text/plain", ""),
        "POST /oidc/v1/token" => Reply::json(json!({"access_token": ISSUED, "expires_in": 3_600})),
        _ if asked.headers["authorization"].ends_with(TOKEN) => {
            Reply::error(401, "UNAUTHENTICATED", &format!("{TOKEN} is no token"))
        }
        _ => Reply::json(json!({"userName": "bot"})),
    })
    .await;
    let credential =
        Credential::ClientSecret { client_id: "app-id".to_owned(), client_secret: SECRET.into() };
    let of_token = server.client(once());
    let of_secret = server.client_with(credential.clone(), once());
    let error = of_token.me().await.unwrap_err();
    of_secret.me().await.unwrap();

    let printed = format!(
        "{of_token:?} {of_secret:?} {error:?} {error} {} {:?} {credential:?}",
        error.remedy(),
        Credential::Token(TOKEN.into())
    );
    let traced = String::from_utf8(trace.0.lock().unwrap().clone()).unwrap();
    assert!(
        traced.contains("preview/scim/v2/Me") && traced.contains("unauthenticated"),
        "it traces: {traced}"
    );
    for text in [&printed, &traced] {
        for secret in [TOKEN, SECRET, ISSUED] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}
