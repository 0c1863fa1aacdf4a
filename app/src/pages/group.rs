//! One failover group: who is active, both axes, what can be done about it, and what was done.

mod pair;

use farshore_model::{
    GroupId,
    group::Side,
    view::{self, ActionAvailability, GroupPage, PairStatus, Topic, WorkspaceStatus, why_not},
};
use leptos::prelude::*;

use self::pair::Pair;
use crate::{
    api::{ApiProblem, RequestSync, read},
    components::{
        Button, ButtonVariant, Card, Crumb, EmptyState, Flow, Glyph, KeyValue, KeyValues, LinkButton,
        MetricRow, PageHeader, RegionRole, Tone, Topology, TopologyLink, TopologyRegion, duration_text,
    },
    live::use_changes,
    parts::{
        FenceList, FormAction, FormProblem, GroupTab, GroupTabs, Loaded, OpenMatters, PageData, PostForm,
        ReadinessBadge, ReadinessList, RecoveryMetric, RegionPills, ReplicationMetric, RunsTable, SyncsTable,
        cloud_words, is_unreachable, reachability_words, slow_tick, use_path_id,
    },
    view,
};

#[component]
pub fn Group() -> impl IntoView {
    let id = use_path_id::<GroupId>();
    let changes = use_changes(move |topic| match topic {
        Topic::Overview | Topic::SyncRun(_) | Topic::Run(_) => true,
        Topic::Group(changed) => id.get_untracked() == Ok(*changed),
        Topic::Demo => false,
    });
    let tick = slow_tick();
    let page = PageData::new(move || {
        changes.track();
        tick.track();
        Ok(read::group(id.get()?))
    });
    let sync = FormAction::of::<RequestSync>();
    let problem = sync.problem();
    view! { <Loaded page render=move |page| view! { <Whole page sync problem/> }/> }
}

#[component]
fn Whole(page: GroupPage, sync: FormAction, problem: Signal<Option<ApiProblem>>) -> impl IntoView {
    let GroupPage { as_of, card, pairs, sync_runs, runs, fences, actions, .. } = page;
    let group = card.group.clone();
    let edit_href = format!("/groups/{}/edit", group.id);
    let may_edit = why_not(&actions, "edit_group").is_none();
    let owner = match &card.department {
        Some(department) => department.name.clone(),
        None => "Whole organisation".to_owned(),
    };
    let schedule = match group.sync_interval_ms {
        Some(ms) => format!("Every {}", duration_text(farshore_model::DurationMs(ms))),
        None => "Only when somebody asks".to_owned(),
    };
    let smoke = match &group.smoke_job {
        Some(job) => job.name.clone(),
        None => "none chosen".to_owned(),
    };
    let was_never_synced = sync_runs.is_empty();
    let fence_region = group.primary_region.clone();
    let pills = card.regions.clone();
    let matters = card.clone();
    let map = view! { <Map card=card.clone() pairs=pairs.clone()/> };
    let pair_cards = pairs.into_iter().map(|pair| view! { <Pair pair as_of/> }).collect_view();
    let view::GroupCard { replication, readiness, recovery_time, .. } = card;
    let axis = readiness.clone();
    view! {
        <PageHeader
            title=group.name.clone()
            crumbs=vec![Crumb::new("Overview", "/")]
            actions=move || may_edit.then(|| view! { <LinkButton href=edit_href>"Edit"</LinkButton> })
        >
            <RegionPills regions=pills/>
        </PageHeader>
        <div class="stack">
            <GroupTabs group=group.id current=GroupTab::Overview/>
            <OpenMatters card=matters as_of/>
            <Card title="Where it runs">{map}</Card>
            <MetricRow>
                <ReplicationMetric replication/>
                <ReadinessBadge readiness=axis/>
                <RecoveryMetric recovery=recovery_time/>
            </MetricRow>
            <Acts group=group.id actions was_never_synced sync/>
            <FormProblem problem/>
            <div class="grid-2">
                <Card title="Readiness" lead="Would a failover work now, and why not.">
                    <ReadinessList readiness as_of/>
                </Card>
                <Card title="Settings">
                    <KeyValues>
                        <KeyValue label="Owner">{owner}</KeyValue>
                        <KeyValue label="Home region">{group.primary_region.clone()}</KeyValue>
                        <KeyValue label="Sync schedule">{schedule}</KeyValue>
                        <KeyValue label="Smoke job">{smoke}</KeyValue>
                    </KeyValues>
                </Card>
            </div>
            {pair_cards}
            {(!fences.is_empty()).then(|| view! {
                <Card title="Fences" lead="The old primary is switched off, also when it answers only later.">
                    <div class="stack"><FenceList fences region=fence_region as_of/></div>
                </Card>
            })}
            <Card title="Syncs" is_flush=true>
                {if sync_runs.is_empty() {
                    view! {
                        <EmptyState
                            title="Nothing was copied yet"
                            hint="Plan the first sync: you see every object before anything is written."
                            glyph=Glyph::Sync
                        />
                    }
                } else {
                    view! { <SyncsTable runs=sync_runs as_of/> }
                }}
            </Card>
            <Card title="Failovers and failbacks" is_flush=true>
                {if runs.is_empty() {
                    view! { <EmptyState title="There was none yet" glyph=Glyph::Shield/> }
                } else {
                    view! { <RunsTable runs as_of/> }
                }}
            </Card>
        </div>
    }
}

