//! Who looks, and at what kind of panel.

use serde::{Deserialize, Serialize};

use crate::Actor;

/// Who looks, and at what kind of panel.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    pub actor: Option<Actor>,
    pub demo: Option<DemoStatus>,
    /// IANA name of the zone in which the server prints times; UTC until the browser told.
    pub time_zone: String,
    pub approvals_waiting: u32,
}

/// The state of the demo's two simulated regions.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoStatus {
    pub personas: Vec<Persona>,
    pub regions: Vec<DemoRegion>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Persona {
    /// What goes into the sign-in form and behind `demo-` in a bearer token.
    pub login: String,
    pub title: String,
    pub description: String,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoRegion {
    pub region: String,
    pub url: String,
    pub is_down: bool,
    /// None while it is down or the simulator does not answer.
    pub is_scheduler_running: Option<bool>,
    /// Milliseconds until the scheduler starts after the region came back.
    pub scheduler_starts_in_ms: Option<i64>,
    pub error: Option<String>,
}
