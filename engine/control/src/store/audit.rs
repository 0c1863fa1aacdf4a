use async_trait::async_trait;
use farshore_model::{
    AuditId, Timestamp,
    audit::{AuditEntry, AuditState},
    view::AuditFilter,
};

use super::StoreError;

/// The audit list. Entries are appended and completed, never changed otherwise, never removed.
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// Must succeed before the act it announces.
    async fn begin_audit(&self, entry: &AuditEntry) -> Result<(), StoreError>;

    /// Completes an entry that is still `begun`; completing it twice changes nothing.
    async fn complete_audit(
        &self,
        id: AuditId,
        state: AuditState,
        detail: Option<&str>,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// One page, newest first, and how many entries match. `filter.page` counts from 1 (0 is taken as 1);
    /// `filter.actor` matches part of the name.
    async fn audit_page(
        &self,
        filter: &AuditFilter,
        per_page: u32,
    ) -> Result<(Vec<AuditEntry>, u32), StoreError>;
}