/// The four things to do here. What cannot be done says why.
#[component]
fn Acts(
    group: GroupId,
    actions: Vec<ActionAvailability>,
    was_never_synced: bool,
    sync: FormAction,
) -> impl IntoView {
    let (plan, now) = if was_never_synced {
        (ButtonVariant::Primary, ButtonVariant::Secondary)
    } else {
        (ButtonVariant::Secondary, ButtonVariant::Primary)
    };
    let why_plan = why_not(&actions, "plan_sync");
    let why_apply = why_not(&actions, "apply_sync")
        .map(|why| if why_plan.as_ref() == Some(&why) { "for the same reason".to_owned() } else { why });
    view! {
        <Card title="Act">
            <div class="acts">
                <PostForm action=sync>
                    <input type="hidden" name="group_id" value=group.to_string()/>
                    <div class="actions">
                        <Button
                            variant=plan
                            glyph=Glyph::List
                            name="is_applied_at_once"
                            value="false"
                            why_disabled=why_plan
                            is_busy=sync.is_pending()
                        >
                            {if was_never_synced { "Plan the first sync" } else { "Plan a sync" }}
                        </Button>
                        <Button
                            variant=now
                            glyph=Glyph::Sync
                            name="is_applied_at_once"
                            value="true"
                            why_disabled=why_apply
                            is_busy=sync.is_pending()
                        >
                            "Sync now"
                        </Button>
                    </div>
                </PostForm>
                <div class="actions">
                    <Away href=format!("/groups/{group}/failover") why=why_not(&actions, "request_failover") glyph=Glyph::Bolt variant=ButtonVariant::Danger label="Request failover"/>
                    <Away href=format!("/groups/{group}/failback") why=why_not(&actions, "request_failback") glyph=Glyph::ArrowLeft variant=ButtonVariant::Secondary label="Fail back"/>
                </div>
            </div>
        </Card>
    }
}

/// A link to a page that asks further; a dead button with its reason when that page would refuse.
#[component]
fn Away(
    href: String,
    why: Option<String>,
    glyph: Glyph,
    variant: ButtonVariant,
    label: &'static str,
) -> impl IntoView {
    match why {
        None => view! { <LinkButton href variant glyph>{label}</LinkButton> },
        Some(why) => {
            view! { <Button variant=ButtonVariant::Secondary glyph why_disabled=why>{label}</Button> }
        }
    }
}

/// The home region and the others, and which way things flow between them.
#[component]
fn Map(card: view::GroupCard, pairs: Vec<PairStatus>) -> impl IntoView {
    let is_suspended = card.replication.suspension.is_some();
    let home = pairs.first().map(|pair| node(&pair.primary, &card));
    let links = pairs
        .iter()
        .map(|pair| TopologyLink {
            region: node(&pair.secondary, &card),
            flow: match pair.active_side {
                _ if is_suspended => Flow::Suspended,
                Some(Side::Secondary) => Flow::ToHome,
                _ => Flow::FromHome,
            },
            label: match (is_suspended, unreachable(pair), pair.pair.replication_point) {
                (true, ..) => "suspended".to_owned(),
                (false, Some(region), _) => format!("waits for {region}"),
                (false, None, Some(_)) => "replicates".to_owned(),
                (false, None, None) => "never replicated".to_owned(),
            },
            tone: match (is_suspended, unreachable(pair), pair.pair.replication_point) {
                (false, None, Some(_)) => Tone::Ok,
                _ => Tone::Warn,
            },
        })
        .collect();
    home.map(|home| view! { <Topology home links/> })
}

/// The region of a pair that does not answer.
fn unreachable(pair: &PairStatus) -> Option<&str> {
    [&pair.primary, &pair.secondary]
        .into_iter()
        .find(|status| is_unreachable(status))
        .map(|status| status.workspace.region.as_str())
}

fn node(status: &WorkspaceStatus, card: &view::GroupCard) -> TopologyRegion {
    let workspace = &status.workspace;
    let is_active = workspace.region == card.group.active_region;
    let detail = match &status.health {
        Some(health) => format!("{} · {}", cloud_words(workspace.cloud), reachability_words(health.state).0),
        None => cloud_words(workspace.cloud).to_owned(),
    };
    TopologyRegion {
        region: workspace.region.clone(),
        role: if is_active {
            RegionRole::Active
        } else if is_unreachable(status) {
            RegionRole::Unreachable
        } else {
            RegionRole::Passive
        },
        workspace: workspace.name.clone(),
        detail: Some(detail),
    }
}
