//! What is known of a run without reading its journal.

use serde::{Deserialize, Serialize};

use super::{Run, RunMode, RunState, RunbookKind};
use crate::{GroupId, RunId, Timestamp};

/// The part of a run that the store keeps beside the journal and replaces with every entry.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHead {
    pub state: RunState,
    /// There is something to do for an executor.
    pub is_drivable: bool,
}

/// One row of a list of runs.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    pub id: RunId,
    pub group_id: GroupId,
    pub kind: RunbookKind,
    pub mode: RunMode,
    pub head: RunHead,
    /// The sequence number of the last entry.
    pub seq: i64,
    /// When the run was requested.
    pub created_at: Timestamp,
    /// When the last entry was written.
    pub changed_at: Timestamp,
}

impl Run {
    /// The row that a list of runs shows for it.
    pub fn record(&self) -> RunRecord {
        RunRecord {
            id: self.id,
            group_id: self.group_id,
            kind: self.definition.kind,
            mode: self.mode,
            head: self.head(),
            seq: self.seq,
            created_at: self.requested_at,
            changed_at: self.changed_at,
        }
    }
}
