//! What became of the items of a plan, and who is told.

use async_trait::async_trait;
use farshore_model::sync_run::ItemOutcome;

/// How the items that were applied by one call ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ApplyReport {
    pub succeeded: u32,
    /// Any failure holds back the replication point.
    pub failed: u32,
    pub skipped: u32,
}

/// Records what became of each item as it happens. Items end in any order within one stage of the plan.
#[async_trait]
pub trait OutcomeSink: Send + Sync {
    /// Durable when it returns: an item that was recorded is not applied again after a crash. An item may be
    /// recorded again with the same index after a crash; the later record replaces the earlier one.
    async fn record(&self, outcome: &ItemOutcome) -> Result<(), SinkError>;
}

#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// Somebody else has taken over the sync run.
    #[error("another process has taken over this sync; it goes on there")]
    LeaseLost,
    #[error("the outcome of an object could not be recorded")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}
