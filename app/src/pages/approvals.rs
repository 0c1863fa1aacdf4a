//! What waits for an approval, and what was decided.

use farshore_model::{
    Timestamp,
    view::{ApprovalItem, ApprovalsPage, Decision, Topic},
};
use leptos::prelude::*;

use crate::{
    api::read,
    components::{
        Badge, ButtonVariant, Card, EmptyState, Glyph, KeyValue, KeyValues, LinkButton, PageHeader,
        RelativeAge, StatusBadge, TimeText, Tone,
    },
    live::use_changes,
    parts::{Loaded, PageData, TickingLength, run_glyph, run_tone},
    view,
};

#[component]
pub fn Approvals() -> impl IntoView {
    let changes = use_changes(|topic| matches!(topic, Topic::Run(_)));
    let page = PageData::new(move || {
        changes.track();
        Ok(read::approvals())
    });
    view! { <Loaded page render=|page| view! { <List page/> }/> }
}

#[component]
fn List(page: ApprovalsPage) -> impl IntoView {
    let ApprovalsPage { as_of, waiting, decided } = page;
    let waiting = if waiting.is_empty() {
        view! {
            <Card>
                <EmptyState
                    title="Nothing waits for an approval"
                    hint="When somebody requests a failover or a failback it appears here, and nothing happens before it is approved."
                    glyph=Glyph::Check
                />
            </Card>
        }
    } else {
        waiting.into_iter().map(|item| view! { <Item item as_of/> }).collect_view().into_any()
    };
    let decided = (!decided.is_empty()).then(|| {
        view! {
            <h2 class="section-title">"Decided"</h2>
            {decided.into_iter().map(|item| view! { <Item item as_of/> }).collect_view()}
        }
    });
    view! {
        <PageHeader title="Approvals" lead="Never by the one who asked. Declining pauses a run; it destroys nothing."/>
        <div class="stack">{waiting}{decided}</div>
    }
}

#[component]
fn Item(item: ApprovalItem, as_of: Timestamp) -> impl IntoView {
    let ApprovalItem { run, reason, from_region, to_region, age, given, required, why_not, decisions } = item;
    let href = format!("/runs/{}", run.id);
    let is_open = !run.state.is_ended();
    let title = format!("{} of {}", run.kind.title(), run.group_name);
    let lead = format!("{from_region} → {to_region}");
    let lost = age.map(|base| {
        view! {
            <KeyValue label="Would be lost">
                {if is_open {
                    view! { "changes of the last "<TickingLength base/> }
                } else {
                    view! { "changes of the last "<TickingLength base is_running=false/> }
                }}
            </KeyValue>
        }
    });
    let act = match why_not {
        None => view! {
            <LinkButton href=href variant=ButtonVariant::Primary glyph=Glyph::Hand>"Look and decide"</LinkButton>
        },
        Some(why) => view! {
            <LinkButton href=href>"Open the run"</LinkButton>
            <span class="btn-why">{why}</span>
        },
    };
    view! {
        <Card title lead>
            <div class="stack">
                <KeyValues is_wide=true>
                    <KeyValue label="State">
                        <StatusBadge tone=run_tone(run.state) glyph=run_glyph(run.state) label=run.state.title()/>
                    </KeyValue>
                    <KeyValue label="Requested by">
                        {run.requested_by}" "<RelativeAge at=run.requested_at now=as_of/>
                    </KeyValue>
                    <KeyValue label="Reason"><span class="quoted">{reason}</span></KeyValue>
                    {lost}
                    <KeyValue label="Approvals">{format!("{given} of {required} given")}</KeyValue>
                </KeyValues>
                {decisions.into_iter().map(decision_line).collect_view()}
                <div class="actions">{act}</div>
            </div>
        </Card>
    }
}

fn decision_line(decision: Decision) -> impl IntoView {
    let Decision { by, is_approval, comment, at } = decision;
    let (words, tone) = if is_approval { ("approved", Tone::Ok) } else { ("declined", Tone::Warn) };
    view! {
        <p>
            <Badge tone>{words}</Badge>
            " by "{by}", "<TimeText at/>
            {(!comment.is_empty()).then(|| view! { ": "<span class="quoted">{comment}</span> })}
        </p>
    }
}
