//! Asking for a failover or a failback.

use farshore_model::{
    Actor, DurationMs, GroupId, Problem, RunId, Timestamp,
    group::Side,
    run::{RunDefinition, RunMode, RunRequest, RunbookKind},
    view::{GroupCard, GroupPage, PairStatus, RequestPage, RequestTarget, WorkspaceStatus},
    workspace::Reachability,
};

use super::{
    from_command,
    route::{NoRoute, Route, Situation},
};
use crate::{
    Control,
    audit::Subject,
    problem::{chain, not_now},
    replication,
    role_matrix::{self, Action, authorize},
    runbooks::{self, RunScope, ScopedPair, ScopedWorkspace},
};

/// Longer reasons belong into the incident's own papers.
const REASON_LIMIT: usize = 2_000;

#[derive(Clone, Debug)]
pub struct RunRequestInput {
    pub group: GroupId,
    pub kind: RunbookKind,
    /// Of a failover; a failback is always planned.
    pub mode: RunMode,
    /// The passive region that takes over; may be left out when there is only one, and for a failback.
    pub target_region: Option<String>,
    pub reason: String,
    /// What was typed to confirm; has to be the group's name.
    pub confirm_name: String,
}

impl Control {
    /// What a person sees before they ask: from where to where, how much would be lost, and what would be done.
    pub async fn request_page(
        &self,
        actor: &Actor,
        group: GroupId,
        kind: RunbookKind,
    ) -> Result<RequestPage, Problem> {
        authorize(actor, Action::Read)?;
        let page = self.group_page(actor, group).await?;
        let route = self.route(&page.card, &page.pairs, kind).await?;
        let as_of = page.as_of;
        let role = role_matrix::why_not(actor.role, Action::RequestRun);
        let why_not = role.or_else(|| route.as_ref().err().map(|why| why.what.clone()));
        let definition = match &route {
            Ok(route) => definition(route, kind, RunMode::Forced),
            Err(_) => runbooks::definition(kind, RunMode::Forced),
        };
        let (from_region, targets) = match route {
            Ok(Route { from, targets, .. }) => {
                let targets =
                    targets.into_iter().map(|to| target(&page.pairs, &from, to, kind, as_of)).collect();
                (from, targets)
            }
            Err(_) => (page.card.group.active_region.clone(), Vec::new()),
        };
        let steps = definition
            .map(|definition| definition.steps)
            .unwrap_or_default()
            .into_iter()
            .map(|step| (step.title, step.description))
            .collect();
        Ok(RequestPage { as_of, card: page.card, kind, from_region, targets, why_not, steps })
    }

    /// Asks for a run; it waits for its approval and does nothing before.
    pub async fn request_run(&self, actor: &Actor, input: RunRequestInput) -> Result<RunId, Problem> {
        let group = self.known_group(input.group).await?;
        let subject = Subject::new(group.name.clone(), format!("/groups/{}", group.id));
        let name = format!("request_{}", input.kind.as_str());
        self.act(actor, Action::RequestRun, &name, subject, async {
            let reason = checked_reason(&input.reason)?;
            if input.confirm_name.trim() != group.name {
                return Err(Problem::field(
                    "confirm_name",
                    format!("Type the group's name, {}.", group.name),
                ));
            }
            let mode = if input.kind == RunbookKind::Failback { RunMode::Planned } else { input.mode };
            let page = self.group_page(actor, group.id).await?;
            let route = self
                .route(&page.card, &page.pairs, input.kind)
                .await?
                .map_err(|why| not_now(why.what, why.what_to_do))?;
            if input.kind == RunbookKind::Failover && mode == RunMode::Planned && page.card.open_fences > 0 {
                return Err(not_now(
                    format!(
                        "The fence of {} is still open: the region has not been seen to stop, so it cannot be left \
                         in an orderly way.",
                        route.from
                    ),
                    "Request a forced failover, or wait: the panel closes the fence as soon as the region answers.",
                ));
            }
            let to = chosen_target(&route, input.target_region)?;
            let Some(definition) = definition(&route, input.kind, mode) else {
                return Err(not_now("There is no such runbook.", "Request a failover or a failback."));
            };
            let scope = scope(&page, input.kind, route.from, to);
            let context = scope.to_value().map_err(|error| {
                tracing::error!(error = chain(&error), "a scope could not be written");
                not_now("The request could not be written down.", "Try again.")
            })?;
            let request =
                RunRequest { group_id: group.id, actor: actor.clone(), reason, mode, definition, context };
            self.run_commands().request(request).await.map(|run| run.id).map_err(from_command)
        })
        .await
    }

