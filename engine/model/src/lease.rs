//! The right to work on one row until it expires.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The right to work on one row (a sync run, a run, a fence). Every write in its course names it, so that a
/// process that lost it cannot write.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lease {
    /// Id of the row that is leased.
    pub holder: Uuid,
    /// Who holds it: a process.
    pub owner: Uuid,
    /// Grows each time that the row is leased anew.
    pub generation: i64,
}
