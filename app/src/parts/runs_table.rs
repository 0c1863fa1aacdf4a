//! A list of failovers and failbacks.

use farshore_model::{Timestamp, view::RunSummary};
use leptos::prelude::*;

use super::{run_glyph, run_tone};
use crate::{
    components::{Cell, Column, DurationText, RelativeAge, Row, StatusBadge, Table},
    view,
};

/// Newest first, as they come.
#[component]
pub fn RunsTable(runs: Vec<RunSummary>, as_of: Timestamp) -> impl IntoView {
    let rows = runs.into_iter().map(|run| row(run, as_of)).collect_view();
    let columns = vec![
        Column::new("Run"),
        Column::new("State"),
        Column::new("Requested"),
        Column::new("By"),
        Column::new("Took").numeric(),
    ];
    view! { <Table caption="Failovers and failbacks" columns>{rows}</Table> }
}

fn row(run: RunSummary, as_of: Timestamp) -> impl IntoView {
    let RunSummary { id, kind, state, requested_by, requested_at, ended_at, .. } = run;
    let took = match ended_at {
        Some(end) => view! { <DurationText length=end.since(requested_at)/> },
        None => "open".into_any(),
    };
    view! {
        <Row>
            <Cell is_title=true><a href=format!("/runs/{id}")>{kind.title()}</a></Cell>
            <Cell label="State"><StatusBadge tone=run_tone(state) glyph=run_glyph(state) label=state.title()/></Cell>
            <Cell label="Requested"><RelativeAge at=requested_at now=as_of/></Cell>
            <Cell label="By">{requested_by}</Cell>
            <Cell label="Took" is_numeric=true>{took}</Cell>
        </Row>
    }
}
