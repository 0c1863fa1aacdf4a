//! What the one who looks may do.

use serde::{Deserialize, Serialize};

/// An act, by the verb that the role matrix uses, and whether it can be done.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionAvailability {
    pub action: String,
    pub why_not: Option<String>,
}

/// Whether `action` can be done, and if not why not. An act that is not listed cannot be done.
pub fn why_not(actions: &[ActionAvailability], action: &str) -> Option<String> {
    match actions.iter().find(|candidate| candidate.action == action) {
        Some(found) => found.why_not.clone(),
        None => Some("Your role may not do this.".to_owned()),
    }
}
