//! Values that look as if they belonged to one region, and fit no rule.

use farshore_model::region_map::UnmappedValue;
use leptos::prelude::*;

use crate::{
    components::{Alert, Button, Card, Cell, Column, Row, Table, Tone},
    parts::counted,
    view,
};

#[component]
pub(super) fn Unmapped(values: Vec<UnmappedValue>, region: String) -> impl IntoView {
    if values.is_empty() {
        let title = format!("Every value that looks as if it belonged to {region} fits a rule.");
        return view! { <Alert tone=Tone::Ok title/> };
    }
    let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
    let title = format!("{} without a rule", counted(count, "regional value", "regional values"));
    let columns = vec![
        Column::new("Value"),
        Column::new("Why it is listed"),
        Column::new("Found in"),
        Column::new("Objects").numeric(),
        Column::new("Rule"),
    ];
    let rows = values.into_iter().map(row).collect_view();
    view! {
        <Card title lead="They are carried over as they are, and may mean nothing on the other side." is_flush=true>
            <Table caption="Values that look regional and fit no rule" columns>{rows}</Table>
        </Card>
    }
}

fn row(unmapped: UnmappedValue) -> impl IntoView {
    let UnmappedValue { value, why, objects, kind, name, field } = unmapped;
    let (words, taken) = (format!("Make a rule of it: {value}"), format!("take {value}"));
    view! {
        <Row>
            <Cell is_title=true><code>{value}</code></Cell>
            <Cell label="Why it is listed">{why}</Cell>
            <Cell label="Found in">
                <span class="break">{format!("{} {name}, ", kind.singular())}<code>{field}</code></span>
            </Cell>
            <Cell label="Objects" is_numeric=true>{objects}</Cell>
            <Cell label="Rule">
                <Button is_small=true name="do" value=taken aria_label=words>"Make a rule of it"</Button>
            </Cell>
        </Row>
    }
}
