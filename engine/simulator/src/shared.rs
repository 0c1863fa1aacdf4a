//! The one state of the workspace behind its lock, with what waits for it to change.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::clock;
use crate::scheduler;
use crate::state::State;
use crate::traffic::Traffic;

/// Everything that the tasks of one simulator share.
pub(crate) struct Shared {
    state: Mutex<State>,
    traffic: Mutex<Traffic>,
    /// Counts the changes of the state, so that it can be written to its file.
    revision: watch::Sender<u64>,
    /// Whether the workspace is down, so that calls already under way can be left hanging.
    outage: watch::Sender<bool>,
}

impl Shared {
    pub(crate) fn new(state: State) -> Self {
        let is_down = state.is_down;
        Self {
            state: Mutex::new(state),
            traffic: Mutex::default(),
            revision: watch::Sender::new(0),
            outage: watch::Sender::new(is_down),
        }
    }

    /// The state, moved along to the present moment. No lock is ever held across an await.
    pub(crate) fn lock(&self) -> Locked<'_> {
        // A handler that panicked left its state as it was: half a change is still a workspace to look at.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.now_ms = clock::real_now_ms() + state.clock_offset_ms;
        scheduler::settle(&mut state);
        Locked { state, shared: self }
    }

    pub(crate) fn traffic(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn revisions(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    pub(crate) fn outages(&self) -> watch::Receiver<bool> {
        self.outage.subscribe()
    }
}

/// The locked state. Letting go of it tells those who wait when something changed.
pub(crate) struct Locked<'a> {
    state: MutexGuard<'a, State>,
    shared: &'a Shared,
}

impl Deref for Locked<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        let (revision, is_down) = (self.state.revision, self.state.is_down);
        self.shared.revision.send_if_modified(|known| std::mem::replace(known, revision) != revision);
        self.shared.outage.send_if_modified(|known| std::mem::replace(known, is_down) != is_down);
    }
}
