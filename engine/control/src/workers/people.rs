//! Compares the people of every pair when it is time, when somebody asks, or when a sync has written people. It only reads: whether users, service
//! principals and groups are synced as well is decided elsewhere.
//!
//! A comparison that fails never replaces the last one that succeeded, and is repeated soon.

use std::sync::Arc;

use farshore_databricks::{ApiError, ErrorKind};
use farshore_model::{
    DurationMs, Lease, Problem, WorkspaceId,
    group::{Side, WorkspacePair},
    kind::ObjectKind,
    people::{PeopleCount, PeopleDifference, PeopleFailure, PeopleFound, WhatDiffers},
    plan::{PlanAction, PlanItem, SyncPlan},
    view::Topic,
};
use farshore_sync::{People, compare_people, list_people};

use crate::{
    Control,
    people_comparison::due_at,
    problem::{chain, from_store},
    store::StoreError,
    workspaces::Patience,
};

/// One side could not be listed: what to show.
struct Unlisted {
    error: String,
    remedy: String,
}

impl Control {
    /// One round: each pair that is due and that nobody is at is compared, in a task of its own, so that a workspace
    /// that hangs does not keep another one waiting.
    pub async fn compare_due_people(self: Arc<Self>) {
        let pairs = match self.compared_pairs(None).await {
            Ok(pairs) => pairs,
            Err(problem) => {
                tracing::error!(%problem, "comparisons of people could not be read");
                return;
            }
        };
        let (now, lease_ms) = (self.clock.now(), self.options.lease_ms);
        for (pair, comparison) in pairs {
            if due_at(&comparison, self.people_interval(), now) > now {
                continue;
            }
            match self.store.acquire_lease(pair.id.0, self.owner, now, lease_ms).await {
                Ok(Some(lease)) => {
                    tokio::spawn(Arc::clone(&self).work_on_people(pair, lease));
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(error = chain(&error), "a comparison of people could not be leased");
                }
            }
        }
    }

    async fn work_on_people(self: Arc<Self>, pair: WorkspacePair, lease: Lease) {
        tokio::select! {
            result = self.compare_if_due(&pair, &lease) => {
                if let Err(problem) = result {
                    tracing::error!(%problem, "a comparison of people could not be kept");
                }
            }
            () = self.keep_lease(&lease) => {
                tracing::warn!(pair = %pair.id, "the lease of a comparison of people was lost");
            }
        }
        if let Err(error) = self.store.release_lease(&lease).await {
            tracing::warn!(error = chain(&error), "a lease could not be given back; it will expire");
        }
    }

    async fn compare_if_due(&self, pair: &WorkspacePair, lease: &Lease) -> Result<(), Problem> {
        // Looked at again under the lease: whoever had it before may have done it.
        let pairs = self.compared_pairs(Some(pair.group_id)).await?;
        let began_at = self.clock.now();
        let is_due = |(other, comparison): &(WorkspacePair, _)| {
            other.id == pair.id && due_at(comparison, self.people_interval(), began_at) <= began_at
        };
        if !pairs.iter().any(is_due) {
            return Ok(());
        }
        let kept = match self.list_both(pair).await {
            Ok((primary, secondary)) => {
                let differences = compare_people(&primary, &secondary);
                let found =
                    PeopleFound { as_of: began_at, kinds: counts(&primary, &secondary, &differences) };
                self.store.put_people_found(lease, pair.id, &found, &differences).await
            }
            Err(Unlisted { error, remedy }) => {
                let failure = PeopleFailure { at: self.clock.now(), error, remedy };
                self.store.put_people_failure(lease, pair.id, began_at, &failure).await
            }
        };
        match kept {
            // Another process is at it.
            Err(StoreError::LeaseLost) => return Ok(()),
            kept => kept.map_err(from_store)?,
        }
        self.notices.publish(Topic::Group(pair.group_id));
        self.evaluate_readiness(pair.group_id).await
    }

    /// A sync that wrote people has made differences go away: they are looked for again.
    pub(super) async fn compare_people_after(&self, plan: &SyncPlan) {
        let is_written = |item: &PlanItem| {
            People::KINDS.contains(&item.object.kind)
                && matches!(item.action, PlanAction::Create | PlanAction::Update | PlanAction::Delete)
        };
        if !plan.items.iter().any(is_written) {
            return;
        }
        match self.store.request_people_comparison(plan.pair_id, self.clock.now()).await {
            Ok(()) => self.people_wake.notify_one(),
            Err(error) => {
                tracing::warn!(error = chain(&error), "people are compared only when it is time again");
            }
        }
    }

    async fn list_both(&self, pair: &WorkspacePair) -> Result<(People, People), Unlisted> {
        let sides = tokio::join!(self.list_people_of(pair.primary), self.list_people_of(pair.secondary));
        match sides {
            (Ok(primary), Ok(secondary)) => Ok((primary, secondary)),
            (Err(one), Ok(_)) | (Ok(_), Err(one)) => Err(one),
            (Err(one), Err(other)) if one.remedy == other.remedy => {
                Err(Unlisted { error: format!("{} {}", one.error, other.error), ..one })
            }
            (Err(one), Err(other)) => Err(Unlisted {
                error: format!("{} {}", one.error, other.error),
                remedy: format!("{} {}", one.remedy, other.remedy),
            }),
        }
    }

    async fn list_people_of(&self, id: WorkspaceId) -> Result<People, Unlisted> {
        let workspace = match self.store.workspace(id).await {
            Ok(Some(workspace)) => workspace,
            Ok(None) => return Err(unable(crate::audit::not_found("workspace"))),
            Err(error) => return Err(unable(from_store(error))),
        };
        let unlisted = |error: ApiError| {
            tracing::warn!(error = chain(&error), workspace = workspace.name, "people could not be listed");
            Unlisted {
                error: format!("The people of {} could not be listed: {error}.", workspace.name),
                remedy: error.remedy(),
            }
        };
        // The client of the work waits for minutes for one that hangs, and somebody may look on.
        let probe = self.client_of(&workspace, Patience::Probe).await.map_err(unable)?;
        match probe.me().await {
            Err(error) if is_lost(&error) => return Err(unlisted(error)),
            _ => {}
        }
        let client = self.client_of(&workspace, Patience::Full).await.map_err(unable)?;
        list_people(&client).await.map_err(unlisted)
    }

    const fn people_interval(&self) -> DurationMs {
        DurationMs(self.options.people_interval_ms)
    }
}

const fn is_lost(error: &ApiError) -> bool {
    matches!(error.kind(), ErrorKind::Unreachable | ErrorKind::TimedOut | ErrorKind::Server)
}

fn unable(problem: Problem) -> Unlisted {
    Unlisted { error: problem.what_happened, remedy: problem.what_to_do }
}

fn counts(primary: &People, secondary: &People, differences: &[PeopleDifference]) -> Vec<PeopleCount> {
    let count = |kind: ObjectKind| {
        let such = |is_such: fn(&WhatDiffers) -> bool| {
            let of_kind = differences.iter().filter(|one| one.kind == kind && is_such(&one.what));
            u32::try_from(of_kind.count()).unwrap_or(u32::MAX)
        };
        PeopleCount {
            kind,
            primary: primary.count(kind),
            secondary: secondary.count(kind),
            only_primary: such(|what| matches!(what, WhatDiffers::OnlyOn { side: Side::Primary })),
            only_secondary: such(|what| matches!(what, WhatDiffers::OnlyOn { side: Side::Secondary })),
            fields: such(|what| matches!(what, WhatDiffers::Field { .. })),
        }
    };
    People::KINDS.into_iter().map(count).collect()
}
