//! How each kind is handled.

use std::collections::BTreeMap;

use farshore_model::{kind::ObjectKind, replication_settings::Handling};
use leptos::prelude::*;

use crate::{
    components::{Cell, Column, Row, Table},
    view,
};

#[component]
pub(super) fn HandlingTable(chosen: BTreeMap<ObjectKind, Handling>) -> impl IntoView {
    let columns = vec![Column::new("Kind"), Column::new("Handling"), Column::new("What that means")];
    let rows = ObjectKind::ALL
        .into_iter()
        .map(|kind| row(kind, chosen.get(&kind).copied().unwrap_or_default()))
        .collect_view();
    view! { <Table caption="Handling of each kind of object" columns>{rows}</Table> }
}

fn row(kind: ObjectKind, chosen: Handling) -> impl IntoView {
    let options = Handling::ALL
        .map(|handling| {
            view! { <option value=handling.as_str() selected=handling == chosen>{handling.title()}</option> }
        })
        .into_iter()
        .collect_view();
    view! {
        <Row>
            <Cell is_title=true>{kind.title()}</Cell>
            <Cell label="Handling">
                <select class="input" name=format!("handling_{kind}") aria-label=format!("Handling of {}", kind.plural())>
                    {options}
                </select>
            </Cell>
            <Cell label="What that means"><span class="muted">{meaning(chosen)}</span></Cell>
        </Row>
    }
}

const fn meaning(handling: Handling) -> &'static str {
    match handling {
        Handling::Sync => "Every sync carries what has changed to the other side.",
        Handling::CoDeploy => "CI/CD deploys it to both sides. It is compared, and never written.",
        Handling::Manual => "A person sees to it. It is compared, and never written.",
        Handling::Excluded => "It is neither compared nor written.",
    }
}
