//! Every object, filtered and paged.

use farshore_model::{
    GroupId, Timestamp,
    group::Side,
    kind::ObjectKind,
    view::{LedgerFilter, LedgerPage, LedgerRow, LedgerState, PairNames, why_not},
};
use leptos::prelude::*;

use super::super::{
    choose_version::{Choices, ChooseVersion},
    object_link::{Exports, ledger_words, object_address, pair_choices, pair_name},
    run_again::RunAgain,
};
use crate::{
    components::{
        Badge, Button, ButtonVariant, Card, Cell, Checkbox, Choice, Column, EmptyState, Glyph, LinkButton,
        Pagination, RelativeAge, Row, Select, StatusBadge, Table, TextInput, Tone,
    },
    parts::{FormAction, address},
    view,
};

#[component]
pub fn Objects(page: LedgerPage, again: FormAction, choosing: FormAction) -> impl IntoView {
    let LedgerPage { as_of, group, pairs, rows, filter, page: info, actions, .. } = page;
    let query = query_of(&filter);
    let is_filtered = filter != LedgerFilter::default();
    let list = if rows.is_empty() {
        let (title, hint) = if is_filtered {
            ("No object fits this filter", "Look for something else, or clear the filter.")
        } else {
            ("Nothing is known yet", "The first sync lists both sides; what it finds is kept here.")
        };
        view! { <EmptyState title hint glyph=Glyph::Search/> }
    } else {
        let path = format!("/groups/{}/ledger", group.id);
        let of_page = query.clone();
        let href = move |number: u32| {
            let number = number.to_string();
            let mut query: Vec<(&str, &str)> = of_page.iter().map(|(key, value)| (*key, &**value)).collect();
            query.push(("page", &number));
            address(&path, &query)
        };
        let mut columns = vec![
            Column::new("Name"),
            Column::new("Kind"),
            Column::new("State"),
            Column::new("Id on primary"),
            Column::new("Id on secondary"),
            Column::new("Last agreed"),
        ];
        if pairs.len() > 1 {
            columns.push(Column::new("Pair"));
        }
        let why_not = why_not(&actions, "run_again");
        let choices = Choices::of(&group, choosing, why_not.clone());
        let look = Look { group: group.id, pairs: pairs.clone(), as_of, again, choices, why_not };
        let rows = rows.into_iter().map(|row| object_row(row, &look)).collect_view();
        view! {
            <Table caption="Objects of this group" columns>{rows}</Table>
            <Pagination page=info.page pages=info.pages() total=u64::from(info.total) noun="objects" href/>
        }
    };
    let export = format!("/api/v1/groups/{}/ledger/export", group.id);
    let of_export = query
        .into_iter()
        .map(|(key, value)| if key == "held" { ("is_held_only", "true".to_owned()) } else { (key, value) })
        .collect::<Vec<_>>();
    let exports = move || view! { <Exports path=export query=of_export/> };
    view! {
        <Card title="Object by object" actions=exports is_flush=true>
            <Filter group=group.id filter is_filtered pairs/>
            {list}
        </Card>
    }
}

