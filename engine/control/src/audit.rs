//! Two writes around every act: *begin* must succeed before it, *complete* is retried after it.

use std::time::Duration;

use farshore_model::{
    Actor, AuditId, Problem, ProblemKind,
    audit::{AuditEntry, AuditState},
    view::{AuditFilter, AuditPage, PageInfo},
};

use crate::{
    Control,
    problem::{check_searched, from_store},
    role_matrix::{Action, authorize},
};

const PER_PAGE: u32 = 50;
const COMPLETION_TRIES: u32 = 3;

/// What an act is done to, for the audit list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subject {
    pub name: String,
    pub path: Option<String>,
}

impl Subject {
    pub fn new(name: impl Into<String>, path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..Self::named(name) }
    }

    /// As somebody typed it, before anything has checked it: what no database keeps is replaced.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into().replace('\0', "\u{fffd}"), path: None }
    }
}

impl Control {
    /// Authorises, notes the beginning, acts, notes the end. `name` is the use-case's verb and noun.
    pub(crate) async fn act<T, F>(
        &self,
        actor: &Actor,
        action: Action,
        name: &str,
        subject: Subject,
        act: F,
    ) -> Result<T, Problem>
    where
        F: Future<Output = Result<T, Problem>> + Send,
    {
        let mut entry = AuditEntry {
            id: AuditId(self.ids.next()),
            began_at: self.clock.now(),
            actor_name: actor.name.clone(),
            actor_role: actor.role.to_string(),
            action: name.to_owned(),
            subject: subject.name,
            subject_path: subject.path,
            state: AuditState::Begun,
            completed_at: None,
            detail: None,
        };
        if let Err(problem) = authorize(actor, action) {
            entry.state = AuditState::Denied;
            entry.completed_at = Some(entry.began_at);
            entry.detail = Some(problem.what_happened.clone());
            self.store.begin_audit(&entry).await.map_err(from_store)?;
            return Err(problem);
        }
        self.store.begin_audit(&entry).await.map_err(from_store)?;
        let result = act.await;
        let (state, detail) = match &result {
            Ok(_) => (AuditState::Succeeded, None),
            Err(problem) => (AuditState::Failed, Some(problem.what_happened.as_str())),
        };
        self.complete(entry.id, state, detail).await;
        result
    }

    /// The act is done and cannot be taken back, so a failure here is logged, not returned: the entry stays
    /// `begun`, which says that its end was not recorded.
    async fn complete(&self, id: AuditId, state: AuditState, detail: Option<&str>) {
        for attempt in 1..=COMPLETION_TRIES {
            match self.store.complete_audit(id, state, detail, self.clock.now()).await {
                Ok(()) => return,
                Err(error) => tracing::warn!(%id, attempt, %error, "audit entry not completed"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// One page of the audit list, newest first.
    pub async fn audit_page(&self, actor: &Actor, filter: AuditFilter) -> Result<AuditPage, Problem> {
        authorize(actor, Action::ReadAudit)?;
        for (field, text) in [("action", &filter.action), ("actor", &filter.actor)] {
            check_searched(field, text.as_deref().unwrap_or_default())?;
        }
        let (entries, total) = self.store.audit_page(&filter, PER_PAGE).await.map_err(from_store)?;
        let page = PageInfo { page: filter.page.max(1), per_page: PER_PAGE, total };
        Ok(AuditPage { as_of: self.clock.now(), entries, filter, page })
    }
}

/// Somebody looked for what is not there, or what they may not know of.
pub(crate) fn not_found(what: &str) -> Problem {
    Problem::new(
        ProblemKind::NotFound,
        format!("There is no such {what}."),
        "Nothing was changed.",
        "Go back to the overview and choose from what is there.",
    )
}
