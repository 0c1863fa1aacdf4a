//! A length of time to type: an amount and its unit.

use leptos::prelude::*;

use crate::{
    components::{Field, OptionalText, described_by, field_id},
    view,
};

const UNITS: [(&str, i64); 3] = [("days", 86_400_000), ("hours", 3_600_000), ("minutes", 60_000)];

/// A length as amount and the largest unit that fits it without a rest.
pub fn amount_and_unit(length_ms: Option<i64>) -> (String, &'static str) {
    let Some(ms) = length_ms else { return (String::new(), "minutes") };
    let (unit, unit_ms) =
        UNITS.into_iter().find(|(_, unit_ms)| ms % unit_ms == 0).unwrap_or(("minutes", 60_000));
    ((ms / unit_ms).to_string(), unit)
}

/// Posts `name` (a whole number, may be empty) and `name_unit`.
#[component]
pub fn LengthField(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(into)] amount: String,
    #[prop(into)] unit: String,
    #[prop(optional, into)] hint: OptionalText,
    #[prop(optional, into)] error: OptionalText,
) -> impl IntoView {
    let id = field_id(name);
    let described = described_by(&id, &hint, &error);
    let is_invalid = error.is_some();
    let unit_label = format!("Unit of {label}");
    let units = ["minutes", "hours", "days"]
        .into_iter()
        .map(|word| view! { <option value=word selected=word == unit>{word}</option> })
        .collect_view();
    view! {
        <Field id=id.clone() label hint error is_optional=true>
            <div class="length-field">
                <input
                    class="input num"
                    id=id
                    name=name
                    type="text"
                    inputmode="numeric"
                    pattern="[0-9]*"
                    autocomplete="off"
                    value=amount
                    aria-describedby=described
                    aria-invalid=is_invalid.then_some("true")
                />
                <select class="input" name=format!("{name}_unit") aria-label=unit_label>{units}</select>
            </div>
        </Field>
    }
}

#[cfg(test)]
mod tests {
    use super::amount_and_unit;

    #[test]
    fn the_largest_fitting_unit_is_shown() {
        assert_eq!(amount_and_unit(None), (String::new(), "minutes"));
        assert_eq!(amount_and_unit(Some(900_000)), ("15".to_owned(), "minutes"));
        assert_eq!(amount_and_unit(Some(14_400_000)), ("4".to_owned(), "hours"));
        assert_eq!(amount_and_unit(Some(5_400_000)), ("90".to_owned(), "minutes"));
        assert_eq!(amount_and_unit(Some(172_800_000)), ("2".to_owned(), "days"));
    }
}
