//! What the event stream says.

use serde::{Deserialize, Serialize};

use crate::{GroupId, RunId, SyncRunId};

/// One notice of the event stream: something under `topic` changed; read it again.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub topic: Topic,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Topic {
    /// Health, replication, readiness, the list of groups.
    Overview,
    Group(GroupId),
    SyncRun(SyncRunId),
    Run(RunId),
    Demo,
}
