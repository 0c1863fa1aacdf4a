//! Asking for a failover or a failback. States what would be lost before it asks anything. Not live: nothing
//! moves while somebody types; ages grow by themselves.

use farshore_model::{
    GroupId,
    run::{RunMode, RunbookKind},
    view::{RequestPage, RequestTarget},
    workspace::Reachability,
};
use leptos::prelude::*;

use crate::{
    api::{ApiProblem, RequestRun, read},
    components::{
        Alert, Card, ConfirmByName, Crumb, LinkButton, PageHeader, RadioCard, RadioCards, RegionPill,
        RegionRole, StatusBadge, Textarea, TimeText, Tone,
    },
    parts::{
        FormAction, FormProblem, Loaded, PageData, PostForm, TickingLength, is_unreachable,
        reachability_words, use_path_id,
    },
    view,
};

#[component]
pub fn RequestFailover() -> impl IntoView {
    view! { <Request kind=RunbookKind::Failover/> }
}

#[component]
pub fn RequestFailback() -> impl IntoView {
    view! { <Request kind=RunbookKind::Failback/> }
}

#[component]
fn Request(kind: RunbookKind) -> impl IntoView {
    let id = use_path_id::<GroupId>();
    let request = FormAction::of::<RequestRun>();
    let page = PageData::new(move || Ok(read::request(id.get()?, kind)));
    view! { <Loaded page render=move |page| view! { <Whole page request refused=request.refused()/> }/> }
}

#[component]
fn Whole(page: RequestPage, request: FormAction, refused: Option<ApiProblem>) -> impl IntoView {
    let group = page.card.group.clone();
    let href = format!("/groups/{}", group.id);
    let title = format!("Request a {} of {}", page.kind.title().to_ascii_lowercase(), group.name);
    let steps = page.steps.clone();
    let loss = page
        .targets
        .iter()
        .cloned()
        .map(|target| view! { <Loss target kind=page.kind from_region=page.from_region.clone()/> })
        .collect_view();
    let back = href.clone();
    let form = match page.why_not.clone() {
        Some(why) => view! {
            <Alert tone=Tone::Warn title=why>
                <LinkButton href=back>"Back to the group"</LinkButton>
            </Alert>
        },
        None => view! { <Form page request refused/> },
    };
    view! {
        <PageHeader title crumbs=vec![Crumb::new("Overview", "/"), Crumb::new(group.name.clone(), href)]/>
        <div class="stack">
            {loss}
            <FormProblem problem=request.problem()/>
            {form}
            <Steps steps/>
        </div>
    }
}

/// How old the replication point of a region is, and what that means.
#[component]
fn Loss(target: RequestTarget, kind: RunbookKind, from_region: String) -> impl IntoView {
    let RequestTarget { region, replication_point, age, reachability } = target;
    let (label, tone) = reachability_words(reachability);
    let reach = view! { <StatusBadge tone label/> };
    let statement = match (kind, replication_point, age) {
        (RunbookKind::Failback, ..) => view! {
            <p class="loss-words">
                {format!("Nothing is to be lost: what changed in {from_region} is carried back to {region} first. An object that was changed on both sides stops the run for your choice.")}
            </p>
        },
        (_, Some(at), Some(base)) => view! {
            <p class="loss-words">
                "The replication point is "<strong><TickingLength base/></strong>" old ("<TimeText at/>"). "
                {format!("If {from_region} is gone, everything that was changed there since then is lost.")}
            </p>
        },
        _ => view! {
            <p class="loss-words">
                {format!("Nothing is known to be in {region}: it was never replicated completely. A forced failover would start from what happens to be there.")}
            </p>
        },
    };
    view! {
        <Card title="What would be lost">
            <div class="stack">
                <div class="actions"><RegionPill region=region role=RegionRole::Passive/>{reach}</div>
                {statement}
            </div>
        </Card>
    }
}

