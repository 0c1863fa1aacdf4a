//! What becomes of each object of a plan, as it is applied.

use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use farshore_model::{Lease, SyncRunId, Timestamp, sync_run::ItemOutcome, view::Topic};
use farshore_sync::{OutcomeSink, SinkError};

use crate::{Control, store::StoreError};

/// Open pages hear of progress at most this often.
const PROGRESS_NOTICE_US: i64 = 250_000;

/// Records outcomes under the lease and lets open pages know, not for each of thousands of objects.
pub(super) struct RecordingSink<'a> {
    control: &'a Control,
    lease: Lease,
    run: SyncRunId,
    noticed_at: AtomicI64,
}

impl<'a> RecordingSink<'a> {
    pub(super) const fn new(control: &'a Control, lease: Lease, run: SyncRunId) -> Self {
        Self { control, lease, run, noticed_at: AtomicI64::new(0) }
    }
}

#[async_trait]
impl OutcomeSink for RecordingSink<'_> {
    async fn record(&self, outcome: &ItemOutcome) -> Result<(), SinkError> {
        self.control.store.record_outcome(&self.lease, self.run, outcome).await.map_err(
            |error| match error {
                StoreError::LeaseLost => SinkError::LeaseLost,
                error => SinkError::Store(Box::new(error)),
            },
        )?;
        let Timestamp(now) = self.control.clock.now();
        let before = self.noticed_at.load(Ordering::Relaxed);
        if now - before >= PROGRESS_NOTICE_US
            && self.noticed_at.compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            self.control.notices.publish(Topic::SyncRun(self.run));
        }
        Ok(())
    }
}
