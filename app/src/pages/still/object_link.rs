//! What the lists of objects have in common.

use farshore_model::{
    GroupId, PairId,
    kind::ObjectKey,
    view::{LedgerState, PairNames},
};
use leptos::prelude::*;

use crate::{
    components::{Choice, LinkButton, Tone},
    parts::address,
    view,
};

/// Where the history of an object is.
pub(super) fn object_address(group: GroupId, object: &ObjectKey) -> String {
    address(&format!("/groups/{group}/objects"), &[("kind", object.kind.as_str()), ("key", &object.key)])
}

pub(super) const fn ledger_words(state: LedgerState) -> (&'static str, Tone) {
    match state {
        LedgerState::InOrder => ("in order", Tone::Ok),
        LedgerState::Failed => ("failed", Tone::Danger),
        LedgerState::Conflict => ("conflict", Tone::Warn),
        LedgerState::LeftAlone => ("left as it is", Tone::Neutral),
        LedgerState::NotCarried => ("not carried yet", Tone::Info),
    }
}

/// "payments east and payments west"
pub(super) fn pair_name(pairs: &[PairNames], id: PairId) -> String {
    let pair = pairs.iter().find(|pair| pair.id == id);
    pair.map(|pair| format!("{} and {}", pair.primary, pair.secondary)).unwrap_or_default()
}

pub(super) fn pair_choices(pairs: &[PairNames]) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", "All pairs")];
    choices.extend(pairs.iter().map(|pair| Choice::new(pair.id.to_string(), pair_name(pairs, pair.id))));
    choices
}

/// The same list as files. `query` is everything but the format.
#[component]
pub(super) fn Exports(path: String, query: Vec<(&'static str, String)>) -> impl IntoView {
    let href = |format: &str| {
        let mut query: Vec<(&str, &str)> = query.iter().map(|(key, value)| (*key, value.as_str())).collect();
        query.push(("format", format));
        address(&path, &query)
    };
    let (csv, json) = (href("csv"), href("json"));
    view! {
        <LinkButton href=csv is_small=true is_external=true>"CSV"</LinkButton>
        <LinkButton href=json is_small=true is_external=true>"JSON"</LinkButton>
    }
}
