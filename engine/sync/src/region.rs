//! Rewriting what is called differently in the two regions.
//!
//! Canonical forms are in the words of the secondary side: what is read from the primary is rewritten before
//! it is compared, and what is written to the primary is rewritten back. A rule that is changed therefore
//! shows as a change of exactly the objects that it touches.

use std::collections::BTreeMap;

use farshore_model::{
    group::Side,
    kind::ObjectKind,
    region_map::{Matching, RegionMap, RegionPreview, RegionRule, RewrittenValue, RuleEffect, UnmappedValue},
};
use serde_json::Value;

use crate::references::referred;

/// Examples that a preview shows for each rule.
const MOST_EXAMPLES: usize = 5;
/// Values without a rule that a preview lists.
const MOST_UNMAPPED: usize = 100;
/// What a value begins with that lies in somebody's storage, which lies in some region.
const STORAGE_SCHEMES: [&str; 8] =
    ["s3://", "s3a://", "s3n://", "abfss://", "abfs://", "wasbs://", "gs://", "adl://"];

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

fn rewrite(path: &[String], text: &mut String, from: Side, map: &RegionMap) {
    if let Some(rewritten) = map.rules.iter().find_map(|rule| rewritten(rule, path, text, from)) {
        *text = rewritten;
    }
}

/// The value as the other side has it, where the rule fits it.
fn rewritten(rule: &RegionRule, path: &[String], text: &str, from: Side) -> Option<String> {
    if !rule.field.as_ref().is_none_or(|field| is_field(path, field)) {
        return None;
    }
    let (here, there) = (rule.on(from), rule.on(from.other()));
    match rule.matching {
        Matching::Exact => (text == here).then(|| there.to_owned()),
        Matching::Prefix => text.strip_prefix(here).map(|rest| format!("{there}{rest}")),
    }
}

/// Whether the path ends with the field's own.
fn is_field(path: &[String], field: &str) -> bool {
    let mut expected = field.rsplit('.');
    let mut actual = path.iter().rev();
    expected.all(|name| actual.next().is_some_and(|actual| actual == name))
}

/// Shows what the map would do to objects of one side. `objects` are kinds, names and forms as the side itself
/// has them; `region` is the side's region.
pub fn preview<'a>(
    objects: impl Iterator<Item = (ObjectKind, &'a str, &'a Value)>,
    side: Side,
    region: &str,
    map: &RegionMap,
) -> RegionPreview {
    let mut rules = vec![RuleEffect::default(); map.rules.len()];
    let mut unmapped: BTreeMap<String, UnmappedValue> = BTreeMap::new();
    for (kind, name, form) in objects {
        let mut form = form.clone();
        each_text(&mut form, &mut Vec::new(), &mut |path, text| {
            let field = path.join(".");
            let fitting = map.rules.iter().zip(&mut rules);
            let rewritten =
                |(rule, effect): (&RegionRule, _)| Some((rewritten(rule, path, text, side)?, effect));
            if let Some((after, effect)) = fitting.map(rewritten).find_map(|found| found) {
                let effect: &mut RuleEffect = effect;
                effect.values += 1;
                if effect.examples.len() < MOST_EXAMPLES {
                    let (name, before) = (name.to_owned(), text.clone());
                    effect.examples.push(RewrittenValue { kind, name, field, before, after });
                }
            } else if let Some(why) = regional(text, region) {
                let first = || UnmappedValue {
                    value: text.clone(),
                    why,
                    objects: 0,
                    kind,
                    name: name.to_owned(),
                    field,
                };
                unmapped.entry(text.clone()).or_insert_with(first).objects += 1;
            }
        });
    }
    let mut unmapped: Vec<UnmappedValue> = unmapped.into_values().collect();
    unmapped
        .sort_by(|left, right| right.objects.cmp(&left.objects).then_with(|| left.value.cmp(&right.value)));
    unmapped.truncate(MOST_UNMAPPED);
    RegionPreview { rules, unmapped }
}

/// Why a value seems to belong to one region.
fn regional(text: &str, region: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if !region.is_empty() && lower.contains(&region.to_ascii_lowercase()) {
        return Some(format!("it names the region {region}"));
    }
    if STORAGE_SCHEMES.iter().any(|scheme| lower.starts_with(scheme)) {
        return Some("it is storage, which lies in one region".to_owned());
    }
    let is_workspace = [".cloud.databricks.com", ".azuredatabricks.net", ".gcp.databricks.com"];
    if is_workspace.iter().any(|host| lower.contains(host)) {
        return Some("it is the address of a workspace".to_owned());
    }
    None
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
