//! One rule, and what it would do.

use farshore_model::region_map::{Matching, RewrittenValue, RuleEffect};
use leptos::prelude::*;

use super::{super::rows::RowButtons, draft::DraftRule};
use crate::{
    components::{Choice, Glyph, Icon, Select, TextInput},
    parts::counted,
    view,
};

/// `address` is that of the page; `regions` are the primary one and the others; `effect` and `read`, the region in which it was found out, are not
/// known while the workspace does not answer.
#[component]
pub(super) fn Rule(
    address: String,
    draft: DraftRule,
    number: usize,
    count: usize,
    regions: (String, String),
    effect: Option<RuleEffect>,
    read: Option<String>,
    error: Option<String>,
) -> impl IntoView {
    let matchings = vec![
        Choice::new(Matching::Exact.as_str(), "The whole value"),
        Choice::new(Matching::Prefix.as_str(), "Its beginning"),
    ];
    let error = error.map(|why| {
        view! { <p class="field-error"><Icon glyph=Glyph::Warning/><span>{why}</span></p> }
    });
    let effect = effect.zip(read).map(|(effect, read)| view! { <Effect effect read/> });
    view! {
        <li class="rule">
            <fieldset class="stack-tight">
                <legend class="field-label">{format!("Rule {number}")}</legend>
                <div class="rule-fields">
                    <TextInput
                        name=format!("field_{number}")
                        label="Field"
                        placeholder="any"
                        value=draft.field
                        is_optional=true
                        is_code=true
                    />
                    <Select
                        name=format!("matching_{number}")
                        label="Compares"
                        choices=matchings
                        selected=draft.matching.as_str()
                    />
                    <TextInput
                        name=format!("primary_{number}")
                        label=format!("In {}", regions.0)
                        value=draft.primary
                        is_code=true
                    />
                    <TextInput
                        name=format!("secondary_{number}")
                        label=format!("In {}", regions.1)
                        value=draft.secondary
                        is_code=true
                    />
                </div>
                {error}
                {effect}
                <RowButtons noun="rule" address number count/>
            </fieldset>
        </li>
    }
}

/// How many values it rewrites, and the first of them.
#[component]
fn Effect(effect: RuleEffect, read: String) -> impl IntoView {
    if effect.values == 0 {
        return view! { <p class="muted">{format!("Touches nothing in {read}.")}</p> };
    }
    let shown = u32::try_from(effect.examples.len()).unwrap_or(u32::MAX);
    let examples = effect.examples.into_iter().map(example).collect_view();
    let more = (effect.values > shown).then(|| {
        view! { <li class="muted">{format!("and {} more", effect.values - shown)}</li> }
    });
    view! {
        <div class="stack-tight">
            <p>{format!("Touches {} in {read}:", counted(effect.values, "value", "values"))}</p>
            <ul class="bullets">{examples}{more}</ul>
        </div>
    }
}

fn example(value: RewrittenValue) -> AnyView {
    let RewrittenValue { kind, name, field, before, after } = value;
    view! {
        <li class="break">
            {format!("{} ", kind.singular())}<strong>{name}</strong>", "<code>{field}</code>": "
            <code>{before}</code>" → "<code>{after}</code>
        </li>
    }
}
