//! What no real workspace has: faults, outages, a clock to move, and the log of changes.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::changes::Change;
use crate::content::{self, bulk::Fill};
use crate::faults::Fault;
use crate::scheduler;
use crate::shared::Shared;
use crate::traffic::CallCounts;

pub(crate) mod routes;

/// The control endpoints as functions.
#[derive(Clone)]
pub struct Control {
    shared: Arc<Shared>,
    /// Where the state is kept; tells one simulator from another of the same region.
    state_file: Option<PathBuf>,
}

/// One run, as a test counts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunSummary {
    /// The run.
    pub run_id: i64,
    /// Its job; of a submitted run, an id that no job has.
    pub job_id: i64,
    /// The name of the run, which is that of the job.
    pub job_name: String,
    /// `PERIODIC`, `ONE_TIME`, `CONTINUOUS`, `FILE_ARRIVAL`, `TABLE` or `RUN_JOB_TASK`.
    pub trigger: String,
    /// When it started, in milliseconds since 1970 on the simulated clock.
    pub started_at_ms: i64,
    /// When it ended.
    pub ended_at_ms: Option<i64>,
    /// `PENDING`, `RUNNING`, `TERMINATED`, `SKIPPED`, …
    pub life_cycle_state: String,
    /// `SUCCESS`, `FAILED`, `CANCELED`, …
    pub result_state: Option<String>,
}

/// What a simulated person has just edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoChange {
    /// The notebook whose source has a new line.
    pub notebook_path: String,
    /// The job that has a new setting.
    pub job_id: i64,
    /// Its name.
    pub job_name: String,
}

impl Control {
    pub(crate) fn new(shared: Arc<Shared>, state_file: Option<PathBuf>) -> Self {
        Self { shared, state_file }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Takes the region down: calls hang, also those under way; the scheduler stops; running runs end; running
    /// clusters are lost.
    pub fn set_down(&self) {
        scheduler::outage::begin(&mut self.shared.lock());
    }

    /// Brings the region back: calls are answered at once, the scheduler starts after the delay.
    pub fn set_up(&self, scheduler_delay_ms: u64) {
        scheduler::outage::end(&mut self.shared.lock(), scheduler_delay_ms);
    }

    /// Replaces the faults in force.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        let mut state = self.shared.lock();
        state.faults.set(faults);
        state.touch();
        drop(state);
        self.shared.traffic().forget_limits();
    }

    /// The faults in force that are not used up.
    pub fn faults(&self) -> Vec<Fault> {
        self.shared.lock().faults.entries().to_vec()
    }

    /// Makes the workspace one of a tier with or without access control lists.
    pub fn set_acls(&self, has_acls: bool) {
        let mut state = self.shared.lock();
        state.is_without_acls = !has_acls;
        state.touch();
    }

    /// Moves the simulated clock. A schedule that fell due in between fires once.
    pub fn advance_clock(&self, ms: i64) {
        let mut state = self.shared.lock();
        state.clock_offset_ms += ms;
        state.now_ms += ms;
        scheduler::clock_moved(&mut state);
        state.touch();
    }

    /// The log of calls that changed something.
    pub fn changes(&self) -> Vec<Change> {
        self.changes_since(0)
    }

    /// The part of the log after the entry with that number.
    pub fn changes_since(&self, seq: u64) -> Vec<Change> {
        self.shared.lock().changes.since(seq)
    }

    /// Empties the log; numbering goes on.
    pub fn clear_changes(&self) {
        let mut state = self.shared.lock();
        state.changes.clear();
        state.touch();
    }

    /// How often each endpoint was called, and how near to the published limits that came.
    pub fn calls(&self) -> CallCounts {
        self.shared.traffic().counts()
    }

    /// Begins to count anew.
    pub fn clear_calls(&self) {
        self.shared.traffic().clear_counts();
    }

    /// Adds that much content at once, the same for the same numbers; nothing of it is in the log of changes.
    pub fn fill(&self, wanted: &Fill) {
        content::bulk::fill(&mut self.shared.lock(), wanted);
    }

    /// Every run that is remembered, oldest first.
    pub fn runs(&self) -> Vec<RunSummary> {
        let state = self.shared.lock();
        let mut runs: Vec<_> = state.runs.values().collect();
        runs.sort_by_key(|run| run.sequence);
        runs.into_iter().map(|run| run.summary()).collect()
    }

    /// Does what a job's trigger would do now (a file arrived, a table was updated, its time came). `None` when
    /// the job is paused, not there, or its run was skipped for want of concurrency, and while the scheduler stands.
    pub fn fire_job(&self, job_id: i64) -> Option<i64> {
        scheduler::triggers::fire(&mut self.shared.lock(), job_id)
    }

    /// Edits one notebook and one job as a person would through the interface; each call makes another change.
    /// Makes both first when the workspace has none.
    pub fn demo_change(&self) -> DemoChange {
        content::demo_change::apply(&mut self.shared.lock())
    }
}
