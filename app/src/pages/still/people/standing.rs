//! What the last comparison of one pair has found.

use farshore_model::{
    Timestamp,
    people::{PeopleComparison, PeopleCount, PeopleFound},
    view::PairPeople,
};
use leptos::prelude::*;

use crate::{
    components::{Alert, Card, Cell, Column, KeyValue, KeyValues, RelativeAge, Row, Table, TimeText, Tone},
    parts::counted,
    view,
};

#[component]
pub fn Standing(pair: PairPeople, as_of: Timestamp) -> impl IntoView {
    let PairPeople { primary, secondary, comparison, next_at } = pair;
    let PeopleComparison { found, failure, .. } = comparison;
    let title = format!("{} and {}", primary.name, secondary.name);
    let lead = format!("Primary in {}, secondary in {}", primary.region, secondary.region);
    let compared = match &found {
        Some(found) => {
            let at = found.as_of;
            view! { <TimeText at/>" ("<RelativeAge at now=as_of/>")" }
        }
        None => view! { "never yet" },
    };
    let next = if next_at <= as_of {
        view! { "now" }
    } else {
        view! { <TimeText at=next_at/> }
    };
    let has_failed_since = failure.is_some();
    let failed = failure.map(|failure| {
        let kept = if found.is_some() { " What was found before is kept, and shown here." } else { "" };
        view! {
            <Alert tone=Tone::Danger title="The last comparison failed">
                {format!("{} {}{kept}", failure.error, failure.remedy)}
                <p class="muted">"It was tried "<TimeText at=failure.at/>", and is tried again by itself."</p>
            </Alert>
        }
    });
    view! {
        <Card title lead>
            <div class="stack">
                {failed}
                <KeyValues>
                    <KeyValue label="As of">{compared}</KeyValue>
                    <KeyValue label="Next">{next}</KeyValue>
                </KeyValues>
                {found.map(|found| view! { <Found found has_failed_since/> })}
            </div>
        </Card>
    }
}

#[component]
fn Found(found: PeopleFound, has_failed_since: bool) -> impl IntoView {
    let verdict = match found.differences() {
        0 if has_failed_since => view! { <Alert tone=Tone::Neutral title="Both sides were equal then"/> },
        0 => view! { <Alert tone=Tone::Ok title="Both sides are equal"/> },
        count => {
            let title = counted(count, "difference", "differences");
            view! { <Alert tone=Tone::Warn title=title/> }
        }
    };
    let columns = vec![
        Column::new("Kind"),
        Column::new("Primary").numeric(),
        Column::new("Secondary").numeric(),
        Column::new("Only on primary").numeric(),
        Column::new("Only on secondary").numeric(),
        Column::new("Fields that differ").numeric(),
    ];
    let rows = found.kinds.into_iter().map(count_row).collect_view();
    view! {
        {verdict}
        <Table caption="How many there are, and how they differ, by kind" columns>{rows}</Table>
    }
}

fn count_row(count: PeopleCount) -> impl IntoView {
    let PeopleCount { kind, primary, secondary, only_primary, only_secondary, fields } = count;
    view! {
        <Row>
            <Cell is_title=true>{kind.title()}</Cell>
            <Cell label="Primary" is_numeric=true>{primary}</Cell>
            <Cell label="Secondary" is_numeric=true>{secondary}</Cell>
            <Cell label="Only on primary" is_numeric=true>{only_primary}</Cell>
            <Cell label="Only on secondary" is_numeric=true>{only_secondary}</Cell>
            <Cell label="Fields that differ" is_numeric=true>{fields}</Cell>
        </Row>
    }
}
