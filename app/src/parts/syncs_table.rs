//! The history of syncs.

use farshore_model::{Timestamp, sync_run::SyncRun};
use leptos::prelude::*;

use super::{sync_words, trigger_words};
use crate::{
    components::{Cell, Column, RelativeAge, Row, StatusBadge, Table},
    view,
};

/// Newest first, as they come.
#[component]
pub fn SyncsTable(runs: Vec<SyncRun>, as_of: Timestamp) -> impl IntoView {
    let rows = runs.into_iter().map(|run| row(run, as_of)).collect_view();
    let columns = vec![
        Column::new("Sync"),
        Column::new("State"),
        Column::new("Objects").numeric(),
        Column::new("Failed").numeric(),
        Column::new("Asked for by"),
    ];
    view! { <Table caption="Syncs of this group" columns>{rows}</Table> }
}

fn row(run: SyncRun, as_of: Timestamp) -> impl IntoView {
    let (label, tone) = sync_words(run.state);
    let last_due_at = run.last_due_at();
    let by = run.requested_by.unwrap_or_else(|| trigger_words(run.trigger).to_owned());
    let objects = match (run.total, run.plan_id) {
        (0, None) => "—".to_owned(),
        (0, Some(_)) => "nothing to write".to_owned(),
        (total, _) => format!("{} of {total}", run.done),
    };
    let repeated = (run.occurrences > 1).then(|| {
        view! {
            <span class="muted">{format!("Due {} times, last ", run.occurrences)}<RelativeAge at=last_due_at now=as_of/>"."</span>
        }
    });
    view! {
        <Row>
            <Cell is_title=true>
                <a href=format!("/syncs/{}", run.id)><RelativeAge at=run.created_at now=as_of/></a>
            </Cell>
            <Cell label="State">
                <div class="stack-tight">
                    <StatusBadge tone label is_moving=run.state.is_working()/>
                    {run.message.map(|message| view! { <span class="muted">{message}</span> })}
                    {repeated}
                </div>
            </Cell>
            <Cell label="Objects" is_numeric=true>{objects}</Cell>
            <Cell label="Failed" is_numeric=true>{run.failed}</Cell>
            <Cell label="Asked for by">{by}</Cell>
        </Row>
    }
}
