//! What a workspace adds to what it is given.
//!
//! The source lacks them, so that the two never become equal, and every sync would undo what nobody has changed. What
//! was written is read once more, and where it has all that was wanted, it is noted as another form of the same.

use serde_json::Value;

use super::Run;
use crate::{
    canonical::hash,
    kinds::{Added, Kind},
};

impl Run<'_> {
    /// The hash of what the target has made of the canonical form, if it has only added to it.
    pub(super) async fn filled_in(
        &self,
        kind: &dyn Kind,
        id: &str,
        wanted: &Value,
        is_new: bool,
    ) -> Option<String> {
        let added = kind.added();
        if added == Added::Nothing || (added == Added::Grants && is_new) {
            return None;
        }
        // Where it cannot be read, the next sync compares it with what was wanted.
        let current = kind.read(self.target_client(), id).await.ok().flatten()?;
        let form = self.state().keys.canonical(kind, &current.raw).form;
        (form != *wanted && has_all_of(wanted, &form, added)).then(|| hash(&form))
    }
}

/// Whether nothing of what is wanted is missing or other than wanted.
fn has_all_of(wanted: &Value, found: &Value, added: Added) -> bool {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => wanted
            .iter()
            .all(|(field, value)| found.get(field).is_some_and(|found| has_all_of(value, found, added))),
        (Value::Array(wanted), Value::Array(found)) if added == Added::Grants => {
            wanted.iter().all(|grant| found.contains(grant))
        }
        (Value::Array(wanted), Value::Array(found)) => {
            wanted.len() == found.len()
                && wanted.iter().zip(found).all(|(wanted, found)| has_all_of(wanted, found, added))
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
        assert!(has_all_of(&wanted, &filled_in, Added::Settings));
        for (field, other) in
            [("name", json!("elt")), ("tasks", json!([])), ("tags", json!({})), ("tasks", json!(["a"]))]
        {
            let mut changed = filled_in.clone();
            changed[field] = other;
            assert!(!has_all_of(&wanted, &changed, Added::Settings), "{changed}");
        }
    }

    #[test]
    fn a_grant_that_stays_is_added_and_one_that_is_missing_is_not() {
        let (one, other) = (json!({"user_name": "a"}), json!({"user_name": "b"}));
        let list = |grants: &[&Value]| json!({ "grants": grants });
        let both = list(&[&one, &other]);
        assert!(has_all_of(&list(&[&other]), &both, Added::Grants));
        assert!(has_all_of(&list(&[]), &both, Added::Grants));
        assert!(!has_all_of(&both, &list(&[&one]), Added::Grants));
    }
}
