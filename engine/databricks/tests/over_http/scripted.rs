//! A server whose every answer a test decides, and which remembers what it was asked.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    response::Response,
};
use farshore_databricks::{ClientOptions, Credential, WorkspaceClient};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

pub const TOKEN: &str = "dapi0123456789abcdef";

/// One request that arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Such as `POST /api/2.2/jobs/create`.
    pub what: String,
    /// How many requests for the same came before.
    pub earlier: usize,
    pub query: HashMap<String, String>,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// What the server does about a request.
pub enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// Answers after a while.
    Late(Duration, Box<Reply>),
    /// Never answers.
    Hang,
    /// Status 200 and these bytes, then the connection breaks.
    BreakOff(&'static str),
    /// Status 200 and these bytes, then nothing more for ever.
    Stall(&'static str),
}

impl Reply {
    pub fn json(value: Value) -> Self {
        Self::status(200, value)
    }

    pub fn status(status: u16, value: Value) -> Self {
        Self::text(status, "application/json", value.to_string())
    }

    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::status(status, json!({"error_code": code, "message": message}))
    }

    pub fn text(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer { status, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    pub fn page(status: u16, html: &str) -> Self {
        Self::text(status, "text/html; charset=utf-8", html)
    }

    pub fn throttled(retry_after_s: Option<u64>) -> Self {
        let reply = Self::error(429, "REQUEST_LIMIT_EXCEEDED", "Too many requests");
        match retry_after_s {
            Some(seconds) => reply.with_header("retry-after", &seconds.to_string()),
            None => reply,
        }
    }

    pub fn with_header(self, name: &'static str, value: &str) -> Self {
        match self {
            Self::Answer { status, mut headers, body } => {
                headers.push((name, value.to_owned()));
                Self::Answer { status, headers, body }
            }
            other => other,
        }
    }
}

/// Stops when it is dropped.
pub struct Scripted {
    pub address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    server: JoinHandle<()>,
}

impl Scripted {
    pub async fn start(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let reply = Arc::new(reply);
        let router = Router::new().fallback({
            let asked = asked.clone();
            move |request: Request| {
                let (asked, reply) = (asked.clone(), reply.clone());
                async move {
                    let request = remember(&asked, request).await;
                    carry_out(reply(&request)).await
                }
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, asked, server }
    }

    pub fn client(&self, options: ClientOptions) -> WorkspaceClient {
        self.client_with(Credential::Token(TOKEN.into()), options)
    }

    pub fn client_with(&self, credential: Credential, options: ClientOptions) -> WorkspaceClient {
        WorkspaceClient::new(self.address.parse().unwrap(), credential, options).unwrap()
    }

    /// Everything that arrived so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How many requests like `GET /api/2.2/jobs/list` arrived so far.
    pub fn count(&self, what: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| asked.what == what).count()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// No second try: for tests of a single answer.
pub fn once() -> ClientOptions {
    ClientOptions { request_timeout_ms: 10_000, max_retries: 0, ..ClientOptions::default() }
}

async fn remember(asked: &Mutex<Vec<Asked>>, request: Request) -> Asked {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let what = format!("{} {}", parts.method, parts.uri.path());
    let query = reqwest::Url::parse(&format!("http://x/?{}", parts.uri.query().unwrap_or_default()))
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect();
    let headers =
        parts.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let headers = headers.collect();
    let mut all = asked.lock().unwrap();
    let earlier = all.iter().filter(|asked| asked.what == what).count();
    let request = Asked { what, earlier, query, headers, body };
    all.push(request.clone());
    request
}

async fn carry_out(mut reply: Reply) -> Response {
    if let Reply::Late(wait, inner) = reply {
        tokio::time::sleep(wait).await;
        reply = *inner;
    }
    let json = || Response::builder().header("content-type", "application/json");
    match reply {
        Reply::Answer { status, headers, body } => headers
            .into_iter()
            .fold(Response::builder().status(status), |response, (name, value)| response.header(name, value))
            .body(Body::from(body))
            .unwrap(),
        Reply::BreakOff(start) => {
            let start = futures::stream::iter([Ok(Bytes::from_static(start.as_bytes()))]);
            // Late enough for the start to be on its way.
            let end = futures::stream::once(async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Err(std::io::Error::other("broken off on purpose"))
            });
            let rest = futures::StreamExt::chain(start, end);
            json().body(Body::from_stream(rest)).unwrap()
        }
        Reply::Stall(start) => {
            let start =
                futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(start.as_bytes()))]);
            let rest = futures::StreamExt::chain(start, futures::stream::pending());
            json().body(Body::from_stream(rest)).unwrap()
        }
        Reply::Late(..) | Reply::Hang => std::future::pending().await,
    }
}
