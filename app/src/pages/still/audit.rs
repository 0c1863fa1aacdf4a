//! The audit list: who did what to what, and how it ended.

use farshore_model::{
    audit::{AuditEntry, AuditState},
    view::{AuditFilter, AuditPage},
};
use leptos::prelude::*;

use super::read_and_show;
use crate::{
    components::{
        Button, ButtonVariant, Card, Cell, Column, EmptyState, Glyph, LinkButton, PageHeader, Pagination,
        Row, StatusBadge, Table, TextInput, TimeText, Tone,
    },
    parts::{address, some_text, use_query},
    view,
};

#[component]
pub fn Audit() -> impl IntoView {
    let (action, actor, number) = (use_query("action"), use_query("actor"), use_query("page"));
    let filter = AuditFilter {
        action: some_text(action.get()),
        actor: some_text(actor.get()),
        page: number.get().parse().unwrap_or(1).max(1),
    };
    read_and_show(
        async move |control, actor| control.audit_page(&actor, filter).await,
        |page| view! { <List page/> },
    )
}

#[component]
fn List(page: AuditPage) -> impl IntoView {
    let AuditPage { entries, filter, page: info, .. } = page;
    let AuditFilter { action, actor, .. } = filter;
    let (action, actor) = (action.unwrap_or_default(), actor.unwrap_or_default());
    let is_filtered = !action.is_empty() || !actor.is_empty();
    let (of_action, of_actor) = (action.clone(), actor.clone());
    let href = move |number: u32| {
        let number = number.to_string();
        address("/audit", &[("action", &of_action), ("actor", &of_actor), ("page", &number)])
    };
    let columns = vec![
        Column::new("When"),
        Column::new("Who"),
        Column::new("Did"),
        Column::new("To"),
        Column::new("Result"),
    ];
    let list = if entries.is_empty() {
        view! {
            <EmptyState
                title="No entry fits"
                hint="Every act is written here before it begins and completed when it has ended."
                glyph=Glyph::List
            />
        }
    } else {
        view! {
            <Table caption="Audit list, newest first" columns>{entries.into_iter().map(entry_row).collect_view()}</Table>
            <Pagination page=info.page pages=info.pages() total=u64::from(info.total) noun="entries" href/>
        }
    };
    view! {
        <PageHeader title="Audit" lead="Append-only. Written before the act, completed after it."/>
        <div class="stack">
            <form method="get" action="/audit" class="filter" role="search">
                <TextInput name="actor" label="Who" value=actor is_optional=true/>
                <TextInput name="action" label="Did" placeholder="approve_run" value=action is_optional=true is_code=true/>
                <div class="actions">
                    <Button glyph=Glyph::Search>"Filter"</Button>
                    {is_filtered.then(|| view! { <LinkButton href="/audit" variant=ButtonVariant::Quiet>"Clear"</LinkButton> })}
                </div>
            </form>
            <Card is_flush=true>{list}</Card>
        </div>
    }
}

fn entry_row(entry: AuditEntry) -> impl IntoView {
    let AuditEntry { began_at, actor_name, actor_role, action, subject, subject_path, state, detail, .. } =
        entry;
    let (label, tone) = match state {
        AuditState::Begun => ("begun", Tone::Info),
        AuditState::Succeeded => ("succeeded", Tone::Ok),
        AuditState::Failed => ("failed", Tone::Danger),
        AuditState::Denied => ("denied", Tone::Warn),
    };
    let subject = match subject_path {
        Some(path) => view! { <a href=path>{subject}</a> },
        None => subject.into_any(),
    };
    view! {
        <Row>
            <Cell is_title=true><TimeText at=began_at/></Cell>
            <Cell label="Who">
                <span class="stack-tight">{actor_name}<span class="muted">{actor_role}</span></span>
            </Cell>
            <Cell label="Did"><code>{action}</code></Cell>
            <Cell label="To">{subject}</Cell>
            <Cell label="Result">
                <span class="stack-tight">
                    <StatusBadge tone label/>
                    {detail.map(|detail| view! { <span class="muted">{detail}</span> })}
                </span>
            </Cell>
        </Row>
    }
}
