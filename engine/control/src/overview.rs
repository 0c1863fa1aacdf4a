//! The first page: every group on one board, and what waits for the one who looks.

use farshore_model::{
    Actor, Problem,
    run::RunState,
    view::{Overview, RunSummary, WaitingItem},
};

use crate::{
    Control,
    problem::from_store,
    role_matrix::{Action, authorize, is_allowed},
};

const OPEN_RUNS: u32 = 50;

impl Control {
    pub async fn overview(&self, actor: &Actor) -> Result<Overview, Problem> {
        authorize(actor, Action::Read)?;
        let as_of = self.clock.now();
        let unfinished_pairings = if is_allowed(actor.role, Action::PairWorkspaces) {
            self.store.pairings().await.map_err(from_store)?
        } else {
            Vec::new()
        };
        Ok(Overview {
            as_of,
            groups: self.group_cards(as_of).await?,
            waiting: self.waiting(actor).await?,
            unfinished_pairings,
        })
    }

    async fn waiting(&self, actor: &Actor) -> Result<Vec<WaitingItem>, Problem> {
        let mut items = Vec::new();
        if is_allowed(actor.role, Action::ApproveRun) {
            let page = self.approvals_page(actor).await?;
            for item in page.waiting.into_iter().filter(|item| item.why_not.is_none()) {
                items.push(WaitingItem {
                    title: format!(
                        "Approve the {} of {}",
                        item.run.kind.title().to_lowercase(),
                        item.run.group_name
                    ),
                    detail: format!("{} → {}: {}", item.from_region, item.to_region, item.reason),
                    path: format!("/runs/{}", item.run.id),
                    since: item.run.requested_at,
                });
            }
        }
        if is_allowed(actor.role, Action::DriveRun) {
            for run in self.run_summaries(None, OPEN_RUNS).await? {
                let Some(detail) = asks_for(&run) else { continue };
                items.push(WaitingItem {
                    title: format!("{} of {}", run.kind.title(), run.group_name),
                    detail,
                    path: format!("/runs/{}", run.id),
                    since: run.requested_at,
                });
            }
        }
        if is_allowed(actor.role, Action::ApplySync) {
            items.extend(self.held_plans().await?);
        }
        items.sort_by_key(|item| item.since);
        Ok(items)
    }
}

/// What a run asks of those who drive it; None while it goes on by itself.
fn asks_for(run: &RunSummary) -> Option<String> {
    let step = run.current_step.as_deref().unwrap_or("a step");
    match run.state {
        RunState::PausedByFailedStep => Some(format!("“{step}” has failed: retry, skip or abandon.")),
        RunState::PausedByOperator => Some("Paused: resume it, or abandon it.".to_owned()),
        _ if run.is_waiting_for_person => Some(format!("“{step}” waits for your choice.")),
        _ => None,
    }
}
