//! Two syncs side by side.

use farshore_control::ComparedSyncs;
use farshore_model::{
    GroupId, SyncRunId,
    sync_run::SyncRun,
    view::{ComparePage, ComparedOutcome, ComparisonRow, Difference, PairNames},
};
use leptos::prelude::*;

use super::{
    object_link::{Exports, object_address, pair_name},
    read_and_show,
};
use crate::{
    components::{
        Badge, Button, Card, Cell, Choice, Column, Crumb, EmptyState, Glyph, Icon, PageHeader, Pagination,
        Row, Select, StatusBadge, Tab, Table, Tabs, Tone, utc_text,
    },
    parts::{
        GroupTab, GroupTabs, action_words, address, counted, outcome_words, trigger_words, use_path_id,
        use_query,
    },
    view,
};

#[component]
pub fn Compare() -> impl IntoView {
    let id = use_path_id::<GroupId>().get();
    let chosen =
        ComparedSyncs { first: use_query("a").get().parse().ok(), second: use_query("b").get().parse().ok() };
    let difference = use_query("difference").get().parse().ok();
    let number = use_query("page").get().parse().unwrap_or(1);
    read_and_show(
        async move |control, actor| {
            let id = id.map_err(|refused| refused.problem)?;
            control.compare_page(&actor, id, chosen, difference, number).await
        },
        |page| view! { <Whole page/> },
    )
}

#[component]
fn Whole(page: ComparePage) -> impl IntoView {
    let group = page.group.clone();
    let chosen = page.first.as_ref().zip(page.second.as_ref()).map(|(first, second)| (first.id, second.id));
    let list = match chosen {
        Some((first, second)) => view! { <Differences page=page.clone() first second/> },
        None => view! {
            <EmptyState
                title="There are no two syncs to compare yet"
                hint="Syncs of one pair that changed something, or tried to, can be compared."
                glyph=Glyph::Sync
            />
        },
    };
    view! {
        <PageHeader
            title="Compare syncs"
            crumbs=vec![Crumb::new("Overview", "/"), Crumb::new(group.name, format!("/groups/{}", group.id))]
            lead="What one sync did and another one did not, and which failures came and went."
        />
        <div class="stack">
            <GroupTabs group=group.id current=GroupTab::Compare/>
            <Choose group=group.id choices=page.choices pairs=page.pairs chosen/>
            {list}
        </div>
    }
}

#[component]
fn Choose(
    group: GroupId,
    choices: Vec<SyncRun>,
    pairs: Vec<PairNames>,
    chosen: Option<(SyncRunId, SyncRunId)>,
) -> impl IntoView {
    let choices: Vec<Choice> =
        choices.iter().map(|run| Choice::new(run.id.to_string(), run_text(run, &pairs))).collect();
    let (first, second) = chosen.unzip();
    let id = |id: Option<SyncRunId>| id.map(|id| id.to_string()).unwrap_or_default();
    view! {
        <form method="get" action=format!("/groups/{group}/compare") class="filter">
            <Select name="a" label="First sync" choices=choices.clone() selected=id(first)/>
            <Select name="b" label="Second sync" choices selected=id(second)/>
            <div class="actions">
                <Button>"Compare"</Button>
            </div>
        </form>
    }
}

fn run_text(run: &SyncRun, pairs: &[PairNames]) -> String {
    let by = run.requested_by.as_deref().unwrap_or_else(|| trigger_words(run.trigger));
    let mut text = format!("{}, {by}, {}", utc_text(run.created_at), counted(run.total, "object", "objects"));
    if run.failed > 0 {
        text.push_str(&format!(", {} failed", run.failed));
    }
    if run.only.is_some() {
        text.push_str(", run again");
    }
    if pairs.len() > 1 {
        text.push_str(&format!(", {}", pair_name(pairs, run.pair_id)));
    }
    text
}

