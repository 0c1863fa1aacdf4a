//! How many objects there are of each kind, and since when they are known to be on the other side.

use farshore_model::{
    GroupId, Timestamp,
    view::{KindStanding, PairNames},
};
use leptos::prelude::*;

use super::super::object_link::pair_name;
use crate::{
    components::{Card, Cell, Column, RelativeAge, Row, Table},
    parts::address,
    view,
};

#[component]
pub fn Kinds(
    group: GroupId,
    kinds: Vec<KindStanding>,
    pairs: Vec<PairNames>,
    as_of: Timestamp,
) -> impl IntoView {
    if kinds.is_empty() {
        return ().into_any();
    }
    let has_pairs = pairs.len() > 1;
    let mut columns = vec![Column::new("Kind")];
    if has_pairs {
        columns.push(Column::new("Pair"));
    }
    columns.extend([
        Column::new("Objects").numeric(),
        Column::new("Failed").numeric(),
        Column::new("Held").numeric(),
        Column::new("Replication point"),
    ]);
    let is_rotated = kinds.iter().any(|standing| standing.is_verified_in_turn);
    let rows = kinds
        .into_iter()
        .map(|standing| {
            let pair = has_pairs.then(|| pair_name(&pairs, standing.pair_id));
            kind_row(group, standing, pair, as_of)
        })
        .collect_view();
    let lead = is_rotated.then_some(
        "Workspaces do not tell when an access control list has changed, so the lists are read again in turn: their \
         replication point is that of the one that was read longest ago.",
    );
    view! {
        <Card title="By kind" lead is_flush=true>
            <Table caption="Objects of this group by kind" columns keeps_columns=true>{rows}</Table>
        </Card>
    }
}

fn kind_row(group: GroupId, standing: KindStanding, pair: Option<String>, as_of: Timestamp) -> impl IntoView {
    let KindStanding { pair_id, kind, objects, failed, held, replication_point, .. } = standing;
    let of_pair = if pair.is_some() { pair_id.to_string() } else { String::new() };
    let href = |more: (&str, &str)| {
        address(&format!("/groups/{group}/ledger"), &[("kind", kind.as_str()), ("pair", &of_pair), more])
    };
    let count = |count: u32, more: (&str, &str)| match count {
        0 => view! { "0" },
        count => {
            let href = href(more);
            view! { <a href=href>{count}</a> }
        }
    };
    let (all, failed, held) =
        (href(("", "")), count(failed, ("state", "failed")), count(held, ("held", "1")));
    let point = match replication_point {
        Some(at) => view! { <RelativeAge at now=as_of/> },
        None => view! { <span class="muted">"never replicated in full"</span> },
    };
    view! {
        <Row>
            <Cell is_title=true><a href=all>{kind.title()}</a></Cell>
            {pair.map(|pair| view! { <Cell label="Pair">{pair}</Cell> })}
            <Cell label="Objects" is_numeric=true>{objects}</Cell>
            <Cell label="Failed" is_numeric=true>{failed}</Cell>
            <Cell label="Held" is_numeric=true>{held}</Cell>
            <Cell label="Replication point">{point}</Cell>
        </Row>
    }
}
