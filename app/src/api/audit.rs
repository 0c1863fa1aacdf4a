//! The audit list.

use farshore_model::view::AuditPage;
use leptos::prelude::*;

use super::{ApiResult, Written};

/// Empty texts filter nothing; pages count from 1.
#[server(prefix = "/sfn", endpoint = "read_audit")]
pub async fn read_audit(action: String, actor_name: String, page: u32) -> ApiResult<Written<AuditPage>> {
    let (control, actor) = super::context::signed_in()?;
    let filter = farshore_model::view::AuditFilter {
        action: super::form::filled(action),
        actor: super::form::filled(actor_name),
        page: page.max(1),
    };
    Written::of(&control.audit_page(&actor, filter).await?)
}
