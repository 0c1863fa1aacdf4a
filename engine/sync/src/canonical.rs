//! The canonical form of an object, and its hash: equal hashes mean equal objects, on whichever side they are.

use std::{fmt::Write as _, io};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The tag that names a create in the object that it made; no part of any canonical form.
pub(crate) const MARK_TAG: &str = "farshore_mark";

/// SHA-256 of the value as compact JSON with sorted keys, in lower-case hex.
pub(crate) fn hash(value: &Value) -> String {
    let mut hash = Hash::default();
    hash.value(value);
    hash.finish()
}

/// The hash of JSON that is written piece by piece, because all of it at once would be large.
#[derive(Debug, Default)]
pub(crate) struct Hash(Sha256);

impl Hash {
    /// What stands between values.
    pub(crate) fn text(&mut self, text: &str) {
        self.0.update(text);
    }

    /// A value as compact JSON with sorted keys.
    pub(crate) fn value(&mut self, value: &Value) {
        // Hashing cannot fail.
        let _ = write_sorted(&mut self.0, value);
    }

    pub(crate) fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// Whether maps keep their order depends on features that other crates turn on.
fn write_sorted(out: &mut impl io::Write, value: &Value) -> io::Result<()> {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| key.as_str());
            for (place, (key, value)) in entries.into_iter().enumerate() {
                out.write_all(if place == 0 { b"{" } else { b"," })?;
                serde_json::to_writer(&mut *out, key)?;
                out.write_all(b":")?;
                write_sorted(out, value)?;
            }
            out.write_all(if map.is_empty() { b"{}" } else { b"}" })
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                out.write_all(if place == 0 { b"[" } else { b"," })?;
                write_sorted(out, item)?;
            }
            out.write_all(if items.is_empty() { b"[]" } else { b"]" })
        }
        other => Ok(serde_json::to_writer(out, other)?),
    }
}

/// The value as compact JSON with sorted keys.
pub(crate) fn compact(value: &Value) -> String {
    let mut text = Vec::new();
    // Writing to memory cannot fail, and JSON is text.
    let _ = write_sorted(&mut text, value);
    String::from_utf8(text).unwrap_or_default()
}

/// SHA-256 in lower-case hex.
pub(crate) fn hash_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// In lower-case hex.
pub(crate) fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Without nulls, empty maps and empty lists, at any depth: the API leaves them out on one occasion and
/// writes them on another.
pub(crate) fn without_empty(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.into_iter()
                .map(|(key, value)| (key, without_empty(value)))
                .filter(|(_, value)| !is_empty(value))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(without_empty).collect()),
        other => other,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// The named fields of an object, those that it has.
pub(crate) fn only(raw: &Value, fields: &[&str]) -> Map<String, Value> {
    fields
        .iter()
        .filter_map(|field| raw.get(field).map(|value| ((*field).to_owned(), value.clone())))
        .collect()
}

/// A text field, or nothing when it is missing or empty.
pub(crate) fn text<'a>(raw: &'a Value, field: &str) -> Option<&'a str> {
    raw.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Takes our mark out of a map of tags.
pub(crate) fn take_mark(settings: &mut Map<String, Value>, tags: &str) -> Option<String> {
    let mark = settings.get_mut(tags)?.as_object_mut()?.remove(MARK_TAG)?;
    mark.as_str().map(str::to_owned)
}

/// Puts our mark into a map of tags.
pub(crate) fn put_mark(settings: &mut Map<String, Value>, tags: &str, mark: &str) {
    let tags = settings.entry(tags).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(tags) = tags {
        tags.insert(MARK_TAG.to_owned(), Value::from(mark));
    }
}

/// The settings as a map; anything else gives an empty one.
pub(crate) fn into_map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let left: Value =
            serde_json::from_str(r#"{"a": 1, "b": {"c": [1, {"x": 1, "y": 2}], "d": 2}}"#).unwrap();
        let right: Value =
            serde_json::from_str(r#"{"b": {"d": 2, "c": [1, {"y": 2, "x": 1}]}, "a": 1}"#).unwrap();
        assert_eq!(hash(&left), hash(&right));
        assert_ne!(hash(&left), hash(&json!({"a": 1})));
    }

    #[test]
    fn what_is_empty_counts_as_missing() {
        let noisy = json!({"a": {"b": null, "c": {}}, "d": [], "e": 0, "f": false, "g": ""});
        assert_eq!(without_empty(noisy), json!({"e": 0, "f": false, "g": ""}));
    }
}
