//! Sends one call to one host: within the rate budget, within its time, and again where that does no harm.

use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rand::{RngCore, SeedableRng, rngs::StdRng};
use reqwest::{Client, RequestBuilder, Response, Url, header::CONTENT_TYPE, multipart, redirect};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep};
use tracing::debug;

use crate::{
    ApiError, ClientOptions, ErrorKind, Host, Result, answer,
    answer::Answer,
    call::{Body, Call, Expects, Verb},
    content::Download,
    rate_budget::{Paused, Permit, RateBudget, Terms},
    retry::{Retries, backoff},
    workspace_clock::WorkspaceClock,
};

/// How much longer a call may take that is long by nature.
const LARGE_CALL_FACTOR: u32 = 10;
/// What an upload may take beside that: a second for each of these.
const SLOWEST_UPLOAD_BYTES_PER_S: u64 = 1_000_000;
/// Shorter than the idle time-outs of load balancers: a reused connection that the other side has just closed
/// makes a create unclear for no reason.
const IDLE_CONNECTION_LIFETIME: Duration = Duration::from_secs(30);

/// What a request shows to be let in.
pub(crate) enum Authorization<'a> {
    None,
    Bearer(&'a SecretString),
    Basic { user: &'a str, password: &'a SecretString },
}

/// What came of a call that succeeded.
pub(crate) enum Reply {
    Answer(Answer),
    /// Of a call that expects content.
    Content(Box<Download>),
}

impl Reply {
    /// The answer; an empty one in place of content, which only comes to those who expect it.
    pub(crate) fn into_answer(self) -> Answer {
        match self {
            Self::Answer(answer) => answer,
            Self::Content(_) => Answer::default(),
        }
    }
}

