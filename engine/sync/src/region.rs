//! Rewriting what is called differently in the two regions.
//!
//! Canonical forms are in the words of the secondary side: what is read from the primary is rewritten before
//! it is compared, and what is written to the primary is rewritten back. A rule that is changed therefore
//! shows as a change of exactly the objects that it touches. The same is true of keys that are names: an instance
//! profile has the key that is its ARN on the secondary side.

mod preview;

pub use preview::preview;

use std::borrow::Borrow;

use farshore_model::{
    group::Side,
    region_map::{Matching, RegionMap, RegionRule, is_name},
};
use serde_json::Value;

use crate::references::referred;

/// Where a policy says what a field of a cluster may be.
const DEFINITIONS: [&str; 2] = ["definition", "policy_family_definition_overrides"];
/// How it says it.
const POLICY_VALUES: [&str; 3] = ["value", "values", "defaultValue"];

/// The form as read from a side, in the words that canonical forms use.
pub(crate) fn to_canonical(form: &mut Value, read_from: Side, map: &RegionMap) {
    if read_from == Side::Primary {
        each_text(form, &mut Vec::new(), &mut |path, text| rewrite(path, text, Side::Primary, map));
    }
}

/// A canonical form in the words of the side that it is written to.
pub(crate) fn from_canonical(form: &mut Value, written_to: Side, map: &RegionMap) {
    if written_to == Side::Primary {
        each_text(form, &mut Vec::new(), &mut |path, text| rewrite(path, text, Side::Secondary, map));
    }
}

/// The key of an object that is known by its name on a side: the name that the secondary side has for it. One that would
/// come back as another one has a key that is no name.
pub(crate) fn to_key(name: &str, field: &[&str], side: Side, map: &RegionMap) -> String {
    if side == Side::Secondary {
        return name.to_owned();
    }
    let key = on_the_other_side(name, field, side, map);
    let is_reversible = on_the_other_side(&key, field, side.other(), map) == name;
    if is_reversible { key } else { format!("{side}:{name}") }
}

/// The name that the object with this key has on a side.
pub(crate) fn name_of(key: &str, field: &[&str], side: Side, map: &RegionMap) -> String {
    match side {
        Side::Secondary => key.to_owned(),
        Side::Primary => on_the_other_side(key, field, Side::Secondary, map),
    }
}

/// Why nothing tells what the other side calls what has this name on a side, if so.
pub(crate) fn why_untold(name: &str, field: &[&str], side: Side, map: &RegionMap) -> Option<String> {
    let there = on_the_other_side(name, field, side, map);
    let back = on_the_other_side(&there, field, side.other(), map);
    (back != name).then(|| {
        format!(
            "by the region map, \"{there}\" in {} stands for \"{back}\", so that nothing tells what \"{name}\" is \
             called there; add a rule for it",
            side.other()
        )
    })
}

/// Whether a rule tells what the other side has in place of this value of a field.
pub(crate) fn is_told(value: &str, field: &[&str], side: Side, map: &RegionMap) -> bool {
    map.rules.iter().any(|rule| rewritten(rule, field, value, side).is_some())
}

fn on_the_other_side(name: &str, field: &[&str], from: Side, map: &RegionMap) -> String {
    let rewritten = map.rules.iter().find_map(|rule| rewritten(rule, field, name, from));
    rewritten.unwrap_or_else(|| name.to_owned())
}

fn rewrite(path: &[String], text: &mut String, from: Side, map: &RegionMap) {
    if let Some(rewritten) = map.rules.iter().find_map(|rule| rewritten(rule, path, text, from)) {
        *text = rewritten;
    }
}

