//! One object: how it stands, and what happened to it.

mod event;

use farshore_model::{
    GroupId, Problem, ProblemKind, Timestamp,
    group::Side,
    kind::{ObjectKey, ObjectKind},
    view::{LedgerRow, ObjectPage, PairNames, why_not},
};
use leptos::prelude::*;

use self::event::Event;
use super::{
    choose_version::{Choices, ChooseVersion, choosing},
    object_link::{Exports, ledger_words, object_address, pair_name},
    read_and_show,
    run_again::RunAgain,
};
use crate::{
    api::RunObjectAgain,
    components::{
        Badge, Card, Crumb, EmptyState, Glyph, KeyValue, KeyValues, PageHeader, Pagination, RelativeAge,
        StatusBadge, TimeText, Tone,
    },
    parts::{FormAction, FormProblem, GroupTab, GroupTabs, use_path_id, use_query},
    view,
};

#[component]
pub fn Object() -> impl IntoView {
    let id = use_path_id::<GroupId>().get();
    let kind = use_query("kind").get().parse::<ObjectKind>();
    let key = use_query("key").get();
    let number = use_query("page").get().parse().unwrap_or(1);
    let again = FormAction::of::<RunObjectAgain>();
    let choosing = choosing();
    read_and_show(
        async move |control, actor| {
            let id = id.map_err(|refused| refused.problem)?;
            let object = ObjectKey { kind: kind.map_err(|_| no_such_object())?, key: key.into() };
            control.object_page(&actor, id, object, number).await
        },
        move |page| view! { <Whole page again choosing/> },
    )
}

fn no_such_object() -> Problem {
    Problem::new(
        ProblemKind::NotFound,
        "This address names no object.",
        "Nothing was changed.",
        "Choose the object from the ledger of its group.",
    )
}

#[component]
fn Whole(page: ObjectPage, again: FormAction, choosing: FormAction) -> impl IntoView {
    let ObjectPage { as_of, group, pairs, object, name, rows, events, page: info, actions } = page;
    let why_not = why_not(&actions, "run_again");
    let choices = Choices::of(&group, choosing, why_not.clone());
    let crumbs = vec![
        Crumb::new("Overview", "/"),
        Crumb::new(group.name.clone(), format!("/groups/{}", group.id)),
        Crumb::new("Ledger", format!("/groups/{}/ledger", group.id)),
    ];
    let standings = rows
        .into_iter()
        .map(|row| {
            let (pairs, why_not, choices) = (pairs.clone(), why_not.clone(), choices.clone());
            view! { <Standing group=group.id row pairs as_of again choices why_not/> }
        })
        .collect_view();
    let address = object_address(group.id, &object);
    let href = move |number: u32| format!("{address}&page={number}");
    let list = if events.is_empty() {
        view! {
            <EmptyState
                title="No sync has written it yet"
                hint="What was equal on both sides when it was first seen has no history."
                glyph=Glyph::List
            />
        }
    } else {
        let noun = if info.total == 1 { "entry" } else { "entries" };
        let events =
            events.into_iter().map(|event| view! { <Event event pairs=pairs.clone()/> }).collect_view();
        view! {
            <ul class="plan-list">{events}</ul>
            <Pagination page=info.page pages=info.pages() total=u64::from(info.total) noun href/>
        }
    };
    let path = format!("/api/v1/groups/{}/objects/export", group.id);
    let query = vec![("kind", object.kind.to_string()), ("key", object.key.to_string())];
    let exports = move || view! { <Exports path query/> };
    view! {
        <PageHeader title=name crumbs>
            <Badge tone=Tone::Neutral>{object.kind.singular()}</Badge>
        </PageHeader>
        <div class="stack">
            <GroupTabs group=group.id current=GroupTab::Ledger/>
            <FormProblem problem=again.problem()/>
            <FormProblem problem=choosing.problem()/>
            {standings}
            <Card
                title="History"
                lead="What syncs did to it, newest first. Plans are kept, so this is all since its first sync."
                actions=exports
                is_flush=true
            >
                {list}
            </Card>
        </div>
    }
}

/// How the object stands in one pair.
#[component]
fn Standing(
    group: GroupId,
    row: LedgerRow,
    pairs: Vec<PairNames>,
    as_of: Timestamp,
    again: FormAction,
    choices: Choices,
    why_not: Option<String>,
) -> impl IntoView {
    let (label, tone) = ledger_words(row.state);
    let title = pair_name(&pairs, row.pair_id);
    let pair = pairs.into_iter().find(|pair| pair.id == row.pair_id);
    let sides = [Side::Primary, Side::Secondary]
        .into_iter()
        .map(|side| {
            let region = pair.as_ref().map_or(side.as_str(), |pair| pair.region(side)).to_owned();
            let held = row.is_held_on(side).then(|| {
                view! { " "<Badge tone=Tone::Neutral>"held"</Badge> }
            });
            let id = match row.id_on(side) {
                Some(id) => view! { <code class="wrap-anywhere">{id.to_owned()}</code> },
                None => view! { <span class="muted">"not there"</span> },
            };
            view! { <KeyValue label=format!("In {region}")>{id}{held}</KeyValue> }
        })
        .collect_view();
    let agreed = match row.agreed_at {
        Some(at) => view! { <TimeText at/>" ("<RelativeAge at now=as_of/>")" },
        None => view! { "never" },
    };
    let error = row.error.clone().map(|error| view! { <KeyValue label="Why">{error}</KeyValue> });
    let choice = view! { <ChooseVersion row=row.clone() pair choices/> };
    view! {
        <Card title>
            <div class="stack">
                <KeyValues>
                    <KeyValue label="State"><StatusBadge tone label/></KeyValue>
                    {error}
                    {sides}
                    <KeyValue label="Last agreed">{agreed}</KeyValue>
                </KeyValues>
                {choice}
                <RunAgain action=again group pair=row.pair_id object=row.object name=row.name why_not/>
            </div>
        </Card>
    }
}
