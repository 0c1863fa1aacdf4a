//! Values as cells of a table.

use farshore_model::{
    PairId, Timestamp,
    plan::{FieldChange, PlanAction, TextChange},
    sync_run::OutcomeState,
    view::PairNames,
};

/// ISO 8601 in UTC; empty for none.
pub(super) fn time(at: Option<Timestamp>) -> String {
    let at = at.and_then(|at| jiff::Timestamp::from_microsecond(at.0).ok());
    at.map(|at| at.to_string()).unwrap_or_default()
}

/// The two workspaces of a pair; its id where it is gone.
pub(super) fn pair(pairs: &[PairNames], id: PairId) -> String {
    let pair = pairs.iter().find(|pair| pair.id == id);
    pair.map_or_else(|| id.to_string(), |pair| format!("{} / {}", pair.primary, pair.secondary))
}

/// What became of an object; nothing of it where there is no outcome.
#[derive(Clone, Copy, Default)]
pub(super) struct Outcome<'a> {
    pub action: Option<PlanAction>,
    pub state: Option<OutcomeState>,
    pub error: Option<&'a str>,
    pub remedy: Option<&'a str>,
}

/// What was done, how it ended, why, and what to do about it.
pub(super) fn outcome_cells(outcome: Outcome<'_>) -> [String; 4] {
    let Outcome { action, state, error, remedy } = outcome;
    [
        action.map(PlanAction::as_str).unwrap_or_default().to_owned(),
        state.map(OutcomeState::as_str).unwrap_or_default().to_owned(),
        error.unwrap_or_default().to_owned(),
        remedy.unwrap_or_default().to_owned(),
    ]
}

/// One line a field: what it was and what it became. Below a text its changed lines, as a unified diff.
pub(super) fn changes(changes: &[FieldChange]) -> String {
    let line = |FieldChange { path, before, after, text }: &FieldChange| {
        if let Some(TextChange { removed, added, diff }) = text.as_deref() {
            return format!("{path}: {removed} removed, {added} added\n{diff}");
        }
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
        format!("{path}: {} -> {}", value(before), value(after))
    };
    changes.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_a_line() {
        let change = |path: &str, before: Option<&str>, after: Option<&str>| FieldChange {
            path: path.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
            text: None,
        };
        let lines = changes(&[change("name", Some("a"), Some("b")), change("tags.x", None, Some("1"))]);
        assert_eq!(lines, "name: a -> b\ntags.x: (none) -> 1");
        let diff = "@@ -1 +1,2 @@\n-a\n+b\n+c".to_owned();
        let text = Some(Box::new(TextChange { removed: 1, added: 2, diff }));
        let lines = changes(&[FieldChange { text, ..change("source", Some("a"), Some("b\nc")) }]);
        assert_eq!(lines, "source: 1 removed, 2 added\n@@ -1 +1,2 @@\n-a\n+b\n+c");
        assert_eq!(time(Some(Timestamp(1_800_000_000_000_000))), "2027-01-15T08:00:00Z");
        assert_eq!(time(None), "");
    }
}