/// The filter as it stands in the address; what is not set is not in it.
fn query_of(filter: &LedgerFilter) -> Vec<(&'static str, String)> {
    let LedgerFilter { pair, kind, state, is_held_only, text } = filter;
    let query = [
        ("text", text.clone()),
        ("kind", kind.map(|kind| kind.to_string())),
        ("state", state.map(|state| state.to_string())),
        ("pair", pair.map(|pair| pair.to_string())),
        ("held", is_held_only.then(|| "1".to_owned())),
    ];
    query.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

#[component]
fn Filter(group: GroupId, filter: LedgerFilter, is_filtered: bool, pairs: Vec<PairNames>) -> impl IntoView {
    let mut kinds = vec![Choice::new("", "All kinds")];
    kinds.extend(ObjectKind::ALL.map(|kind| Choice::new(kind.as_str(), kind.title())));
    let mut states = vec![Choice::new("", "All states")];
    states.extend(LedgerState::ALL.map(|state| Choice::new(state.as_str(), ledger_words(state).0)));
    let of_pair = (pairs.len() > 1).then(|| {
        let selected = filter.pair.map(|id| id.to_string()).unwrap_or_default();
        view! { <Select name="pair" label="Pair" choices=pair_choices(&pairs) selected/> }
    });
    let here = format!("/groups/{group}/ledger");
    let action = here.clone();
    view! {
        <form method="get" action=action class="filter" role="search">
            <TextInput name="text" label="Part of a name, or an id" kind="search" value=filter.text/>
            <Select name="kind" label="Kind" choices=kinds selected=filter.kind.map(|kind| kind.as_str())/>
            <Select name="state" label="State" choices=states selected=filter.state.map(|state| state.as_str())/>
            {of_pair}
            <Checkbox name="held" label="Only held" value="1" is_checked=filter.is_held_only/>
            <div class="actions">
                <Button glyph=Glyph::Search>"Filter"</Button>
                {is_filtered.then(|| view! { <LinkButton href=here variant=ButtonVariant::Quiet>"Clear"</LinkButton> })}
            </div>
        </form>
    }
}

/// What all rows have in common.
struct Look {
    group: GroupId,
    pairs: Vec<PairNames>,
    as_of: Timestamp,
    again: FormAction,
    choices: Choices,
    why_not: Option<String>,
}

fn object_row(row: LedgerRow, look: &Look) -> impl IntoView + use<> {
    let (label, tone) = ledger_words(row.state);
    let href = object_address(look.group, &row.object);
    let pair = look.pairs.iter().find(|pair| pair.id == row.pair_id);
    let held =
        [Side::Primary, Side::Secondary].into_iter().filter(|side| row.is_held_on(*side)).map(|side| {
            let region = pair.map_or(side.as_str(), |pair| pair.region(side)).to_owned();
            view! { <Badge tone=Tone::Neutral>"held in "{region}</Badge> }
        });
    let held = held.collect_view();
    let id = |side| match row.id_on(side) {
        // A path is its own id.
        Some(id) if id == row.name => view! { <span class="muted">"its path"</span> },
        Some(id) => view! { <code class="wrap-anywhere">{id.to_owned()}</code> },
        None => view! { <span class="muted">"none"</span> },
    };
    let (primary_id, secondary_id) = (id(Side::Primary), id(Side::Secondary));
    let agreed = match row.agreed_at {
        Some(at) => view! { <RelativeAge at now=look.as_of/> },
        None => view! { <span class="muted">"never"</span> },
    };
    let again = (row.state == LedgerState::Failed).then(|| {
        view! {
            <RunAgain
                action=look.again
                group=look.group
                pair=row.pair_id
                object=row.object.clone()
                name=row.name.clone()
                why_not=look.why_not.clone()
            />
        }
    });
    let (of_choice, pair, choices) = (row.clone(), pair.cloned(), look.choices.clone());
    let choice = view! { <ChooseVersion row=of_choice pair choices/> };
    let of_pair = (look.pairs.len() > 1).then(|| pair_name(&look.pairs, row.pair_id));
    view! {
        <Row>
            <Cell is_title=true><a href=href class="wrap-anywhere">{row.name.clone()}</a></Cell>
            <Cell label="Kind">{row.object.kind.singular()}</Cell>
            <Cell label="State">
                <div class="stack-tight">
                    <StatusBadge tone label/>
                    {held}
                    {row.error.clone().map(|error| view! { <span class="muted wrap-anywhere">{error}</span> })}
                    {again}
                    {choice}
                </div>
            </Cell>
            <Cell label="Id on primary">{primary_id}</Cell>
            <Cell label="Id on secondary">{secondary_id}</Cell>
            <Cell label="Last agreed">{agreed}</Cell>
            {of_pair.map(|pair| view! { <Cell label="Pair">{pair}</Cell> })}
        </Row>
    }
}
