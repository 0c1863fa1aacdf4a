//! Sends one call to one host: within the rate budget, within its time, and again where that does no harm.

mod no_answer;
mod request;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rand::{RngCore, SeedableRng, rngs::StdRng};
use reqwest::{Client, Response, redirect};
use secrecy::ExposeSecret;
use tokio::time::{Instant, sleep};
use tracing::debug;

use self::no_answer::still_paused;
pub(crate) use self::request::Authorization;
use crate::{
    ApiError, ClientOptions, ErrorKind, Host, Result, answer,
    answer::Answer,
    call::{Call, Expects},
    content::Download,
    rate_budget::{Permit, RateBudget, Terms},
    retry::{Retries, backoff},
    workspace_clock::WorkspaceClock,
};

/// Shorter than the idle time-outs of load balancers: a reused connection that the other side has just closed
/// makes a create unclear for no reason.
const IDLE_CONNECTION_LIFETIME: Duration = Duration::from_secs(30);

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
        let timeout = self.timeout_of(call);
        let request = self.request(call, authorization, timeout).await?;
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

fn elapsed_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