#[component]
fn Form(page: RequestPage, request: FormAction, refused: Option<ApiProblem>) -> impl IntoView {
    let RequestPage { card, kind, from_region, targets, .. } = page;
    let group = card.group.clone();
    let is_source_down = card
        .regions
        .iter()
        .filter(|region| region.region == from_region)
        .any(|region| region.workspaces.iter().any(is_unreachable));
    let to = targets.first().map(|target| target.region.clone()).unwrap_or_default();
    let consequence = match kind {
        RunbookKind::Failback => format!(
            "{to} becomes the active region again. {from_region} is fenced: its pools are emptied, its clusters terminated, its jobs held. Work that runs there is cancelled."
        ),
        _ => format!(
            "{from_region} is fenced, now or as soon as it answers: its pools are emptied, its clusters terminated, its jobs held, its running job runs cancelled. {} becomes the active region.",
            if targets.len() == 1 { to.clone() } else { "The chosen region".to_owned() }
        ),
    };
    let action = match kind {
        RunbookKind::Failback => "Request failback",
        _ => "Request failover",
    };
    let typed = |field: &str| refused.as_ref().and_then(|refused| refused.typed(field)).map(str::to_owned);
    let error = |field: &str| refused.as_ref().and_then(|refused| refused.field_error(field));
    let mode = (kind == RunbookKind::Failover).then(|| {
        view! { <Mode is_source_down from_region selected=typed("mode") error=error("mode")/> }
    });
    let fields = view! {
        {mode}
        <Target targets selected=typed("target_region") error=error("target_region")/>
        <Textarea
            name="reason"
            label="Reason"
            hint="The approver reads it, and so will the auditors."
            value=typed("reason")
            error=error("reason")
            is_required=true
        />
    };
    view! {
        <Card title="The request" lead="Nothing happens before somebody with the role approver has approved it. The clock against the RTO starts with the request.">
            <PostForm action=request>
                <div class="form">
                    <input type="hidden" name="group_id" value=group.id.to_string()/>
                    <input type="hidden" name="kind" value=kind.as_str()/>
                    {(kind != RunbookKind::Failover).then(|| view! { <input type="hidden" name="mode" value=RunMode::Planned.as_str()/> })}
                    {fields}
                    <ConfirmByName
                        expected=group.name.clone()
                        consequence
                        action
                        cancel_href=format!("/groups/{}", group.id)
                    />
                </div>
            </PostForm>
        </Card>
    }
}

/// Planned or forced; never chosen for the person.
#[component]
fn Mode(
    is_source_down: bool,
    from_region: String,
    selected: Option<String>,
    error: Option<String>,
) -> impl IntoView {
    let planned = RadioCard::new(
        RunMode::Planned.as_str(),
        "Planned",
        format!(
            "{from_region} answers: it is fenced first and its last changes are carried over. Nothing is lost."
        ),
    );
    let planned =
        if is_source_down { planned.disabled(format!("{from_region} does not answer.")) } else { planned };
    let forced = RadioCard::new(
        RunMode::Forced.as_str(),
        "Forced",
        format!(
            "{from_region} is not asked for anything. What was changed there after the replication point is lost."
        ),
    );
    view! { <RadioCards name="mode" legend="How" cards=vec![planned, forced] selected error is_required=true/> }
}

#[component]
fn Target(targets: Vec<RequestTarget>, selected: Option<String>, error: Option<String>) -> impl IntoView {
    match targets.as_slice() {
        [] => ().into_any(),
        [only] => view! { <input type="hidden" name="target_region" value=only.region.clone()/> },
        several => {
            let cards = several
                .iter()
                .map(|target| {
                    let card = RadioCard::new(target.region.clone(), target.region.clone(), "");
                    match target.reachability {
                        Reachability::Reachable => card,
                        Reachability::Unknown => card.disabled("It was not looked at yet."),
                        Reachability::Refused => card.disabled("It answers, but refuses the panel."),
                        Reachability::Unreachable => card.disabled("It does not answer."),
                    }
                })
                .collect();
            view! {
                <RadioCards name="target_region" legend="To which region" cards selected error is_required=true/>
            }
        }
    }
}

/// What the run will do, step by step.
#[component]
fn Steps(steps: Vec<(String, String)>) -> impl IntoView {
    let rows = steps
        .into_iter()
        .map(|(title, description)| view! { <li><strong>{title}</strong><p class="muted">{description}</p></li> })
        .collect_view();
    view! { <Card title="What the run does"><ol class="numbered">{rows}</ol></Card> }
}
