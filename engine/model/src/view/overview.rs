//! What the first page shows.

use serde::{Deserialize, Serialize};

use super::GroupCard;
use crate::{Timestamp, pairing::Pairing};

/// Every group on one board, worst first.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    pub as_of: Timestamp,
    pub groups: Vec<GroupCard>,
    /// What waits for the one who looks.
    pub waiting: Vec<WaitingItem>,
    /// Pairing wizards that were begun and not finished.
    pub unfinished_pairings: Vec<Pairing>,
}

/// Something that waits for the person who looks: an approval, a choice, a failed step.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitingItem {
    pub title: String,
    pub detail: String,
    pub path: String,
    pub since: Timestamp,
}