    /// The one rule for whether a group can be moved: what its page offers is what a request is held to.
    pub(crate) async fn route(
        &self,
        card: &GroupCard,
        pairs: &[PairStatus],
        kind: RunbookKind,
    ) -> Result<Result<Route, NoRoute>, Problem> {
        let group = &card.group;
        let is_home = group.active_region == group.primary_region;
        let abandoned_to =
            match group.suspension.as_ref().filter(|_| is_home).and_then(|suspension| suspension.run_id) {
                Some(run) => RunScope::of(&self.known_run(run).await?).ok().map(|scope| scope.to_region),
                None => None,
            };
        let situation = Situation {
            group,
            pairs,
            open_run: card.open_run.as_ref(),
            open_fences: card.open_fences,
            abandoned_to: abandoned_to.as_deref(),
        };
        Ok(situation.route(kind))
    }
}

/// The runbook that takes a group this way.
fn definition(route: &Route, kind: RunbookKind, mode: RunMode) -> Option<RunDefinition> {
    if route.is_taking_back { Some(runbooks::taking_back()) } else { runbooks::definition(kind, mode) }
}

fn checked_reason(reason: &str) -> Result<String, Problem> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Problem::field("reason", "Say why: approvers and the report need the reason."));
    }
    if reason.chars().count() > REASON_LIMIT {
        return Err(Problem::field("reason", format!("A reason has at most {REASON_LIMIT} characters.")));
    }
    Ok(reason.to_owned())
}

fn chosen_target(route: &Route, chosen: Option<String>) -> Result<String, Problem> {
    match (chosen.filter(|region| !region.is_empty()), route.targets.as_slice()) {
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(Problem::field("target_region", "Choose the region that takes over.")),
        (Some(region), targets) if targets.contains(&region) => Ok(region),
        (Some(region), targets) => Err(Problem::field(
            "target_region",
            format!("{region} cannot take over; these can: {}.", targets.join(", ")),
        )),
    }
}

/// The pairs that a run between the two regions moves.
fn moved<'a>(
    pairs: &'a [PairStatus],
    from: &str,
    to: &str,
    kind: RunbookKind,
) -> impl Iterator<Item = &'a PairStatus> {
    let passive = match kind {
        RunbookKind::Failback => from,
        RunbookKind::Failover | RunbookKind::Drill => to,
    }
    .to_owned();
    pairs.iter().filter(move |status| status.secondary.workspace.region == passive)
}

fn target(
    pairs: &[PairStatus],
    from: &str,
    to: String,
    kind: RunbookKind,
    as_of: Timestamp,
) -> RequestTarget {
    let moved: Vec<_> = moved(pairs, from, &to, kind).collect();
    let replication_point = replication::earliest(moved.iter().map(|status| &status.pair));
    let side = RunScope::side(kind);
    let reachability = moved.iter().map(|status| {
        let workspace = match side {
            Side::Primary => &status.primary,
            Side::Secondary => &status.secondary,
        };
        workspace.health.as_ref().map_or(Reachability::Unknown, |health| health.state)
    });
    let reachability = reachability.max().unwrap_or(Reachability::Unknown);
    RequestTarget {
        age: replication_point.map(|point| as_of.since(point)),
        replication_point,
        reachability,
        region: to,
    }
}

fn scope(page: &GroupPage, kind: RunbookKind, from_region: String, to_region: String) -> RunScope {
    let moved: Vec<_> = moved(&page.pairs, &from_region, &to_region, kind).collect();
    let to = RunScope::side(kind);
    let workspace = |status: &WorkspaceStatus| ScopedWorkspace {
        id: status.workspace.id,
        name: status.workspace.name.clone(),
    };
    let department = page.card.department.as_ref();
    RunScope {
        group_id: page.card.group.id,
        group_name: page.card.group.name.clone(),
        pairs: moved
            .iter()
            .map(|status| ScopedPair {
                pair_id: status.pair.id,
                primary: workspace(&status.primary),
                secondary: workspace(&status.secondary),
                to,
            })
            .collect(),
        smoke_job: page.card.group.smoke_job.clone(),
        replication_point: replication::earliest(moved.iter().map(|status| &status.pair)),
        rpo: department.and_then(|department| department.rpo_ms).map(DurationMs),
        rto: department.and_then(|department| department.rto_ms).map(DurationMs),
        from_region,
        to_region,
    }
}
