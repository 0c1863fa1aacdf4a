//! Typed ids. Each names one kind of row, so that a group's id cannot be handed to a function that wants a
//! workspace's. All are UUIDs, version 7, given out by an [`IdSource`](crate::IdSource).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

typed_ids! {
    /// One Databricks deployment that was registered with the panel.
    WorkspaceId,
    /// A failover group: what is failed over as one.
    GroupId,
    /// A workspace of the primary region and its counterpart in a passive one.
    PairId,
    /// A department, which owns targets.
    DepartmentId,
    /// A stored, immutable sync plan.
    PlanId,
    /// The application of one sync plan.
    SyncRunId,
    /// One execution of a runbook.
    RunId,
    /// A person who signs in.
    UserId,
    /// A duty of a group that outlives any run, such as a fence that could not be put up yet.
    ObligationId,
    /// One entry of the audit list.
    AuditId,
    /// A pairing wizard that was begun and can be resumed.
    PairingId,
    /// A workspace that needs no counterpart, on the list of those.
    StandaloneId,
}
