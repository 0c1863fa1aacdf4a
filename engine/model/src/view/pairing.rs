//! What the pairing wizard shows.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, group::SmokeJob, pairing::Pairing};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairingPage {
    pub as_of: Timestamp,
    pub pairing: Pairing,
    /// Jobs of the primary workspace that could serve as smoke job; an error says why they are not known.
    pub smoke_candidates: Vec<SmokeJob>,
    pub candidates_error: Option<String>,
    /// The demo's simulated workspaces, to fill the form in with one click; none outside the demo.
    pub demo_workspaces: Vec<DemoWorkspace>,
}

/// What to type to reach a simulated workspace. Its token opens nothing else, and only those who may pair see it.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoWorkspace {
    pub region: String,
    pub url: String,
    pub token: String,
}
