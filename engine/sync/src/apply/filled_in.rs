//! Settings that a workspace adds to what it is given.
//!
//! The source lacks them, so that the two never become equal, and every sync would undo what nobody has changed. What
//! was written is read once more, and where it has all that was wanted, it is noted as another form of the same.

use serde_json::Value;

use super::Run;
use crate::{canonical::hash, kinds::Kind};

impl Run<'_> {
    /// The hash of what the target has made of the canonical form, if it has only added to it.
    pub(super) async fn filled_in(&self, kind: &dyn Kind, id: &str, wanted: &Value) -> Option<String> {
        if !kind.may_be_filled_in() {
            return None;
        }
        // Where it cannot be read, the next sync compares it with what was wanted.
        let current = kind.read(self.target_client(), id).await.ok().flatten()?;
        let form = self.state().keys.canonical(kind, &current.raw).form;
        (form != *wanted && has_all_of(wanted, &form)).then(|| hash(&form))
    }
}

/// Whether nothing of what is wanted is missing or other than wanted.
fn has_all_of(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            wanted.iter().all(|(field, value)| found.get(field).is_some_and(|found| has_all_of(value, found)))
        }
        (Value::Array(wanted), Value::Array(found)) => {
            wanted.len() == found.len()
                && wanted.iter().zip(found).all(|(wanted, found)| has_all_of(wanted, found))
        }
        _ => wanted == found,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_added_is_told_from_what_is_changed() {
        let wanted = json!({"name": "etl", "tasks": [{"task_key": "a"}], "tags": {"team": "x"}});
        let filled_in = json!({
            "name": "etl", "tasks": [{"task_key": "a", "run_if": "ALL_SUCCESS"}], "tags": {"team": "x"},
            "queue": {"enabled": true},
        });
        assert!(has_all_of(&wanted, &filled_in));
        for (field, other) in
            [("name", json!("elt")), ("tasks", json!([])), ("tags", json!({})), ("tasks", json!(["a"]))]
        {
            let mut changed = filled_in.clone();
            changed[field] = other;
            assert!(!has_all_of(&wanted, &changed), "{changed}");
        }
    }
}
