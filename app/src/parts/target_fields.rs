//! Name and targets of a department, as they are typed.

use leptos::prelude::*;

use super::{LengthField, length_field::amount_and_unit};
use crate::{api::ApiProblem, components::TextInput, view};

/// The three fields of a department. What was typed before a refusal comes before what is stored.
#[component]
pub fn TargetFields(
    #[prop(optional, into)] name: String,
    #[prop(optional_no_strip)] rpo_ms: Option<i64>,
    #[prop(optional_no_strip)] rto_ms: Option<i64>,
    #[prop(optional_no_strip)] refused: Option<ApiProblem>,
) -> impl IntoView {
    let typed = |field: &str| refused.as_ref().and_then(|refused| refused.typed(field)).map(str::to_owned);
    let error = |field: &str| refused.as_ref().and_then(|refused| refused.field_error(field));
    let (rpo, rpo_unit) = amount_and_unit(rpo_ms);
    let (rto, rto_unit) = amount_and_unit(rto_ms);
    view! {
        <TextInput
            name="name"
            label="Name"
            value=typed("name").unwrap_or(name)
            error=error("name")
            is_required=true
        />
        <LengthField
            name="rpo"
            label="RPO"
            hint="How much may be lost, as a length of time."
            amount=typed("rpo").unwrap_or(rpo)
            unit=typed("rpo_unit").unwrap_or_else(|| rpo_unit.to_owned())
            error=error("rpo")
        />
        <LengthField
            name="rto"
            label="RTO"
            hint="How long recovery may take, from the request until the region is operational."
            amount=typed("rto").unwrap_or(rto)
            unit=typed("rto_unit").unwrap_or_else(|| rto_unit.to_owned())
            error=error("rto")
        />
    }
}
