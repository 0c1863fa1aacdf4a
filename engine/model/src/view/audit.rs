//! The audit log, page by page.

use serde::{Deserialize, Serialize};

use super::PageInfo;
use crate::{Timestamp, audit::AuditEntry};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditPage {
    pub as_of: Timestamp,
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    pub filter: AuditFilter,
    pub page: PageInfo,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFilter {
    pub action: Option<String>,
    pub actor: Option<String>,
    /// From 1.
    pub page: u32,
}
