//! A department and the targets that it owns.

use serde::{Deserialize, Serialize};

use crate::{DepartmentId, Timestamp};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    pub id: DepartmentId,
    pub name: String,
    /// How much may be lost, as a length of time; None: not set yet.
    pub rpo_ms: Option<i64>,
    /// How long recovery may take; None: not set yet.
    pub rto_ms: Option<i64>,
    pub version: i64,
    pub created_at: Timestamp,
}
