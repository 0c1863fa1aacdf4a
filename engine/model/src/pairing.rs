//! The pairing wizard: what has been typed and found so far, so that it can be left and resumed.

use serde::{Deserialize, Serialize};

use crate::{
    PairingId, Timestamp, group::Side, group::SmokeJob, workspace::Cloud, workspace::ConnectionReport,
};

/// A pairing that was begun. Tokens are kept encrypted beside it and are not part of it.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairing {
    pub id: PairingId,
    pub primary: Option<PairingSide>,
    pub secondary: Option<PairingSide>,
    /// The name of the group to be made, or None while it was not typed.
    pub group_name: Option<String>,
    pub sync_interval_ms: Option<i64>,
    pub smoke_job: Option<SmokeJob>,
    pub version: i64,
    pub created_at: Timestamp,
}

/// One side of the pair to be made.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairingSide {
    pub name: String,
    pub host: String,
    pub report: ConnectionReport,
    /// Detected, or typed by a person where it could not be.
    pub cloud: Option<Cloud>,
    pub region: Option<String>,
}

impl Pairing {
    pub const fn side(&self, side: Side) -> Option<&PairingSide> {
        match side {
            Side::Primary => self.primary.as_ref(),
            Side::Secondary => self.secondary.as_ref(),
        }
    }
}
