//! What users, service principals and groups have in common: what they may do, and how a change of them is said.

use serde_json::{Map, Value, json};

use crate::canonical::text;

/// What a principal was given, each a list of values in no order.
const GRANTS: [&str; 2] = ["entitlements", "roles"];

/// Entitlements and roles as sorted texts; those that are empty are left out.
pub(super) fn grants(raw: &Value) -> Map<String, Value> {
    let lists = GRANTS.iter().map(|attribute| ((*attribute).to_owned(), values(raw, attribute)));
    lists.filter(|(_, values)| !values.is_empty()).map(|(name, values)| (name, Value::from(values))).collect()
}

/// The values of a list attribute, sorted, each once.
fn values(raw: &Value, attribute: &str) -> Vec<String> {
    let entries = raw.get(attribute).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut values: Vec<String> =
        entries.iter().filter_map(|entry| text(entry, "value")).map(str::to_owned).collect();
    values.sort();
    values.dedup();
    values
}

/// Whether the principal may sign in; one that does not say may. Some workspaces say it as a text.
pub(super) fn is_active(raw: &Value) -> bool {
    match raw.get("active") {
        Some(Value::Bool(is_active)) => *is_active,
        Some(Value::String(text)) => !text.eq_ignore_ascii_case("false"),
        _ => true,
    }
}

/// Whether this is the canonical form of somebody who may not sign in.
pub(crate) fn is_inactive(form: &Value) -> bool {
    !is_active(form)
}

/// A form as a create wants it: with objects in its lists.
pub(super) fn body(form: &Map<String, Value>) -> Value {
    form.iter()
        .map(|(attribute, value)| {
            let value = match value {
                Value::Array(values) => values.iter().map(|value| json!({ "value": value })).collect(),
                other => other.clone(),
            };
            (attribute.clone(), value)
        })
        .collect()
}

/// The operations that make `wanted` of `current`, for whatever differs between the two and for nothing else.
pub(super) fn operations(current: &Map<String, Value>, wanted: &Map<String, Value>) -> Vec<Value> {
    let mut operations = Vec::new();
    collect(current, wanted, "", &mut operations);
    operations
}

fn collect(
    current: &Map<String, Value>,
    wanted: &Map<String, Value>,
    prefix: &str,
    operations: &mut Vec<Value>,
) {
    let nothing = Value::Null;
    let gone = current.keys().filter(|attribute| !wanted.contains_key(*attribute));
    for attribute in wanted.keys().chain(gone) {
        let path = format!("{prefix}{attribute}");
        let before = current.get(attribute).unwrap_or(&nothing);
        match (before, wanted.get(attribute).unwrap_or(&nothing)) {
            (before, after) if before == after => {}
            (Value::Object(before), Value::Object(after)) => {
                collect(before, after, &format!("{path}."), operations);
            }
            (before @ Value::Array(_), after) | (before, after @ Value::Array(_)) => {
                operations.extend(list_operations(&path, elements(before), elements(after)));
            }
            (_, Value::Null) => operations.push(json!({"op": "remove", "path": path})),
            (_, after) => operations.push(json!({"op": "replace", "path": path, "value": after})),
        }
    }
}

/// One operation for all that comes, and one for each that goes: there is none that removes several.
fn list_operations(path: &str, before: &[Value], after: &[Value]) -> Vec<Value> {
    let added = after.iter().filter(|value| !before.contains(value));
    let added: Vec<Value> = added.map(|value| json!({ "value": value })).collect();
    let removed = before.iter().filter(|value| !after.contains(value));
    // A value is written as JSON writes a text, quotes and all.
    let removed = removed.map(|value| json!({"op": "remove", "path": format!("{path}[value eq {value}]")}));
    let mut operations: Vec<Value> = removed.collect();
    if !added.is_empty() {
        operations.push(json!({"op": "add", "path": path, "value": added}));
    }
    operations
}

fn elements(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::into_map;

    #[test]
    fn only_what_differs_is_said() {
        let current = json!({
            "displayName": "Ada", "active": true, "name": {"givenName": "Ada", "familyName": "L"},
            "entitlements": ["a", "b"], "roles": ["r"],
        });
        let wanted = json!({
            "displayName": "Ada B", "active": false, "name": {"givenName": "Ada"}, "entitlements": ["b", "c", "d"],
        });
        let said = operations(&into_map(current.clone()), &into_map(wanted));
        let expected = [
            json!({"op": "replace", "path": "active", "value": false}),
            json!({"op": "replace", "path": "displayName", "value": "Ada B"}),
            json!({"op": "remove", "path": "entitlements[value eq \"a\"]"}),
            json!({"op": "add", "path": "entitlements", "value": [{"value": "c"}, {"value": "d"}]}),
            json!({"op": "remove", "path": "name.familyName"}),
            json!({"op": "remove", "path": "roles[value eq \"r\"]"}),
        ];
        assert_eq!(said.len(), expected.len(), "{said:#?}");
        assert!(expected.iter().all(|operation| said.contains(operation)), "{said:#?}");
        assert_eq!(operations(&into_map(current.clone()), &into_map(current)), Vec::<Value>::new());
    }

    #[test]
    fn a_truth_value_may_be_said_as_a_text() {
        for (said, is_so) in [
            (json!({"active": false}), false),
            (json!({"active": "false"}), false),
            (json!({"active": "False"}), false),
            (json!({"active": "TRUE"}), true),
            (json!({"active": true}), true),
            (json!({"active": null}), true),
            (json!({}), true),
        ] {
            assert_eq!(is_active(&said), is_so, "{said}");
        }
    }

    #[test]
    fn the_order_of_what_was_given_does_not_matter() {
        let raw = json!({"entitlements": [{"value": "b"}, {"value": "a"}, {"value": "b"}], "roles": []});
        assert_eq!(grants(&raw), into_map(json!({"entitlements": ["a", "b"]})));
        assert_eq!(body(&grants(&raw)), json!({"entitlements": [{"value": "a"}, {"value": "b"}]}));
    }
}
