//! What is in scope.

use farshore_model::{Problem, kind::ObjectKind, replication_settings::ScopeFilter};
use leptos::prelude::*;

use super::{
    super::{
        group_form::field_error,
        rows::{RowButtons, why_no_more},
    },
    draft::{By, DraftFilter},
};
use crate::{
    components::{Button, Choice, EmptyState, Glyph, Icon, Select, TextInput},
    view,
};

/// `address` is that of the page.
#[component]
pub(super) fn Filters(address: String, filters: Vec<DraftFilter>, problem: Option<Problem>) -> impl IntoView {
    let rows_address = format!("{address}#filters");
    let count = filters.len();
    let rows = filters
        .into_iter()
        .zip(1..)
        .map(|(filter, number)| {
            let error = field_error(problem.as_ref(), &format!("filter_{number}"));
            let address = rows_address.clone();
            view! { <Filter address filter number count error/> }
        })
        .collect_view();
    let list = if count == 0 {
        view! { <EmptyState title="No filters" hint="Every object of the kinds above is in scope." glyph=Glyph::List/> }
    } else {
        view! { <ol id="filters" class="rules">{rows}</ol> }
    };
    view! {
        <div class="stack">
            {list}
            <div class="actions">
                <Button name="do" value="add" form_action=rows_address glyph=Glyph::Plus why_disabled=why_no_more(count)>"Add a filter"</Button>
            </div>
        </div>
    }
}

#[component]
fn Filter(
    address: String,
    filter: DraftFilter,
    number: usize,
    count: usize,
    error: Option<String>,
) -> impl IntoView {
    let effects = vec![Choice::new("exclude", "Leave out"), Choice::new("include", "Carry")];
    let mut kinds = vec![Choice::new("", "Objects of every kind")];
    // An access control list goes with what it guards.
    let own = ObjectKind::ALL.into_iter().filter(|kind| *kind != ObjectKind::Permissions);
    kinds.extend(own.map(|kind| Choice::new(kind.as_str(), kind.title())));
    let ways = By::ALL.map(|by| Choice::new(by.as_str(), by_words(by))).into();
    let error = error.map(|why| {
        view! { <p class="field-error"><Icon glyph=Glyph::Warning/><span>{why}</span></p> }
    });
    view! {
        <li class="rule">
            <fieldset class="stack-tight">
                <legend class="field-label">{format!("Filter {number}")}</legend>
                <div class="rule-fields">
                    <Select
                        name=format!("filter_effect_{number}")
                        label="Does"
                        choices=effects
                        selected=if filter.is_included { "include" } else { "exclude" }
                    />
                    <Select
                        name=format!("filter_kind_{number}")
                        label="What"
                        choices=kinds
                        selected=filter.kind.map_or("", ObjectKind::as_str)
                    />
                    <Select name=format!("filter_by_{number}") label="By" choices=ways selected=filter.by.as_str()/>
                    <TextInput
                        name=format!("filter_text_{number}")
                        label=text_label(filter.by)
                        placeholder=example(filter.by)
                        value=filter.text
                        is_code=true
                    />
                    <TextInput
                        name=format!("filter_value_{number}")
                        label="Pattern of a tag's value"
                        value=filter.value
                        is_optional=true
                        is_code=true
                    />
                </div>
                {error}
                <RowButtons noun="filter" address number count/>
            </fieldset>
        </li>
    }
}

const fn by_words(by: By) -> &'static str {
    match by {
        By::Path => "its path",
        By::Name => "its name",
        By::Tag => "a tag",
        By::Owner => "who made it",
    }
}

const fn text_label(by: By) -> &'static str {
    match by {
        By::Path => "Path, with everything below it",
        By::Name => "Pattern of the name",
        By::Tag => "Key of the tag",
        By::Owner => "Pattern of the user name",
    }
}

const fn example(by: By) -> &'static str {
    match by {
        By::Path => "/Shared/scratch",
        By::Name => "tmp *",
        By::Tag => "stage",
        By::Owner => "*@example.net",
    }
}

/// For a list.
pub(super) fn in_words(filter: &ScopeFilter) -> String {
    let DraftFilter { kind, is_included, by, text, value, .. } = DraftFilter::of(filter);
    let effect = if is_included { "carry" } else { "leave out" };
    let what = kind.map_or("objects of every kind", ObjectKind::plural);
    let value = if by == By::Tag { format!(": {value}") } else { String::new() };
    format!("{effect} {what} by {} {text}{value}", by_words(by))
}
