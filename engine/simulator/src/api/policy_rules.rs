//! The definition of a cluster policy, and what it does to a cluster's settings.

use regex::Regex;
use serde_json::{Map, Value};

use super::ApiError;

mod paths;
#[cfg(test)]
mod tests;

use paths::plain;

const TYPES: [&str; 7] = ["fixed", "forbidden", "allowlist", "blocklist", "regex", "range", "unlimited"];

/// Types whose attribute must be there unless the rule says `isOptional`.
const REQUIRING: [&str; 4] = ["allowlist", "regex", "range", "unlimited"];

/// A price, not a setting.
const PRICE: &str = "dbus_per_hour";
/// What the cluster is for, not a setting either.
const CLUSTER_TYPE: &str = "cluster_type";

type Rules = Map<String, Value>;

/// What a cluster is made for, as the rule of `cluster_type` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClusterType {
    AllPurpose,
    Job,
}

impl ClusterType {
    fn name(self) -> &'static str {
        match self {
            Self::AllPurpose => "all-purpose",
            Self::Job => "job",
        }
    }
}

/// Reads and checks a definition.
pub(super) fn parse(definition: &str) -> Result<Rules, ApiError> {
    let wrong =
        |why: String| ApiError::invalid_parameter(format!("The policy definition is not valid: {why}"));
    let rules = match serde_json::from_str(definition) {
        Ok(Value::Object(rules)) => rules,
        Ok(_) => return Err(wrong("it must be a JSON object.".into())),
        Err(error) => return Err(wrong(format!("{error}."))),
    };
    for (path, rule) in &rules {
        let rule =
            rule.as_object().ok_or_else(|| wrong(format!("the rule of '{path}' must be an object.")))?;
        let kind = rule.get("type").and_then(Value::as_str).unwrap_or_default();
        if !TYPES.contains(&kind) {
            return Err(wrong(format!("'{path}' has the unknown type '{kind}'.")));
        }
        let needed = match kind {
            "fixed" => Some("value"),
            "allowlist" | "blocklist" => Some("values"),
            "regex" => Some("pattern"),
            _ => None,
        };
        if let Some(needed) = needed.filter(|needed| !rule.contains_key(*needed)) {
            return Err(wrong(format!("'{path}' is of type {kind} and needs '{needed}'.")));
        }
        if kind == "range" && !["minValue", "maxValue"].iter().any(|bound| rule.contains_key(*bound)) {
            return Err(wrong(format!("'{path}' is of type range and needs minValue or maxValue.")));
        }
    }
    Ok(rules)
}

/// Fills in what the policy fixes, its defaults too when these are wanted, and refuses settings that break it.
pub(crate) fn apply(
    definition: &str,
    settings: &mut Map<String, Value>,
    cluster_type: ClusterType,
    fills_defaults: bool,
) -> Result<(), ApiError> {
    let rules = parse(definition)?;
    fill_by(&rules, settings, fills_defaults);
    match broken(&rules, settings, cluster_type).into_iter().next() {
        Some((_, problem)) => Err(ApiError::invalid_parameter(problem)),
        None => Ok(()),
    }
}

/// Fills in what is absent and fixed or, if wanted, has a default.
pub(super) fn fill(definition: &str, settings: &mut Map<String, Value>, fills_defaults: bool) {
    fill_by(&parse(definition).unwrap_or_default(), settings, fills_defaults);
}

fn fill_by(rules: &Rules, settings: &mut Map<String, Value>, fills_defaults: bool) {
    for (path, rule) in rules {
        if matches!(path.as_str(), PRICE | CLUSTER_TYPE)
            || path.contains('*')
            || paths::lookup(settings, path).is_some()
        {
            continue;
        }
        let fixed = rule.get("value").filter(|_| kind_of(rule) == "fixed");
        let default = rule.get("defaultValue").filter(|_| fills_defaults);
        if let Some(value) = fixed.or(default).cloned() {
            paths::insert(settings, path, value);
        }
    }
}

/// What settings break of a definition: the path of each setting with what is wrong.
pub(super) fn violations(
    definition: &str,
    settings: &Map<String, Value>,
    cluster_type: ClusterType,
) -> Map<String, Value> {
    let rules = parse(definition).unwrap_or_default();
    broken(&rules, settings, cluster_type).into_iter().map(|(path, problem)| (path, problem.into())).collect()
}

/// A setting that is put right.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Correction {
    pub(super) path: String,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

/// Puts everything right that the policy says how to.
///
/// # Errors
/// The first problem that only a person can solve; the settings are of no use then.
pub(super) fn correct(
    definition: &str,
    settings: &mut Map<String, Value>,
    cluster_type: ClusterType,
) -> Result<Vec<Correction>, ApiError> {
    let rules = parse(definition)?;
    let mut corrections = Vec::new();
    for (path, problem) in broken(&rules, settings, cluster_type) {
        let before = paths::lookup(settings, &path);
        let remedy = rule_of(&rules, &path).and_then(|rule| remedy(&path, rule, settings));
        let after = match remedy {
            Some(value) if path != CLUSTER_TYPE => Some(value).filter(|value| !value.is_null()),
            _ => return Err(ApiError::invalid_state(problem)),
        };
        match after.clone() {
            Some(value) => paths::insert(settings, &path, value),
            None => paths::remove(settings, &path),
        }
        corrections.push(Correction { path, before, after });
    }
    Ok(corrections)
}

