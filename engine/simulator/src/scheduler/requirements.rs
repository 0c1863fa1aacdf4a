//! What a task needs to be there when it starts.

use serde_json::{Map, Value};

use crate::api::workspace::normal_path;
use crate::state::State;
use crate::state::run::{End, Run, TaskRun};
use crate::state::tree::NodeKind;

/// The end of a task that cannot start for want of something; `None` when it can.
pub(super) fn obstacle(state: &State, run: &Run, task: &TaskRun, at_ms: i64) -> Option<End> {
    let is_git = run.settings.contains_key("git_source");
    of_cluster(state, task, at_ms).or_else(|| {
        let inner = task.settings.get("for_each_task").and_then(|repeated| repeated.get("task"));
        let inner = inner.and_then(Value::as_object);
        let message = missing_source(state, inner.unwrap_or(&task.settings), is_git)?;
        Some(End::new(at_ms, "TERMINATED", "FAILED", "RESOURCE_NOT_FOUND", "CLIENT_ERROR", &message))
    })
}

/// A cluster that is not there, or could not be created.
fn of_cluster(state: &State, task: &TaskRun, at_ms: i64) -> Option<End> {
    let refusal = |code: &str, message: &str| {
        End::new(at_ms, "INTERNAL_ERROR", "FAILED", code, "CLIENT_ERROR", message)
    };
    if let Some(message) = &task.cluster_refusal {
        return Some(refusal("INVALID_CLUSTER_REQUEST", message));
    }
    let named = task.settings.get("existing_cluster_id").and_then(Value::as_str)?;
    let is_there = state.clusters.contains_key(named);
    (!is_there).then(|| refusal("CLUSTER_ERROR", &format!("Cluster {named} does not exist")))
}

/// What a task would say that does not find the code that it runs.
fn missing_source(state: &State, task: &Map<String, Value>, is_git: bool) -> Option<String> {
    let text = |kind: &str, name: &str| task.get(kind)?.get(name)?.as_str();
    if let Some(path) = text("notebook_task", "notebook_path") {
        let default = if is_git { "GIT" } else { "WORKSPACE" };
        let is_in_workspace = text("notebook_task", "source").unwrap_or(default) == "WORKSPACE";
        let is_found = !is_in_workspace || is_in_tree(state, path);
        return (!is_found).then(|| format!("Notebook not found: {path}"));
    }
    let file = text("spark_python_task", "python_file")?;
    let is_in_git = text("spark_python_task", "source") == Some("GIT");
    // What lies in a bucket, in a volume or behind a mount is not part of the workspace.
    let is_found = match file.strip_prefix("dbfs:").or_else(|| file.strip_prefix("/dbfs")) {
        _ if is_in_git || file.starts_with("/Volumes/") => true,
        Some(path) if path.starts_with("/Volumes/") || path.starts_with("/mnt/") => true,
        Some(path) => state.dbfs.get(path).is_some_and(|entry| entry.content.is_some()),
        None => !file.starts_with('/') || is_in_tree(state, file),
    };
    (!is_found)
        .then(|| format!("Cannot read the python file {file}. Please check driver logs for more details."))
}

fn is_in_tree(state: &State, path: &str) -> bool {
    // A value reference is only known when the task runs.
    path.contains("{{")
        || normal_path(path)
            .ok()
            .and_then(|path| state.tree.get(&path))
            .is_some_and(|node| !matches!(node.kind, NodeKind::Directory | NodeKind::Repo))
}
