//! How much of a workspace's patience is left, shared by everybody in this process who talks to it.
//!
//! Requests under one limit form a lane, and a lane is passed in order of arrival. Whoever is first waits for
//! three things: that the workspace has not asked for a pause, that the lane's [`Flow`] lets it go, and that not
//! too many requests are under way. It waits for a free place last and only then counts as sent: requests that
//! were let go one by one must not arrive together because they met again in a queue.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until},
};

use crate::{
    ClientOptions, EndpointBudget, Host,
    call::Endpoint,
    published_limits::{PublishedLimit, rule_for},
};
use flow::{Flow, Next, Ticket};

mod ceiling;
mod flow;
mod lateness;
mod meter;

/// The budgets of all workspaces that this process talks to, by address.
static BUDGETS: Mutex<BTreeMap<Host, Arc<RateBudget>>> = Mutex::new(BTreeMap::new());

/// The budget of one workspace.
#[derive(Debug, Default)]
pub(crate) struct RateBudget {
    lanes: Mutex<BTreeMap<&'static str, Arc<Lane>>>,
    /// Places for requests under way, by how many there are in all: clients that agree on it share them.
    places: Mutex<BTreeMap<usize, Arc<Semaphore>>>,
}

/// What a client demands of the budget.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    honours_published_limits: bool,
    places: Arc<Semaphore>,
}

/// The endpoint is paused for longer than the caller can wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paused {
    pub(crate) remaining: Duration,
}

/// Leave to send one request. To be kept until its answer is read.
#[derive(Debug)]
pub(crate) struct Permit {
    lane: Arc<Lane>,
    ticket: Ticket,
    is_refused: bool,
    _place: Option<OwnedSemaphorePermit>,
}

impl RateBudget {
    /// The one budget of this workspace. Budgets of workspaces that nobody talks to any more are forgotten, but
    /// not before their requests have ceased to count.
    pub(crate) fn of(host: &Host) -> Arc<Self> {
        let mut budgets = locked(&BUDGETS);
        let now = Instant::now();
        budgets.retain(|_, budget| Arc::strong_count(budget) > 1 || !budget.is_forgettable(now));
        budgets.entry(host.clone()).or_default().clone()
    }

    /// The budget of this workspace, if there is one.
    pub(crate) fn known(host: &Host) -> Option<Arc<Self>> {
        locked(&BUDGETS).get(host).cloned()
    }

    pub(crate) fn terms(&self, options: &ClientOptions) -> Terms {
        // Without a place everything would stop for ever.
        let most = options.max_concurrent_requests.clamp(1, Semaphore::MAX_PERMITS);
        let places =
            locked(&self.places).entry(most).or_insert_with(|| Arc::new(Semaphore::new(most))).clone();
        Terms { honours_published_limits: options.honours_published_limits, places }
    }

    /// Waits until a request to the endpoint may be sent.
    ///
    /// # Errors
    /// [`Paused`] when the pauses alone would take longer than `patience`, or nobody was served for that long.
    /// Waiting for one's turn while others are served does not count: it makes progress.
    pub(crate) async fn admit(
        &self,
        endpoint: &Endpoint,
        terms: &Terms,
        patience: Duration,
    ) -> Result<Permit, Paused> {
        let came_at = Instant::now();
        let mut patience_with_pauses = patience;
        let lane = self.lane(endpoint);
        let _waiting = Waiting::new(&lane);
        let _turn = lane.turn.lock().await;
        let mut place = None;
        loop {
            let now = Instant::now();
            let (next, refused_for) = {
                let mut flow = lane.flow();
                (flow.next(terms.honours_published_limits, now), flow.refused_for(came_at, now))
            };
            match next {
                Next::PausedUntil(until) | Next::WaitUntil(until) if refused_for > patience => {
                    return Err(Paused { remaining: until.saturating_duration_since(now) });
                }
                Next::PausedUntil(until) => {
                    // Others may use it meanwhile.
                    place = None;
                    let remaining = until.saturating_duration_since(now);
                    patience_with_pauses =
                        patience_with_pauses.checked_sub(remaining).ok_or(Paused { remaining })?;
                    sleep_until(until).await;
                }
                Next::WaitUntil(at) => {
                    place = None;
                    sleep_until(at).await;
                }
                Next::Go if place.is_none() => {
                    // Never closed, so there is always a place in the end.
                    place = Some(terms.places.clone().acquire_owned().await.ok());
                }
                Next::Go => {
                    let ticket = lane.flow().sent(terms.honours_published_limits, now);
                    let place = place.flatten();
                    return Ok(Permit { lane: lane.clone(), ticket, is_refused: false, _place: place });
                }
            }
        }
    }

    /// All lanes that were ever used, by name.
    pub(crate) fn snapshot(&self) -> Vec<EndpointBudget> {
        let now = Instant::now();
        let lanes = locked(&self.lanes);
        lanes.iter().map(|(name, lane)| lane.flow().snapshot(name, now)).collect()
    }

    /// What a lane shows that nobody has used.
    pub(crate) fn unused(limit: &'static PublishedLimit) -> EndpointBudget {
        let now = Instant::now();
        Flow::new(Some(limit), now).snapshot(limit.name, now)
    }

    fn lane(&self, endpoint: &Endpoint) -> Arc<Lane> {
        let rule = rule_for(endpoint);
        let name = rule.map_or_else(|| endpoint.name(), |rule| rule.name);
        let mut lanes = locked(&self.lanes);
        let lane = lanes.entry(name).or_insert_with(|| {
            let flow = Mutex::new(Flow::new(rule, Instant::now()));
            Arc::new(Lane { turn: tokio::sync::Mutex::default(), flow })
        });
        lane.clone()
    }

    fn is_forgettable(&self, now: Instant) -> bool {
        locked(&self.lanes).values().all(|lane| lane.flow().is_idle(now))
    }
}

impl Permit {
    /// The request was answered with 429: nobody sends one like it for so long.
    pub(crate) fn throttled(&mut self, pause: Duration) {
        self.is_refused = true;
        self.lane.flow().throttled(self.ticket, pause, Instant::now());
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.lane.flow().answered(self.ticket, self.is_refused, Instant::now());
    }
}

/// The queue before one limit.
#[derive(Debug)]
struct Lane {
    /// Fair, so that callers pass in order and one at a time looks at the flow.
    turn: tokio::sync::Mutex<()>,
    flow: Mutex<Flow>,
}

impl Lane {
    fn flow(&self) -> MutexGuard<'_, Flow> {
        locked(&self.flow)
    }
}

/// Counts a caller as waiting, also when it gives up.
struct Waiting<'a>(&'a Lane);

impl<'a> Waiting<'a> {
    fn new(lane: &'a Lane) -> Self {
        lane.flow().begins_to_wait();
        Self(lane)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.flow().ends_waiting();
    }
}

/// A panic elsewhere leaves numbers behind that are at worst a little wrong.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
