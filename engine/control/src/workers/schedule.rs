//! Starts the syncs whose time has come. While a group is failed over, one run notes that they are suspended, with
//! the reason and how often one was due.

use std::sync::Arc;

use farshore_model::{
    Problem,
    group::FailoverGroup,
    sync_run::{SyncRun, SyncRunState, SyncTrigger},
};

use crate::{Control, problem::from_store, store::StoreError, sync::is_due};

impl Control {
    /// One round over all groups.
    pub async fn start_due_syncs(self: Arc<Self>) {
        let groups = match self.store.groups().await {
            Ok(groups) => groups,
            Err(error) => {
                tracing::error!(error = crate::problem::chain(&error), "groups could not be read");
                return;
            }
        };
        for group in groups.iter().filter(|group| group.sync_interval_ms.is_some()) {
            if let Err(problem) = self.start_due(group).await {
                tracing::error!(group = group.name, %problem, "a scheduled sync could not be started");
            }
        }
    }

    async fn start_due(&self, group: &FailoverGroup) -> Result<(), Problem> {
        let held = self.store.held_sync_runs().await.map_err(from_store)?;
        for pair in self.store.pairs(Some(group.id)).await.map_err(from_store)? {
            let newest = self.store.newest_sync_run(pair.id).await.map_err(from_store)?;
            if !is_due(group, newest.as_ref(), self.clock.now()) {
                continue;
            }
            // A plan about some objects alone waits for a person who has asked for it, or made a choice that would go
            // with it.
            if group.suspension.is_none()
                && held.iter().any(|run| run.pair_id == pair.id && run.only.is_some())
            {
                continue;
            }
            // The first copy is looked at by a person before it is applied.
            if self.is_unseen(&pair).await? {
                continue;
            }
            let Some(source) = self.source_of(group, &pair).await? else { continue };
            let mut run = self.new_sync_run(&pair, source, SyncTrigger::Schedule);
            if let Some(suspension) = &group.suspension {
                run.state = SyncRunState::Suspended;
                run.message = Some(suspension.reason.clone());
                run.ended_at = Some(run.created_at);
            }
            let noted = match newest.filter(|newest| says_the_same(newest, &run)) {
                Some(newest) => {
                    run.id = newest.id;
                    self.store.repeat_suspended(&newest, run.created_at).await
                }
                None => self.store.insert_sync_run(&run).await,
            };
            match noted {
                Ok(()) => self.publish_sync(&run),
                // Another process was faster, or a person has just asked for one.
                Err(StoreError::NotNow) => {}
                Err(error) => return Err(from_store(error)),
            }
        }
        Ok(())
    }
}

/// Both note that a scheduled sync did not start, for the same reason: one of them is enough.
fn says_the_same(one: &SyncRun, other: &SyncRun) -> bool {
    let note = |run: &SyncRun| (run.state, run.trigger, run.message.clone());
    other.state == SyncRunState::Suspended && note(one) == note(other)
}
