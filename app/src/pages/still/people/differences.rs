//! Every difference, filtered and paged.

use farshore_model::{
    group::Side,
    kind::ObjectKind,
    people::WhatDiffers,
    view::{PairDifference, PairPeople, PeopleFilter, PeoplePage},
};
use leptos::prelude::*;

use crate::{
    components::{
        Button, ButtonVariant, Card, Cell, Choice, Column, EmptyState, Glyph, LinkButton, Pagination, Row,
        Select, Table, TextInput,
    },
    parts::address,
    view,
};

const KINDS: [ObjectKind; 3] = [ObjectKind::Users, ObjectKind::ServicePrincipals, ObjectKind::Groups];

#[component]
pub fn Differences(page: PeoplePage) -> impl IntoView {
    let PeoplePage { group, pairs, differences, filter, page: info, .. } = page;
    let PeopleFilter { pair, kind, text, .. } = filter;
    let pair = pair.map(|id| id.to_string()).unwrap_or_default();
    let kind = kind.map(ObjectKind::as_str).unwrap_or_default();
    let text = text.unwrap_or_default();
    let is_filtered = !pair.is_empty() || !kind.is_empty() || !text.is_empty();
    let path = format!("/groups/{}/people", group.id);
    let query = |more: (&str, &str), path: &str| {
        address(path, &[("pair", &pair), ("kind", kind), ("text", &text), more])
    };
    let export = format!("/api/v1/groups/{}/people/export", group.id);
    let (csv, json) = (query(("format", "csv"), &export), query(("format", "json"), &export));
    let list = if differences.is_empty() {
        let (title, hint) = nothing_to_show(&pairs, is_filtered);
        view! { <EmptyState title hint glyph=Glyph::Person/> }
    } else {
        let (of_pair, of_text, of_path) = (pair.clone(), text.clone(), path.clone());
        let href = move |number: u32| {
            let number = number.to_string();
            address(&of_path, &[("pair", &of_pair), ("kind", kind), ("text", &of_text), ("page", &number)])
        };
        let has_pairs = pairs.len() > 1;
        let mut columns = vec![Column::new("Name"), Column::new("Kind"), Column::new("Differs in")];
        columns.extend([Column::new("Primary"), Column::new("Secondary")]);
        if has_pairs {
            columns.push(Column::new("Pair"));
        }
        let rows = differences
            .into_iter()
            .map(|one| {
                let pair = has_pairs.then(|| pair_name(&pairs, &one));
                difference_row(one, pair)
            })
            .collect_view();
        view! {
            <Table caption="Differences of users, service principals and groups" columns>{rows}</Table>
            <Pagination page=info.page pages=info.pages() total=u64::from(info.total) noun="differences" href/>
        }
    };
    let of_pair = (pairs.len() > 1).then(|| {
        let mut choices = vec![Choice::new("", "All pairs")];
        choices.extend(pairs.iter().map(|one| Choice::new(one.comparison.pair_id.to_string(), name_of(one))));
        view! { <Select name="pair" label="Pair" choices selected=pair.clone()/> }
    });
    let mut kinds = vec![Choice::new("", "All kinds")];
    kinds.extend(KINDS.map(|kind| Choice::new(kind.as_str(), kind.title())));
    let exports = move || {
        view! {
            <LinkButton href=csv is_small=true is_external=true>"CSV"</LinkButton>
            <LinkButton href=json is_small=true is_external=true>"JSON"</LinkButton>
        }
    };
    let clear = path.clone();
    view! {
        <form method="get" action=path class="filter" role="search">
            <TextInput name="text" label="Name, field or value" value=text is_optional=true/>
            <Select name="kind" label="Kind" choices=kinds selected=kind/>
            {of_pair}
            <div class="actions">
                <Button glyph=Glyph::Search>"Filter"</Button>
                {is_filtered.then(|| view! {
                    <LinkButton href=clear variant=ButtonVariant::Quiet is_external=true>"Clear"</LinkButton>
                })}
            </div>
        </form>
        <Card title="Differences" actions=exports is_flush=true>{list}</Card>
    }
}

/// Why there is none in the table: that the sides are equal is only said where they were compared.
fn nothing_to_show(pairs: &[PairPeople], is_filtered: bool) -> (&'static str, &'static str) {
    let compared = pairs.iter().filter(|pair| pair.comparison.found.is_some()).count();
    if is_filtered {
        ("No difference fits", "Look for something else, or clear the filter.")
    } else if compared == pairs.len() && pairs.iter().any(|pair| pair.comparison.failure.is_some()) {
        (
            "Both sides were equal",
            "The last comparison that succeeded has found no difference; a later one failed.",
        )
    } else if compared == pairs.len() && compared > 0 {
        ("Both sides are equal", "The last comparison has found no difference.")
    } else if compared == 0 {
        ("Not compared yet", "The first comparison begins by itself; what it finds is listed here.")
    } else {
        ("Not all pairs are compared yet", "In those that are, both sides are equal.")
    }
}

fn name_of(pair: &PairPeople) -> String {
    format!("{} and {}", pair.primary.name, pair.secondary.name)
}

fn pair_name(pairs: &[PairPeople], difference: &PairDifference) -> String {
    let pair = pairs.iter().find(|pair| pair.comparison.pair_id == difference.pair_id);
    pair.map(name_of).unwrap_or_default()
}

fn difference_row(one: PairDifference, pair: Option<String>) -> impl IntoView {
    let there = || view! { "there" };
    let missing = || view! { <span class="muted">"missing"</span> };
    let value = |value: Option<String>| match value {
        Some(value) => view! { <span class="wrap-anywhere">{value}</span> },
        None => view! { <span class="muted">"none"</span> },
    };
    let difference = one.difference;
    let (what, primary, secondary) = match difference.what {
        WhatDiffers::OnlyOn { side: Side::Primary } => (view! { "only on primary" }, there(), missing()),
        WhatDiffers::OnlyOn { side: Side::Secondary } => (view! { "only on secondary" }, missing(), there()),
        WhatDiffers::Field { field, primary, secondary } => {
            (view! { <code>{field}</code> }, value(primary), value(secondary))
        }
    };
    view! {
        <Row>
            <Cell is_title=true>{difference.name}</Cell>
            <Cell label="Kind">{difference.kind.singular()}</Cell>
            <Cell label="Differs in">{what}</Cell>
            <Cell label="Primary">{primary}</Cell>
            <Cell label="Secondary">{secondary}</Cell>
            {pair.map(|pair| view! { <Cell label="Pair">{pair}</Cell> })}
        </Row>
    }
}
