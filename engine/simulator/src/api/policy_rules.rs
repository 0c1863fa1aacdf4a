//! The definition of a cluster policy, and what it does to a cluster's settings.

use serde_json::{Map, Value};

use super::ApiError;

const TYPES: [&str; 7] = ["fixed", "forbidden", "allowlist", "blocklist", "regex", "range", "unlimited"];

/// Reads and checks a definition.
pub(super) fn parse(definition: &str) -> Result<Map<String, Value>, ApiError> {
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

/// Refuses settings that break the policy, and fills in what it fixes.
pub(super) fn apply(
    definition: &str,
    settings: &mut Map<String, Value>,
    fills_defaults: bool,
) -> Result<(), ApiError> {
    for (path, rule) in parse(definition)? {
        // What is priced or typed is no setting of the cluster itself.
        if matches!(path.as_str(), "dbus_per_hour" | "cluster_type") || path.contains('*') {
            continue;
        }
        let given = lookup(settings, &path);
        match given {
            Some(value) => check(&path, &rule, &value)?,
            None => {
                let fixed =
                    rule.get("value").filter(|_| rule.get("type").is_some_and(|kind| kind == "fixed"));
                let default = rule.get("defaultValue").filter(|_| fills_defaults);
                if let Some(value) = fixed.or(default).cloned() {
                    insert(settings, &path, value);
                }
            }
        }
    }
    Ok(())
}

/// What settings break of a definition: the path of each setting with what is wrong.
pub(super) fn violations(definition: &str, settings: &Map<String, Value>) -> Map<String, Value> {
    let broken = parse(definition).unwrap_or_default().into_iter().filter_map(|(path, rule)| {
        let error = check(&path, &rule, &lookup(settings, &path)?).err()?;
        Some((path, error.body.get("message").cloned().unwrap_or_default()))
    });
    broken.collect()
}

fn check(path: &str, rule: &Value, value: &Value) -> Result<(), ApiError> {
    let text = plain(value);
    let values = || rule.get("values").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let listed = || values().iter().any(|known| plain(known) == text);
    let problem = match rule.get("type").and_then(Value::as_str).unwrap_or_default() {
        "fixed" => {
            let wanted = rule.get("value").map(plain).unwrap_or_default();
            (wanted != text).then(|| format!("the value must be {wanted}"))
        }
        "forbidden" => Some("the value must not be set".to_owned()),
        "allowlist" => (!listed()).then(|| {
            let known: Vec<String> = values().iter().map(plain).collect();
            format!("the value must be one of {}", known.join(", "))
        }),
        "blocklist" => listed().then(|| "the value is not allowed".to_owned()),
        "range" => {
            let bound = |name: &str| rule.get(name).and_then(Value::as_f64);
            let number = value.as_f64().unwrap_or(f64::NAN);
            let is_low = bound("minValue").is_some_and(|least| number < least || number.is_nan());
            let is_high = bound("maxValue").is_some_and(|most| number > most || number.is_nan());
            (is_low || is_high).then(|| "the value is out of range".to_owned())
        }
        _ => None,
    };
    match problem {
        Some(problem) => Err(ApiError::invalid_parameter(format!(
            "Validation failed for {path}, {problem} (is \"{text}\")"
        ))),
        None => Ok(()),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value by its path; keys of maps such as `spark_conf` may have dots themselves.
fn lookup(settings: &Map<String, Value>, path: &str) -> Option<Value> {
    if let Some(value) = settings.get(path) {
        return Some(value.clone());
    }
    let (head, rest) = path.split_once('.')?;
    lookup(settings.get(head)?.as_object()?, rest)
}

fn insert(settings: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        Some((head, rest)) => {
            let inner = settings.entry(head).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                if matches!(head, "spark_conf" | "custom_tags" | "spark_env_vars") {
                    inner.insert(rest.to_owned(), plain(&value).into());
                } else {
                    insert(inner, rest, value);
                }
            }
        }
        None => {
            settings.insert(path.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applied(definition: Value, settings: Value) -> Result<Value, ApiError> {
        let mut settings = settings.as_object().cloned().unwrap_or_default();
        apply(&definition.to_string(), &mut settings, true)?;
        Ok(Value::Object(settings))
    }

    #[test]
    fn fixed_values_are_filled_in_and_others_refused() {
        let rules = json!({
            "spark_conf.spark.speculation": {"type": "fixed", "value": "true"},
            "autotermination_minutes": {"type": "range", "maxValue": 60, "defaultValue": 30},
        });
        assert_eq!(
            applied(rules.clone(), json!({})),
            Ok(json!({"spark_conf": {"spark.speculation": "true"}, "autotermination_minutes": 30}))
        );
        assert!(applied(rules.clone(), json!({"spark_conf": {"spark.speculation": "false"}})).is_err());
        assert!(applied(rules, json!({"autotermination_minutes": 90})).is_err());
    }

    #[test]
    fn definitions_that_are_no_rules_are_refused() {
        for definition in
            ["", "[]", "{\"a\": 1}", "{\"a\": {\"type\": \"odd\"}}", "{\"a\": {\"type\": \"fixed\"}}"]
        {
            assert!(parse(definition).is_err(), "{definition}");
        }
    }
}