/// The value that keeps to a rule; null for none at all.
fn remedy(path: &str, rule: &Value, settings: &Map<String, Value>) -> Option<Value> {
    let keeps = |value: &Value| problem(path, rule, value).is_none();
    let default = rule.get("defaultValue").filter(|value| keeps(value)).cloned();
    match kind_of(rule) {
        "fixed" => rule.get("value").cloned(),
        "forbidden" => Some(Value::Null),
        "allowlist" => default.or_else(|| rule.get("values")?.get(0).cloned()),
        "range" => default.or_else(|| {
            let number = paths::lookup(settings, path)?.as_f64()?;
            let least =
                rule.get("minValue").filter(|least| least.as_f64().is_some_and(|least| number < least));
            least.or_else(|| rule.get("maxValue")).cloned()
        }),
        _ => default,
    }
}

/// The rule for a place: its own, or the one with stars that covers it.
fn rule_of<'a>(rules: &'a Rules, place: &str) -> Option<&'a Value> {
    let covers = |path: &str| {
        let Some((before, after)) = path.split_once('*') else { return false };
        place.strip_prefix(before).is_some_and(|rest| rest.ends_with(after))
    };
    rules.get(place).or_else(|| rules.iter().find(|(path, _)| covers(path)).map(|(_, rule)| rule))
}

fn kind_of(rule: &Value) -> &str {
    rule.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// Every place at which settings break rules, with what is wrong there.
fn broken(rules: &Rules, settings: &Map<String, Value>, cluster_type: ClusterType) -> Vec<(String, String)> {
    let of_rule = |(path, rule): (&String, &Value)| -> Vec<(String, String)> {
        if path == PRICE {
            return Vec::new();
        }
        let places = match path.as_str() {
            CLUSTER_TYPE => vec![(CLUSTER_TYPE.to_owned(), cluster_type.name().into())],
            _ => paths::found(settings, path),
        };
        if places.is_empty() && is_required(path, rule, settings) {
            let problem = match path.split_once('.') {
                Some((head, rest)) => format!("Validation failed for {head}, {rest} must be present"),
                None => format!("Validation failed for {path}, the value must be present"),
            };
            return vec![(path.clone(), problem)];
        }
        // A star stands for what has no rule of its own.
        let is_own = |place: &str| !path.contains('*') || !rules.contains_key(place);
        let places = places.into_iter().filter(|(place, _)| is_own(place));
        places
            .filter_map(|(place, value)| problem(&place, rule, &value).map(|problem| (place, problem)))
            .collect()
    };
    rules.iter().flat_map(of_rule).collect()
}

/// Whether an attribute has to be there. What another one takes the place of, or what follows from another one,
/// has not.
fn is_required(path: &str, rule: &Value, settings: &Map<String, Value>) -> bool {
    let is_optional = rule.get("isOptional").and_then(Value::as_bool).unwrap_or(false);
    let is_asked_for = kind_of(rule) == "fixed" || REQUIRING.contains(&kind_of(rule));
    let is_replaced = match path.split('.').next().unwrap_or(path) {
        "num_workers" => settings.contains_key("autoscale"),
        "autoscale" => settings.contains_key("num_workers"),
        "node_type_id" => settings.contains_key("instance_pool_id"),
        "driver_node_type_id" | "driver_instance_pool_id" => true,
        _ => false,
    };
    is_asked_for && !is_optional && !is_replaced && !path.contains('*')
}

/// What is wrong with a value.
fn problem(path: &str, rule: &Value, value: &Value) -> Option<String> {
    let text = plain(value);
    let values = || rule.get("values").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_listed = || values().iter().any(|known| plain(known) == text);
    let problem = match kind_of(rule) {
        "fixed" => {
            let wanted = rule.get("value").map(plain).unwrap_or_default();
            (wanted != text).then(|| format!("the value must be {wanted}"))
        }
        "forbidden" => Some("the value must not be set".to_owned()),
        "allowlist" => (!is_listed()).then(|| {
            let known: Vec<String> = values().iter().map(plain).collect();
            format!("the value must be one of {}", known.join(", "))
        }),
        "blocklist" => is_listed().then(|| "the value is not allowed".to_owned()),
        "regex" => {
            let pattern = rule.get("pattern").and_then(Value::as_str).unwrap_or_default();
            // The whole value has to match. What only Java understands is let pass.
            let is_other = Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|regex| !regex.is_match(&text));
            is_other.then(|| format!("the value must match the regular expression {pattern}"))
        }
        "range" => {
            let bound = |name: &str| rule.get(name).and_then(Value::as_f64);
            let number = value.as_f64().unwrap_or(f64::NAN);
            let is_low = bound("minValue").is_some_and(|least| number < least || number.is_nan());
            let is_high = bound("maxValue").is_some_and(|most| number > most || number.is_nan());
            (is_low || is_high).then(|| "the value is out of range".to_owned())
        }
        _ => None,
    };
    problem.map(|problem| format!("Validation failed for {path}, {problem} (is \"{text}\")"))
}
