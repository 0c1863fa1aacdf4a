//! How much of each workspace's patience this process uses at the moment.

use farshore_databricks::{EndpointBudget, Host, budget_snapshot_of};
use farshore_model::{
    Actor, DurationMs, GroupId, Problem, Timestamp, WorkspaceId,
    view::{EndpointUse, RateBudgetPage, WorkspaceBudget},
    workspace::Workspace,
};

use crate::{
    Control,
    problem::from_store,
    role_matrix::{Action, authorize},
};

const SECOND_MS: u64 = 1_000;

impl Control {
    /// Every published limit of each workspace of the group, and what else this process uses there. Nothing is asked
    /// of the workspaces.
    pub async fn rate_budget_page(&self, actor: &Actor, id: GroupId) -> Result<RateBudgetPage, Problem> {
        authorize(actor, Action::Read)?;
        let as_of = self.clock.now();
        let group = self.known_group(id).await?;
        let directory = self.directory().await?;
        let pairs = self.store.pairs(Some(id)).await.map_err(from_store)?;
        let mut ids: Vec<WorkspaceId> = Vec::new();
        for id in pairs.iter().flat_map(|pair| [pair.primary, pair.secondary]) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let known = ids.into_iter().filter_map(|id| Some(directory.status(id)?.workspace));
        let mut workspaces = known
            .map(|workspace| budget_of(workspace, &group.active_region, as_of))
            .collect::<Result<Vec<_>, _>>()?;
        workspaces.sort_by_key(|budget| !budget.is_active);
        Ok(RateBudgetPage { as_of, group, workspaces })
    }
}

fn budget_of(workspace: Workspace, active_region: &str, now: Timestamp) -> Result<WorkspaceBudget, Problem> {
    let host: Host = workspace.host.parse().map_err(|error| Problem::field("host", format!("{error}")))?;
    let mut endpoints: Vec<EndpointUse> =
        budget_snapshot_of(&host).into_iter().map(|budget| use_of(budget, now)).collect();
    // By name otherwise, so that rows do not move under the eyes of whoever looks.
    endpoints.sort_by_key(|one| one.calls == 0);
    Ok(WorkspaceBudget {
        is_active: workspace.region == active_region,
        last_used_at: endpoints.iter().filter_map(|one| one.last_used_at).max(),
        workspace,
        endpoints,
    })
}

fn use_of(budget: EndpointBudget, now: Timestamp) -> EndpointUse {
    let ago = |ms: u64| now - DurationMs(i64::try_from(ms).unwrap_or(i64::MAX));
    let ahead = |ms: u64| now + DurationMs(i64::try_from(ms).unwrap_or(i64::MAX));
    EndpointUse {
        peak_percent: peak_percent(&budget),
        endpoint: budget.endpoint,
        published_requests: budget.published_requests,
        published_window_ms: budget.published_window_ms,
        allowed_per_s: budget.allowed_per_s,
        current_per_s: budget.current_per_s,
        peak_per_s: budget.most_in_a_second,
        calls_last_minute: budget.sent_last_minute,
        waiting: budget.waiting,
        in_flight: budget.in_flight,
        calls: budget.sent,
        throttled: budget.throttled,
        last_throttled_at: budget.last_throttled_ms_ago.map(ago),
        paused_until: budget.backs_off_for_ms.map(ahead),
        lowered_until: budget.recovers_in_ms.map(ahead),
        last_used_at: budget.last_sent_ms_ago.map(ago),
    }
}

/// Of a limit per second the busiest second, of one per minute the last minute.
fn peak_percent(budget: &EndpointBudget) -> Option<u32> {
    let limit = budget.published_requests.filter(|limit| *limit > 0)?;
    let busiest = match budget.published_window_ms? {
        SECOND_MS => budget.most_in_a_second,
        _ => budget.sent_last_minute,
    };
    Some(busiest.saturating_mul(100) / limit)
}
