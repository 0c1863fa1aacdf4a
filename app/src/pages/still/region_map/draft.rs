//! A rule while it is being written.

use farshore_model::{
    group::Side,
    region_map::{Matching, RegionRule},
};

use super::super::rows::numbers;
use crate::api::PostedForm;

/// As it stands in the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DraftRule {
    /// Empty: any field.
    pub field: String,
    pub matching: Matching,
    pub primary: String,
    pub secondary: String,
}

impl Default for DraftRule {
    fn default() -> Self {
        Self {
            field: String::new(),
            matching: Matching::Exact,
            primary: String::new(),
            secondary: String::new(),
        }
    }
}

impl DraftRule {
    pub(super) fn of(rule: &RegionRule) -> Self {
        Self {
            field: rule.field.clone().unwrap_or_default(),
            matching: rule.matching,
            primary: rule.primary.clone(),
            secondary: rule.secondary.clone(),
        }
    }

    /// All that a form holds.
    pub(super) fn typed(form: &PostedForm) -> Vec<Self> {
        let text = |what: &str, number: usize| form.trimmed(&format!("{what}_{number}"));
        let rule = |number| Self {
            field: text("field", number),
            matching: match text("matching", number) == Matching::Prefix.as_str() {
                true => Matching::Prefix,
                false => Matching::Exact,
            },
            primary: text("primary", number),
            secondary: text("secondary", number),
        };
        numbers(form, "primary").map(rule).collect()
    }

    /// Begun for a value of one side; what it is called on the other one is for a person to say. Of an address the
    /// place is taken, for what lies in it moves with it.
    pub(super) fn about(value: &str, side: Side) -> Self {
        let place = value.split_once("://").and_then(|(_, rest)| rest.find('/')).map(|end| {
            let scheme = value.find("://").map_or(0, |at| at + "://".len());
            &value[..=scheme + end]
        });
        let matching = if place.is_some() { Matching::Prefix } else { Matching::Exact };
        let here = place.unwrap_or(value).to_owned();
        match side {
            Side::Primary => Self { matching, primary: here, ..Self::default() },
            Side::Secondary => Self { matching, secondary: here, ..Self::default() },
        }
    }

    pub(super) fn rule(&self) -> RegionRule {
        RegionRule {
            field: Some(self.field.clone()).filter(|field| !field.is_empty()),
            matching: self.matching,
            primary: self.primary.clone(),
            secondary: self.secondary.clone(),
        }
    }

    /// For a sentence.
    pub(super) fn in_words(&self) -> String {
        let field = if self.field.is_empty() { "in any field" } else { &self.field };
        let matching = match self.matching {
            Matching::Exact => "is",
            Matching::Prefix => "begins with",
        };
        format!("{field}: {matching} {} ↔ {}", self.primary, self.secondary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_about_an_address_is_about_the_place() {
        let bucket = DraftRule::about("s3://raw-east/in/2026", Side::Primary);
        assert_eq!((bucket.primary.as_str(), bucket.matching), ("s3://raw-east/", Matching::Prefix));
        let zone = DraftRule::about("us-east-1a", Side::Secondary);
        assert_eq!((zone.secondary.as_str(), zone.matching), ("us-east-1a", Matching::Exact));
        assert_eq!(DraftRule::about("s3://bucket", Side::Primary).matching, Matching::Exact);
    }

    #[test]
    fn what_is_typed_is_read_back() {
        let rules = [
            DraftRule { field: "zone_id".to_owned(), primary: "a b".to_owned(), ..DraftRule::default() },
            DraftRule { matching: Matching::Prefix, secondary: "s3://x/".to_owned(), ..DraftRule::default() },
        ];
        let fields = rules.iter().zip(1..).flat_map(|(rule, number)| {
            [
                (format!("field_{number}"), rule.field.clone()),
                (format!("matching_{number}"), rule.matching.as_str().to_owned()),
                (format!("primary_{number}"), format!(" {} ", rule.primary)),
                (format!("secondary_{number}"), rule.secondary.clone()),
            ]
        });
        assert_eq!(DraftRule::typed(&PostedForm(fields.collect())), rules);
        assert_eq!(DraftRule::of(&rules[0].rule()), rules[0]);
    }
}
