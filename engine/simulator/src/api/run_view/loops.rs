//! For-each tasks and what is in them.

use serde_json::{Value, json};

use super::task_view;
use crate::scheduler::conditions;
use crate::state::State;
use crate::state::run::{Run, TaskPhase, TaskRun};

fn total(run: &Run, task: &TaskRun) -> usize {
    let settings = task.settings.get("for_each_task").and_then(Value::as_object);
    settings.map_or(0, |settings| conditions::iterations(run, settings))
}

/// The iterations of a for-each task share its fate.
pub(super) fn stats(run: &Run, task: &TaskRun) -> Value {
    let total = total(run, task);
    let counted = |holds: bool| if holds { total } else { 0 };
    let end = task.end.as_ref().filter(|_| task.phase == TaskPhase::Over);
    let is_success = end.is_some_and(|end| end.is_success());
    json!({
        "total_iterations": total,
        "active_iterations": counted(task.phase == TaskPhase::Running),
        "scheduled_iterations": counted(task.phase != TaskPhase::Blocked),
        "completed_iterations": counted(end.is_some()),
        "succeeded_iterations": counted(is_success),
        "failed_iterations": counted(end.is_some() && !is_success),
    })
}

/// The iterations of a for-each task, each in the shape of a task.
pub(super) fn iterations(state: &State, run: &Run, task: &TaskRun) -> Vec<Value> {
    let Value::Object(shown) = task_view(state, run, task) else { return Vec::new() };
    let inner = task.settings.get("for_each_task").and_then(|settings| settings.get("task"));
    let Some(inner) = inner.and_then(Value::as_object) else { return Vec::new() };
    let kept = ["start_time", "end_time", "execution_duration", "state", "status", "attempt_number"];
    (1..=total(run, task))
        .map(|number| {
            let mut iteration = inner.clone();
            for name in kept {
                iteration.insert(name.into(), shown.get(name).cloned().unwrap_or_default());
            }
            let run_id = task.run_id.saturating_add(i64::try_from(number).unwrap_or(0));
            iteration.insert("run_id".into(), run_id.into());
            Value::Object(iteration)
        })
        .collect()
}
