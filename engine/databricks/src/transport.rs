//! Sends one call to one host: within the rate budget, within its time, and again where that does no harm.

use std::{
    error::Error,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rand::{RngCore, SeedableRng, rngs::StdRng};
use reqwest::{Client, RequestBuilder, multipart, redirect};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep};
use tracing::debug;

use crate::{
    ApiError, ClientOptions, ErrorKind, Host, Result, answer,
    answer::Answer,
    call::{Body, Call, Verb},
    rate_budget::{Paused, RateBudget},
    retry::{Retries, backoff},
    workspace_clock::WorkspaceClock,
};

/// How much longer the transfer of a large notebook may take than any other call.
const LARGE_TRANSFER_FACTOR: u32 = 10;
/// Shorter than the idle time-outs of load balancers: a reused connection that the other side has just closed
/// makes a create unclear for no reason.
const IDLE_CONNECTION_LIFETIME: Duration = Duration::from_secs(30);

/// What a request shows to be let in.
pub(crate) enum Authorization<'a> {
    None,
    Bearer(&'a SecretString),
    Basic { user: &'a str, password: &'a SecretString },
}

pub(crate) struct Transport {
    http: Client,
    host: Host,
    options: ClientOptions,
    budget: RateBudget,
    jitter: Mutex<StdRng>,
    clock: WorkspaceClock,
}

impl Transport {
    pub(crate) fn new(host: Host, options: ClientOptions) -> Result<Self> {
        let cannot_start =
            |message: &str| ApiError::new(ErrorKind::Invalid, "client", format!("cannot start: {message}"));
        // Without one, the HTTP client panics.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(cannot_start("no TLS provider was installed at start-up"));
        }
        let mut builder = Client::builder()
            .user_agent(concat!("farshore/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_millis(options.connect_timeout_ms))
            .pool_idle_timeout(IDLE_CONNECTION_LIFETIME)
            // The API never redirects; what does is a login page, and the token must not follow.
            .redirect(redirect::Policy::none());
        if host.is_loopback() {
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(|source| cannot_start("the HTTP client could not be set up").with_source(source))?;
        let jitter = match options.jitter_seed {
            Some(seed) => StdRng::seed_from_u64(seed),
            None => StdRng::seed_from_u64(rand::rng().next_u64()),
        };
        let budget = RateBudget::new(&options);
        Ok(Self { http, host, options, budget, jitter: Mutex::new(jitter), clock: WorkspaceClock::default() })
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    pub(crate) fn clock(&self) -> &WorkspaceClock {
        &self.clock
    }

    pub(crate) async fn send(&self, call: &Call, authorization: &Authorization<'_>) -> Result<Answer> {
        let outcome = self.send_until_settled(call, authorization).await;
        // A workspace, or what stands before it, might repeat what it was sent.
        outcome.map_err(|error| match authorization {
            Authorization::None => error,
            Authorization::Bearer(secret) | Authorization::Basic { password: secret, .. } => {
                error.without_secret(secret.expose_secret())
            }
        })
    }

    async fn send_until_settled(&self, call: &Call, authorization: &Authorization<'_>) -> Result<Answer> {
        let endpoint = &call.endpoint;
        let mut retries = Retries::new(&self.options);
        let mut last_error = None;
        loop {
            let permit = match self.budget.admit(endpoint, retries.patience()).await {
                Ok(permit) => permit,
                Err(paused) => return Err(last_error.unwrap_or_else(|| still_paused(call, paused))),
            };
            retries.begin_attempt();
            let began_at = Instant::now();
            let outcome = self.attempt(call, authorization).await;
            drop(permit);
            let error = match outcome {
                Ok(answer) => {
                    debug!(endpoint = endpoint.name(), elapsed_ms = elapsed_ms(began_at), "answered");
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let wait = self.with_jitter(|jitter| retries.after(&error, endpoint.effect, jitter));
            debug!(
                endpoint = endpoint.name(),
                kind = error.kind().as_str(),
                status = error.status(),
                elapsed_ms = elapsed_ms(began_at),
                retry_in_ms = wait.map(|wait| wait.as_millis()),
                "failed"
            );
            if error.kind() == ErrorKind::Throttled {
                // The others must hear of it even when this call gives up.
                let pause = wait.or(error.retry_after());
                let pause = pause.unwrap_or_else(|| self.with_jitter(|jitter| backoff(0, jitter)));
                self.budget.pause(endpoint, pause);
            }
            match wait {
                Some(wait) => sleep(wait).await,
                None => return Err(error),
            }
            last_error = Some(error);
        }
    }

    fn with_jitter<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        draw(&mut self.jitter.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn attempt(&self, call: &Call, authorization: &Authorization<'_>) -> Result<Answer> {
        let url = call.url.clone().unwrap_or_else(|| self.host.at(call.endpoint.path));
        let mut request = match call.endpoint.verb {
            Verb::Get => self.http.get(url),
            Verb::Post => self.http.post(url),
        };
        let timeout = Duration::from_millis(self.options.request_timeout_ms);
        request = request.timeout(if call.is_large { timeout * LARGE_TRANSFER_FACTOR } else { timeout });
        if !call.query.is_empty() {
            request = request.query(&call.query);
        }
        request = match authorization {
            Authorization::None => request,
            Authorization::Bearer(token) => request.bearer_auth(token.expose_secret()),
            Authorization::Basic { user, password } => {
                request.basic_auth(user, Some(password.expose_secret()))
            }
        };
        let response =
            with_body(request, &call.body).send().await.map_err(|source| self.no_answer(call, source))?;
        self.clock.note(response.headers());
        answer::read(call, response).await
    }

    fn no_answer(&self, call: &Call, source: reqwest::Error) -> ApiError {
        let endpoint = call.endpoint.name();
        let host = &self.host;
        if source.is_builder() {
            return ApiError::new(ErrorKind::Invalid, endpoint, "the request could not be put together")
                .with_source(source);
        }
        let was_sent = !source.is_connect();
        let (kind, message) = match (source.is_timeout(), was_sent) {
            (true, true) => {
                (ErrorKind::TimedOut, format!("{host} took the request but did not answer in time"))
            }
            (true, false) => (ErrorKind::TimedOut, format!("no connection to {host} came about in time")),
            (false, true) => {
                (ErrorKind::Unreachable, format!("the connection to {host} broke: {}", root_cause(&source)))
            }
            (false, false) => {
                (ErrorKind::Unreachable, format!("cannot connect to {host}: {}", root_cause(&source)))
            }
        };
        ApiError::new(kind, endpoint, message)
            .with_unclear_effect(was_sent && call.endpoint.changes_something())
            .with_source(source)
    }
}

fn with_body(request: RequestBuilder, body: &Body) -> RequestBuilder {
    match body {
        Body::Empty => request,
        Body::Json(value) => request.json(value),
        Body::Form(fields) => request.form(fields),
        Body::Upload { fields, content } => {
            let form = fields
                .iter()
                .fold(multipart::Form::new(), |form, (name, value)| form.text(*name, value.clone()))
                .part("content", multipart::Part::bytes(content.clone()).file_name("content"));
            request.multipart(form)
        }
    }
}

fn still_paused(call: &Call, paused: Paused) -> ApiError {
    let message = format!(
        "the workspace asked everybody to leave this endpoint alone for another {} s",
        paused.remaining.as_secs().max(1)
    );
    ApiError::new(ErrorKind::Throttled, call.endpoint.name(), message)
        .with_retry_after(Some(paused.remaining))
}

fn elapsed_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The innermost reason, such as "Connection refused": what wraps it says nothing to a person.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
