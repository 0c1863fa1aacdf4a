//! SCIM filters: `eq`, `ne`, `co`, `sw`, joined by `and` and `or`.

use http::StatusCode;
use serde_json::Value;

use crate::api::ApiError;

#[derive(Debug, PartialEq)]
struct Condition {
    attribute: String,
    operator: String,
    value: String,
}

/// Alternatives of conditions that hold together.
#[derive(Debug, PartialEq)]
pub(super) struct Filter(Vec<Vec<Condition>>);

impl Filter {
    pub(super) fn parse(text: &str) -> Result<Self, ApiError> {
        let wrong = || {
            let detail = format!("The filter {text} is not supported.");
            ApiError::scim(StatusCode::BAD_REQUEST, Some("invalidFilter"), detail)
        };
        let words = words(text);
        let mut alternatives = vec![Vec::new()];
        let mut words = words.into_iter();
        loop {
            let attribute = words.next().ok_or_else(wrong)?;
            let operator = words.next().ok_or_else(wrong)?.to_lowercase();
            let value = words.next().ok_or_else(wrong)?;
            if !["eq", "ne", "co", "sw"].contains(&operator.as_str()) {
                return Err(wrong());
            }
            if let Some(together) = alternatives.last_mut() {
                together.push(Condition { attribute, operator, value });
            }
            match words.next().map(|word| word.to_lowercase()).as_deref() {
                None => return Ok(Self(alternatives)),
                Some("and") => {}
                Some("or") => alternatives.push(Vec::new()),
                Some(_) => return Err(wrong()),
            }
        }
    }

    pub(super) fn matches(&self, resource: &Value) -> bool {
        self.0.iter().any(|together| together.iter().all(|condition| condition.matches(resource)))
    }
}

impl Condition {
    fn matches(&self, resource: &Value) -> bool {
        let wanted = self.value.to_lowercase();
        let found = values(resource, &self.attribute);
        let is_found =
            |test: fn(&str, &str) -> bool| found.iter().any(|value| test(&value.to_lowercase(), &wanted));
        match self.operator.as_str() {
            "eq" => is_found(|value, wanted| value == wanted),
            "ne" => !is_found(|value, wanted| value == wanted),
            "co" => is_found(|value, wanted| value.contains(wanted)),
            _ => is_found(|value, wanted| value.starts_with(wanted)),
        }
    }
}

/// Splits at blanks outside quotes; the quotes go.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut is_quoted, mut has_word) = (false, false);
    for letter in text.chars() {
        match letter {
            '"' => {
                is_quoted = !is_quoted;
                has_word = true;
            }
            ' ' | '(' | ')' if !is_quoted => {
                if has_word {
                    words.push(std::mem::take(&mut word));
                }
                has_word = false;
            }
            letter => {
                word.push(letter);
                has_word = true;
            }
        }
    }
    if has_word {
        words.push(word);
    }
    words
}

/// The values of an attribute such as `userName` or `emails.value`, whatever its case.
fn values(resource: &Value, path: &str) -> Vec<String> {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    let Some(fields) = resource.as_object() else { return Vec::new() };
    let Some((_, value)) = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(head)) else {
        return Vec::new();
    };
    match (value, rest) {
        (Value::Array(entries), rest) => {
            entries.iter().flat_map(|entry| values(entry, rest.unwrap_or("value"))).collect()
        }
        (value, Some(rest)) => values(value, rest),
        (Value::String(text), None) => vec![text.clone()],
        (value, None) => vec![value.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_join_as_they_are_written() -> Result<(), ApiError> {
        let user = json!({"userName": "Ops@x.example", "active": true, "emails": [{"value": "a b@x"}]});
        for (filter, expected) in [
            ("userName eq \"ops@x.example\"", true),
            ("userName sw ops and active eq true", true),
            ("userName eq nobody or emails.value co \"a b\"", true),
            ("userName ne \"ops@x.example\"", false),
            ("displayName eq x", false),
        ] {
            assert_eq!(Filter::parse(filter)?.matches(&user), expected, "{filter}");
        }
        assert!(Filter::parse("userName pr").is_err());
        Ok(())
    }
}
