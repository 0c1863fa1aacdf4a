//! How form values, which are all text, become what the use-cases want.

use farshore_model::Problem;

const MINUTE_MS: i64 = 60_000;

/// A length of time typed as an amount and a unit (`minutes`, `hours`, `days`); None when the amount is empty.
pub(super) fn length_ms(field: &str, amount: &str, unit: &str) -> Result<Option<i64>, Problem> {
    let amount = amount.trim();
    if amount.is_empty() {
        return Ok(None);
    }
    let whole: i64 =
        amount.parse().ok().filter(|whole| (1..=100_000).contains(whole)).ok_or_else(|| {
            Problem::field(field, "Type a whole number from 1 to 100000, or leave it empty.")
        })?;
    let unit_ms = match unit {
        "minutes" => MINUTE_MS,
        "hours" => 60 * MINUTE_MS,
        "days" => 24 * 60 * MINUTE_MS,
        _ => return Err(Problem::field(field, "Choose minutes, hours or days.")),
    };
    Ok(Some(whole * unit_ms))
}

/// A number of milliseconds out of a list of choices; None when the choice is "none".
pub(super) fn choice_ms(field: &str, value: &str) -> Result<Option<i64>, Problem> {
    match value.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Problem::field(field, "Choose one of the intervals.")),
    }
}

/// A word out of a list of choices; None when the choice is "none".
pub(super) fn choice<T: std::str::FromStr>(field: &str, value: &str) -> Result<Option<T>, Problem> {
    match value.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Problem::field(field, "Choose one of the list.")),
    }
}

/// Like [`choice`], where there is no "none".
pub(super) fn required<T: std::str::FromStr>(field: &str, value: &str) -> Result<T, Problem> {
    choice(field, value)?.ok_or_else(|| Problem::field(field, "Choose one."))
}

/// None for empty text.
pub(super) fn filled(text: String) -> Option<String> {
    if text.trim().is_empty() { None } else { Some(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_typed_in_the_unit_that_is_chosen() {
        assert_eq!(length_ms("rpo", " 15 ", "minutes"), Ok(Some(900_000)));
        assert_eq!(length_ms("rpo", "4", "hours"), Ok(Some(14_400_000)));
        assert_eq!(length_ms("rpo", "", "hours"), Ok(None));
        for (amount, unit) in [("0", "minutes"), ("-3", "hours"), ("a lot", "days"), ("1", "moons")] {
            assert!(length_ms("rpo", amount, unit).is_err(), "{amount} {unit}");
        }
    }
}