pub(crate) struct Transport {
    http: Client,
    host: Host,
    options: ClientOptions,
    budget: Arc<RateBudget>,
    terms: Terms,
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
        // Answers are not compressed: unpacking them costs more than the network saves.
        let mut builder = Client::builder()
            .user_agent(concat!("farshore/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_millis(options.connect_timeout_ms))
            .pool_idle_timeout(IDLE_CONNECTION_LIFETIME)
            // As many as may be under way at once: a connection that is closed for want of a place is made again.
            .pool_max_idle_per_host(options.max_concurrent_requests.max(1))
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
        let budget = RateBudget::of(&host);
        let terms = budget.terms(&options);
        let clock = WorkspaceClock::default();
        Ok(Self { http, host, options, budget, terms, jitter: Mutex::new(jitter), clock })
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    pub(crate) fn budget(&self) -> &RateBudget {
        &self.budget
    }

    pub(crate) fn clock(&self) -> &WorkspaceClock {
        &self.clock
    }

    /// Sends a call, as often as it takes and does no harm.
    pub(crate) async fn send(&self, call: &Call, authorization: &Authorization<'_>) -> Result<Reply> {
        without_secret(self.send_until_settled(call, authorization).await, authorization)
    }

    async fn send_until_settled(&self, call: &Call, authorization: &Authorization<'_>) -> Result<Reply> {
        let endpoint = &call.endpoint;
        let mut retries = Retries::new(&self.options);
        let mut last_error = None;
        loop {
            let mut permit = match self.budget.admit(endpoint, &self.terms, retries.patience()).await {
                Ok(permit) => Some(permit),
                Err(paused) => return Err(last_error.unwrap_or_else(|| still_paused(call, paused))),
            };
            retries.begin_attempt();
            let began_at = Instant::now();
            let outcome = match self.attempt(call, authorization).await {
                Ok(response) => self.read(call, response, &mut permit).await,
                Err(error) => Err(error),
            };
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
                if let Some(permit) = &mut permit {
                    permit.throttled(pause);
                }
            }
            drop(permit);
            match wait {
                Some(wait) => sleep(wait).await,
                None => return Err(error),
            }
            last_error = Some(error);
        }
    }

    /// Takes the permit when the answer goes on after it.
    async fn read(&self, call: &Call, response: Response, permit: &mut Option<Permit>) -> Result<Reply> {
        if call.expects != Expects::Content {
            return answer::read(call, response).await.map(Reply::Answer);
        }
        let response = answer::begin(call, response).await?;
        let patience = Duration::from_millis(self.options.request_timeout_ms);
        let may_be_wrapped = answer::is_plain_json(response.headers());
        let download = Download::new(response, call.endpoint.name(), patience, permit.take());
        Ok(Reply::Content(Box::new(if may_be_wrapped { download.unwrapped().await } else { download })))
    }

    fn with_jitter<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        draw(&mut self.jitter.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn attempt(&self, call: &Call, authorization: &Authorization<'_>) -> Result<Response> {
        let url = self.url_of(call)?;
        let mut request = match call.endpoint.verb {
            Verb::Get => self.http.get(url),
            Verb::Post => self.http.post(url),
            Verb::Put => self.http.put(url),
            Verb::Patch => self.http.patch(url),
            Verb::Delete => self.http.delete(url),
        };
        let timeout = self.timeout_of(call);
        if call.expects != Expects::Content {
            request = request.timeout(timeout);
        }
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
        let request = self.with_body(request, call).await?;
        let sent_at = Instant::now();
        let sent = tokio::time::timeout(timeout, request.send()).await;
        let response = match sent {
            Ok(sent) => sent.map_err(|source| self.no_answer(call, source))?,
            Err(_) => {
                let message = format!("{} took the request but did not answer in time", self.host);
                return Err(ApiError::new(ErrorKind::TimedOut, call.endpoint.name(), message)
                    .with_unclear_effect(call.endpoint.changes_something()));
            }
        };
        self.clock.note(response.headers(), sent_at);
        Ok(response)
    }

    fn url_of(&self, call: &Call) -> Result<Url> {
        let mut url = call.url.clone().unwrap_or_else(|| self.host.at(call.endpoint.path));
        // Such a part would be dropped, and the call would go to all objects instead of one.
        let is_none = |segment: &String| matches!(segment.as_str(), "" | "." | "..");
        let is_extended = !call.segments.iter().any(is_none)
            && url
                .path_segments_mut()
                .map(|mut path| {
                    path.extend(&call.segments);
                })
                .is_ok();
        if is_extended {
            return Ok(url);
        }
        let message = format!("{:?} cannot name an object", call.segments.join("/"));
        Err(ApiError::new(ErrorKind::Invalid, call.endpoint.name(), message))
    }

    /// For the whole call; for content that is handed on as it comes, until it begins.
    fn timeout_of(&self, call: &Call) -> Duration {
        let timeout = Duration::from_millis(self.options.request_timeout_ms);
        let for_upload = match &call.body {
            Body::Upload { content, .. } => content.size_bytes() / SLOWEST_UPLOAD_BYTES_PER_S,
            _ => 0,
        };
        let timeout = if call.is_large { timeout * LARGE_CALL_FACTOR } else { timeout };
        timeout + Duration::from_secs(for_upload)
    }

    async fn with_body(&self, request: RequestBuilder, call: &Call) -> Result<RequestBuilder> {
        Ok(match &call.body {
            Body::Empty => request,
            Body::Json(text) => request.header(CONTENT_TYPE, "application/json").body(text.clone()),
            Body::Form(fields) => request.form(fields),
            Body::Upload { fields, content } => {
                let pieces = content.open().await.map_err(|error| {
                    let message = format!("what was to be uploaded cannot be read: {error}");
                    ApiError::new(ErrorKind::Invalid, call.endpoint.name(), message)
                })?;
                let part = multipart::Part::stream_with_length(
                    reqwest::Body::wrap_stream(pieces),
                    content.size_bytes(),
                );
                let form = fields
                    .iter()
                    .fold(multipart::Form::new(), |form, (name, value)| form.text(*name, value.clone()))
                    .part("content", part.file_name("content"));
                request.multipart(form)
            }
        })
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

/// A workspace, or what stands before it, might repeat what it was sent.
fn without_secret<T>(outcome: Result<T>, authorization: &Authorization<'_>) -> Result<T> {
    outcome.map_err(|error| match authorization {
        Authorization::None => error,
        Authorization::Bearer(secret) | Authorization::Basic { password: secret, .. } => {
            error.without_secret(secret.expose_secret())
        }
    })
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
