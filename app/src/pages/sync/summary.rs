//! How many objects of each kind the plan creates, updates, deletes and leaves alone.

use farshore_model::{
    SyncRunId,
    plan::{KindCount, PlanAction, PlanCounts},
    view::PlanFilter,
};
use leptos::prelude::*;

use crate::{
    components::{Card, Cell, Column, Row, Table},
    parts::{action_words, address, counted},
    view,
};

const BLOCKED: &str = "cannot be carried";

/// Kinds down, actions across; each figure leads to its objects. Actions that do not occur are left out.
#[component]
pub fn Summary(kinds: Vec<KindCount>, counts: Option<PlanCounts>, run: SyncRunId) -> impl IntoView {
    let Some(counts) = counts else { return ().into_any() };
    let actions: Vec<PlanAction> =
        PlanAction::ALL.into_iter().filter(|action| counts.get(*action) > 0).collect();
    if actions.is_empty() {
        return ().into_any();
    }
    let mut columns = vec![Column::new("Kind")];
    columns.extend(actions.iter().map(|action| Column::new(action_words(*action).0).numeric()));
    let has_blocked = counts.blocked > 0;
    if has_blocked {
        columns.push(Column::new(BLOCKED).numeric());
    }
    let rows = kinds
        .into_iter()
        .map(|KindCount { kind, counts }| {
            let cells = actions
                .iter()
                .map(|&action| {
                    let count = counts.get(action);
                    let path = format!("/syncs/{run}");
                    let href = address(&path, &[("kind", kind.as_str()), ("action", action.as_str())]);
                    let figure = match count {
                        0 => view! { <span class="muted">"0"</span> },
                        count => view! { <a href=href>{count}</a> },
                    };
                    view! { <Cell label=action_words(action).0 is_numeric=true>{figure}</Cell> }
                })
                .collect_view();
            view! {
                <Row>
                    <Cell is_title=true>{kind.title()}</Cell>
                    {cells}
                    {has_blocked.then(|| view! { <Cell label=BLOCKED is_numeric=true>{counts.blocked}</Cell> })}
                </Row>
            }
        })
        .collect_view();
    let totals = actions
        .iter()
        .map(|&action| view! { <Cell label=action_words(action).0 is_numeric=true><strong>{counts.get(action)}</strong></Cell> })
        .collect_view();
    let lead = format!("{} equal on both sides.", counted(counts.unchanged, "object is", "objects are"));
    let mut legend: Vec<String> = actions
        .iter()
        .map(|&action| {
            let (word, meaning, _) = action_words(action);
            format!("{word}: {meaning}")
        })
        .collect();
    if has_blocked {
        legend.push(format!(
            "{BLOCKED}: counted among the others, but fails for the reason that its line states"
        ));
    }
    let legend = legend.join(" · ");
    view! {
        <Card title="The plan in figures" lead is_flush=true footer=move || view! { <span class="muted">{legend}</span> }>
            <Table caption="Objects by kind and action" columns>
                {rows}
                <Row>
                    <Cell is_title=true><strong>"All"</strong></Cell>
                    {totals}
                    {has_blocked.then(|| view! { <Cell label=BLOCKED is_numeric=true><strong>{counts.blocked}</strong></Cell> })}
                </Row>
            </Table>
        </Card>
    }
}

/// The filter in force, as words behind the `?`, for another page of the list.
pub fn filter_address(run: SyncRunId, filter: &PlanFilter, page: u32) -> String {
    let page = page.to_string();
    address(
        &format!("/syncs/{run}"),
        &[
            ("kind", filter.kind.map_or("", |kind| kind.as_str())),
            ("action", filter.action.map_or("", |action| action.as_str())),
            ("text", filter.text.as_deref().unwrap_or("")),
            ("failed", if filter.is_failed_only { "1" } else { "" }),
            ("page", &page),
        ],
    )
}
