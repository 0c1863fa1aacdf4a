//! What a run is about, frozen when it is requested.

use farshore_model::{
    DurationMs, GroupId, PairId, Timestamp, WorkspaceId,
    group::{Side, SmokeJob},
    run::{Run, RunbookKind},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The context of a run: everything that its steps need to know and that could be different, or out of reach,
/// by the time they are carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunScope {
    pub group_id: GroupId,
    pub group_name: String,
    /// The region that is being left.
    pub from_region: String,
    /// The region that takes over.
    pub to_region: String,
    pub pairs: Vec<ScopedPair>,
    pub smoke_job: Option<SmokeJob>,
    /// The earliest replication point of the pairs, when the run was requested; None: never replicated.
    pub replication_point: Option<Timestamp>,
    /// The targets at that moment.
    pub rpo: Option<DurationMs>,
    pub rto: Option<DurationMs>,
}

/// One pair of workspaces, one in each of the two regions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopedPair {
    pub pair_id: PairId,
    pub primary: ScopedWorkspace,
    pub secondary: ScopedWorkspace,
    /// The side that takes over.
    pub to: Side,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopedWorkspace {
    pub id: WorkspaceId,
    pub name: String,
}

/// The context of the run is not what a failover or failback carries with it.
#[derive(Debug, thiserror::Error)]
#[error("the scope of the run could not be read")]
pub struct UnreadableScope(#[source] serde_json::Error);

impl RunScope {
    pub fn of(run: &Run) -> Result<Self, UnreadableScope> {
        Self::from_value(&run.context)
    }

    pub fn from_value(context: &Value) -> Result<Self, UnreadableScope> {
        Self::deserialize(context).map_err(UnreadableScope)
    }

    pub fn to_value(&self) -> Result<Value, UnreadableScope> {
        serde_json::to_value(self).map_err(UnreadableScope)
    }

    /// The side that takes over in such a run.
    pub const fn side(kind: RunbookKind) -> Side {
        match kind {
            RunbookKind::Failback => Side::Primary,
            RunbookKind::Failover | RunbookKind::Drill => Side::Secondary,
        }
    }
}

impl ScopedPair {
    pub const fn workspace(&self, side: Side) -> &ScopedWorkspace {
        match side {
            Side::Primary => &self.primary,
            Side::Secondary => &self.secondary,
        }
    }
}
