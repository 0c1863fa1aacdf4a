//! What condition tasks decide, and over what for-each tasks go.

use serde_json::{Map, Value};

use crate::state::run::Run;

/// Whether a condition holds.
pub(super) fn holds(run: &Run, condition: &Map<String, Value>) -> bool {
    let side = |name: &str| resolved(run, condition.get(name).and_then(Value::as_str).unwrap_or_default());
    let (left, right) = (side("left"), side("right"));
    let numbers = || Some((left.trim().parse::<f64>().ok()?, right.trim().parse::<f64>().ok()?));
    let compared = |test: fn(&f64, &f64) -> bool| numbers().is_some_and(|(left, right)| test(&left, &right));
    match condition.get("op").and_then(Value::as_str).unwrap_or("EQUAL_TO") {
        "NOT_EQUAL" => left != right,
        "GREATER_THAN" => compared(f64::gt),
        "GREATER_THAN_OR_EQUAL" => compared(f64::ge),
        "LESS_THAN" => compared(f64::lt),
        "LESS_THAN_OR_EQUAL" => compared(f64::le),
        // Texts are compared as they are written: 12.0 is not 12.
        _ => left == right,
    }
}

/// How often a for-each task runs what is in it.
pub(crate) fn iterations(run: &Run, task: &Map<String, Value>) -> usize {
    let inputs = task.get("inputs").and_then(Value::as_str).unwrap_or_default();
    match serde_json::from_str(&resolved(run, inputs)) {
        Ok(Value::Array(inputs)) => inputs.len(),
        _ => 0,
    }
}

/// Puts job parameters in the place of `{{job.parameters.name}}`; other references stay as they are.
fn resolved(run: &Run, text: &str) -> String {
    let mut resolved = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((reference, after)) = after.split_once("}}") else { break };
        resolved.push_str(before);
        match reference.trim().strip_prefix("job.parameters.").and_then(|name| run.parameter(name)) {
            Some(value) => resolved.push_str(&value),
            None => resolved += &format!("{{{{{reference}}}}}"),
        }
        rest = after;
    }
    resolved + rest
}