const fn difference_words(difference: Difference) -> (&'static str, Tone) {
    match difference {
        Difference::NewFailure => ("New failures", Tone::Danger),
        Difference::NoLongerFailing => ("No longer failing", Tone::Ok),
        Difference::FailedInBoth => ("Failed in both", Tone::Danger),
        Difference::OnlySecond => ("Changed by the second only", Tone::Info),
        Difference::OnlyFirst => ("Changed by the first only", Tone::Info),
        Difference::ChangedByBoth => ("Changed by both", Tone::Neutral),
    }
}

#[component]
fn Differences(page: ComparePage, first: SyncRunId, second: SyncRunId) -> impl IntoView {
    let ComparePage { group, counts, difference, rows, page: info, .. } = page;
    let (first, second) = (first.to_string(), second.to_string());
    let (of_first, of_second) = (first.clone(), second.clone());
    let path = format!("/groups/{}/compare", group.id);
    let here = move |difference: Option<Difference>, number: u32| {
        let difference = difference.map(Difference::as_str).unwrap_or_default();
        let number = if number > 1 { number.to_string() } else { String::new() };
        let query = [("a", &*of_first), ("b", &*of_second), ("difference", difference), ("page", &*number)];
        address(&path, &query)
    };
    let all = counts.iter().map(|count| u64::from(count.objects)).sum();
    let mut tabs = vec![Tab::new("All", here(None, 1), difference.is_none()).with_count(all)];
    tabs.extend(counts.iter().map(|count| {
        let is_current = difference == Some(count.difference);
        let label = difference_words(count.difference).0;
        Tab::new(label, here(Some(count.difference), 1), is_current).with_count(u64::from(count.objects))
    }));
    let list = if rows.is_empty() {
        view! {
            <EmptyState title="Nothing here" hint="Neither of the two did anything of the kind." glyph=Glyph::Check/>
        }
    } else {
        let columns = vec![
            Column::new("Name"),
            Column::new("Kind"),
            Column::new("Difference"),
            Column::new("First sync"),
            Column::new("Second sync"),
        ];
        let rows = rows.into_iter().map(|row| difference_row(group.id, row)).collect_view();
        view! {
            <Table caption="Objects in which the two syncs differ" columns>{rows}</Table>
            <Pagination
                page=info.page
                pages=info.pages()
                total=u64::from(info.total)
                noun="objects"
                href=move |number| here(difference, number)
            />
        }
    };
    let export = format!("/api/v1/groups/{}/compare/export", group.id);
    let mut query = vec![("a", first.clone()), ("b", second.clone())];
    query.extend(difference.map(|difference| ("difference", difference.to_string())));
    let actions = move || view! { <Exports path=export query/> };
    view! {
        <Tabs label="Differences" tabs/>
        <p>
            <a href=format!("/syncs/{first}")>"Open the first sync"</a>", "
            <a href=format!("/syncs/{second}")>"open the second sync"</a>
        </p>
        <Card title="Object by object" actions is_flush=true>{list}</Card>
    }
}

fn difference_row(group: GroupId, row: ComparisonRow) -> impl IntoView {
    let (label, tone) = difference_words(row.difference);
    let href = object_address(group, &row.object);
    view! {
        <Row>
            <Cell is_title=true><a href=href class="wrap-anywhere">{row.name}</a></Cell>
            <Cell label="Kind">{row.object.kind.singular()}</Cell>
            <Cell label="Difference"><Badge tone>{label}</Badge></Cell>
            <Cell label="First sync">{outcome(row.first)}</Cell>
            <Cell label="Second sync">{outcome(row.second)}</Cell>
        </Row>
    }
}

fn outcome(outcome: Option<ComparedOutcome>) -> impl IntoView {
    let Some(ComparedOutcome { action, state, error, remedy }) = outcome else {
        return view! { <span class="muted">"not part of it"</span> };
    };
    let (label, tone) = outcome_words(state);
    let label = format!("{} {label}", action_words(action).0);
    view! {
        <span class="stack-tight">
            <StatusBadge tone label/>
            {error.map(|error| view! { <span class="muted wrap-anywhere">{error}</span> })}
            {remedy.map(|remedy| view! {
                <span class="remedy"><Icon glyph=Glyph::ArrowRight/><span>{remedy}</span></span>
            })}
        </span>
    }
}
