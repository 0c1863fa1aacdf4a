//! What a map would do, shown before anybody relies on it.

use std::collections::BTreeMap;

use farshore_model::{
    group::Side,
    kind::ObjectKind,
    region_map::{
        RegionMap, RegionPreview, RegionRule, RewrittenValue, RuleEffect, UnmappedValue, is_name,
        is_path_of_a_copy,
    },
};
use serde_json::Value;

use super::{each_text, rewritten};
use crate::{
    cluster_spec::{ANY_ZONE, ZONE},
    kinds,
    references::not_replicated,
};

/// Examples that a preview shows for each rule.
const MOST_EXAMPLES: usize = 5;
/// Values without a rule that a preview lists.
const MOST_UNMAPPED: usize = 100;
/// What a value begins with that lies in somebody's storage, which lies in some region.
const STORAGE_SCHEMES: [&str; 8] =
    ["s3://", "s3a://", "s3n://", "abfss://", "abfs://", "wasbs://", "gs://", "adl://"];

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
        let name_field = kinds::of(kind).name_field();
        let mut form = form.clone();
        each_text(&mut form, &mut Vec::new(), &mut |path, text| {
            let field = path.join(".");
            let is_own_name = |name_field: &&[&str]| name_field.last() == Some(&field.as_str());
            let own_name = name_field.filter(is_own_name);
            let fitting = map.rules.iter().zip(&mut rules);
            let rewritten = |(rule, effect): (&RegionRule, _)| {
                let rewritten = match own_name {
                    Some(name_field) => rewritten(rule, name_field, text, side),
                    None => rewritten(rule, path, text, side),
                };
                Some((rewritten?, effect))
            };
            if let Some((after, effect)) = fitting.map(rewritten).find_map(|found| found) {
                let effect: &mut RuleEffect = effect;
                effect.values += 1;
                if effect.examples.len() < MOST_EXAMPLES {
                    let (name, before) = (name.to_owned(), text.clone());
                    effect.examples.push(RewrittenValue { kind, name, field, before, after });
                }
            } else if let Some(why) = a_zone(path, text)
                .or_else(|| regional(text, region).filter(|_| !is_name(path) && !is_path_of_a_copy(text)))
                .or_else(|| needs_counterpart(path))
            {
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

/// A zone belongs to one region, and is not carried without a rule.
fn a_zone(path: &[String], text: &str) -> Option<String> {
    let is_zone = path.last().is_some_and(|field| field == ZONE) && text != ANY_ZONE;
    is_zone
        .then(|| "it is a zone of one region; without a rule the copy is in any zone of its own".to_owned())
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

/// Why a rule is needed for whatever a field holds, if so.
fn needs_counterpart(path: &[String]) -> Option<String> {
    not_replicated(path).map(|(one, many)| format!("it is the id of a {one}, and {many} are not replicated"))
}