/// The value as the other side has it, where the rule fits it.
fn rewritten<Field: Borrow<str>>(
    rule: &RegionRule,
    path: &[Field],
    text: &str,
    from: Side,
) -> Option<String> {
    let is_meant = match &rule.field {
        Some(field) => is_field(path, field),
        // Who is called otherwise on each side would not be known again.
        None => !is_name(path),
    };
    if !is_meant {
        return None;
    }
    let (here, there) = (rule.on(from), rule.on(from.other()));
    match rule.matching {
        Matching::Exact => (text == here).then(|| there.to_owned()),
        Matching::Prefix => text.strip_prefix(here).map(|rest| format!("{there}{rest}")),
    }
}

/// Whether the path ends with the field's own. A policy says of a field what values it may have.
fn is_field<Field: Borrow<str>>(path: &[Field], field: &str) -> bool {
    let is_definition = path.first().is_some_and(|first| DEFINITIONS.contains(&first.borrow()));
    let path = match path {
        [path @ .., last] if is_definition && POLICY_VALUES.contains(&last.borrow()) => path,
        path => path,
    };
    // Names of fields may have dots in them, as those of a policy.
    path.join(".").strip_suffix(field).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// Visits every text of a form, with the names of the fields that lead to it. References are no texts.
fn each_text(value: &mut Value, path: &mut Vec<String>, visit: &mut dyn FnMut(&[String], &mut String)) {
    if referred(value).is_some() {
        return;
    }
    match value {
        Value::String(text) => visit(path, text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, path, visit)),
        Value::Object(map) => {
            for (field, value) in map.iter_mut() {
                path.push(field.clone());
                each_text(value, path, visit);
                path.pop();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use farshore_model::kind::ObjectKind;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn rule(field: Option<&str>, matching: Matching, primary: &str, secondary: &str) -> RegionRule {
        RegionRule {
            field: field.map(str::to_owned),
            matching,
            primary: primary.to_owned(),
            secondary: secondary.to_owned(),
        }
    }

    fn map() -> RegionMap {
        RegionMap {
            rules: vec![
                rule(None, Matching::Prefix, "s3://sales-east/raw/", "s3://sales-west/landing/"),
                rule(None, Matching::Prefix, "s3://sales-east/", "s3://sales-west/"),
                rule(Some("aws_attributes.zone_id"), Matching::Exact, "us-east-1a", "us-west-2b"),
            ],
        }
    }

    fn cluster(bucket: &str, zone: &str) -> Value {
        json!({
            "spark_conf": {"spark.warehouse": bucket}, "zone_id": "us-east-1a",
            "aws_attributes": {"zone_id": zone}, "pool": {"$ref": "instance_pools/s3://sales-east/"},
        })
    }

    #[test]
    fn rules_apply_in_order_by_field_and_not_to_references() {
        let mut form = cluster("s3://sales-east/raw/x", "us-east-1a");
        to_canonical(&mut form, Side::Primary, &map());
        assert_eq!(form, cluster("s3://sales-west/landing/x", "us-west-2b"));
        to_canonical(&mut form, Side::Secondary, &map());
        assert_eq!(form, cluster("s3://sales-west/landing/x", "us-west-2b"));
        from_canonical(&mut form, Side::Primary, &map());
        assert_eq!(form, cluster("s3://sales-east/raw/x", "us-east-1a"));
    }

    #[test]
    fn a_name_is_a_key_in_the_words_of_the_secondary_side_unless_it_would_come_back_as_another_one() {
        let map = RegionMap { rules: vec![rule(Some("arn"), Matching::Prefix, "arn:east", "arn:west")] };
        let field = ["attributes", "arn"];
        let key = |name: &str, side: Side| to_key(name, &field, side, &map);
        assert_eq!(key("arn:east/x", Side::Primary), "arn:west/x");
        assert_eq!(key("arn:west/x", Side::Secondary), "arn:west/x");
        assert_eq!(name_of("arn:west/x", &field, Side::Primary, &map), "arn:east/x");
        assert_eq!(name_of("arn:west/x", &field, Side::Secondary, &map), "arn:west/x");
        assert_eq!(key("arn:west/x", Side::Primary), "primary:arn:west/x");
        for (name, side, is_told) in [
            ("arn:east/x", Side::Primary, true),
            ("arn:west/x", Side::Primary, false),
            ("arn:west/x", Side::Secondary, true),
            ("arn:east/x", Side::Secondary, false),
            ("arn:other", Side::Secondary, true),
        ] {
            assert_eq!(why_untold(name, &field, side, &map).is_none(), is_told, "{name} in {side}");
        }
        assert_eq!(to_key("arn:east/x", &["name"], Side::Primary, &map), "arn:east/x", "another field");
    }

    #[test]
    fn a_rule_for_a_field_fits_what_a_policy_says_of_it() {
        let map =
            RegionMap { rules: vec![rule(Some("aws_attributes.zone_id"), Matching::Exact, "east", "west")] };
        let policy = |zone: &str| {
            json!({"definition": {
                "aws_attributes.zone_id": {"type": "allowlist", "values": [zone], "defaultValue": zone},
                "zone_id": {"type": "fixed", "value": "east"},
            }})
        };
        let mut form = policy("east");
        to_canonical(&mut form, Side::Primary, &map);
        assert_eq!(form, policy("west"));
        let mut conf = json!({"spark_conf": {"aws_attributes.zone_id": "east", "value": "east"}});
        to_canonical(&mut conf, Side::Primary, &map);
        assert_eq!(conf, json!({"spark_conf": {"aws_attributes.zone_id": "west", "value": "east"}}));
    }

    #[test]
    fn names_are_rewritten_by_rules_about_them_alone() {
        let form = |user: &str, cluster: &str, tag: &str| {
            json!({
                "cluster_name": cluster, "custom_tags": {"team": tag},
                "access_control_list": [{"user_name": user, "permission_level": "CAN_RUN"}],
            })
        };
        let any = rule(None, Matching::Prefix, "east", "west");
        let mut read = form("east@x.org", "east etl", "east");
        to_canonical(&mut read, Side::Primary, &RegionMap { rules: vec![any.clone()] });
        assert_eq!(read, form("east@x.org", "east etl", "west"));
        let named = rule(Some("cluster_name"), Matching::Prefix, "east", "west");
        let map = RegionMap { rules: vec![any, named] };
        to_canonical(&mut read, Side::Primary, &map);
        assert_eq!(read, form("east@x.org", "west etl", "west"));
        let found = preview([(ObjectKind::Clusters, "etl", &read)].into_iter(), Side::Primary, "east", &map);
        assert_eq!(found.unmapped, [], "a name is not in need of a rule");
    }

    #[test]
    fn a_preview_counts_what_each_rule_touches_and_what_none_does() {
        let (one, two) = (cluster("s3://sales-east/x", "us-east-1a"), cluster("s3://other/", "us-east-1c"));
        let objects = [(ObjectKind::Clusters, "one", &one), (ObjectKind::Clusters, "two", &two)];
        let preview = preview(objects.into_iter(), Side::Primary, "us-east-1", &map());
        let touched: Vec<u32> = preview.rules.iter().map(|rule| rule.values).collect();
        assert_eq!(touched, [0, 1, 1]);
        assert_eq!(preview.rules[1].examples[0].after, "s3://sales-west/x");
        assert_eq!(preview.rules[1].examples[0].field, "spark_conf.spark.warehouse");
        let unmapped: Vec<(&str, u32)> =
            preview.unmapped.iter().map(|value| (&*value.value, value.objects)).collect();
        assert_eq!(unmapped, [("us-east-1a", 2), ("s3://other/", 1), ("us-east-1c", 1)]);
    }

    proptest! {
        #[test]
        fn what_goes_there_comes_back(bucket in "s3://(sales-east|other)/[a-z]{0,6}", zone in "us-east-1[a-c]") {
            let before = cluster(&bucket, &zone);
            let mut form = before.clone();
            to_canonical(&mut form, Side::Primary, &map());
            from_canonical(&mut form, Side::Primary, &map());
            prop_assert_eq!(form, before);
        }
    }
}
