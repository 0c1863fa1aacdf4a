//! An edit of one notebook and one job, as a person would make it.

use serde_json::{Map, json};

use crate::api::{job_settings, jobs};
use crate::changes::ChangeActor;
use crate::control::DemoChange;
use crate::seed;
use crate::state::State;
use crate::state::tree::{self, Language, Node, NodeKind};

/// What is edited, in turn; the first of these that is there.
const PREFERRED_FOLDER: &str = "/Production/";

/// Makes the next change.
pub(crate) fn apply(state: &mut State) -> DemoChange {
    state.demo_changes += 1;
    let notebook_path = edit_notebook(state);
    let (job_id, job_name) = edit_job(state);
    DemoChange { notebook_path, job_id, job_name }
}

fn record(state: &mut State, summary: String, object_id: String) {
    let call = ("POST", "/_simulator/demo/change");
    state.changes.push(state.now_ms, ChangeActor::Control, call, summary, Some(object_id));
    state.touch();
}

fn edit_notebook(state: &mut State) -> String {
    let number = state.demo_changes;
    let notebooks = || state.tree.nodes().filter(|(_, node)| matches!(node.kind, NodeKind::Notebook { .. }));
    let preferred: Vec<&str> =
        notebooks().map(|(path, _)| path).filter(|path| path.starts_with(PREFERRED_FOLDER)).collect();
    let any: Vec<&str> = notebooks().map(|(path, _)| path).collect();
    let choices = if preferred.is_empty() { any } else { preferred };
    let turn = usize::try_from(number - 1).unwrap_or(0);
    let path = choices.get(turn * 7 % choices.len().max(1)).map(|path| (*path).to_owned());
    let path = path.unwrap_or_else(|| {
        tree::make_directory(state, "/Shared");
        "/Shared/demo change".to_owned()
    });
    let now_ms = state.now_ms;
    let mut node = match state.tree.get(&path) {
        Some(node) => node.clone(),
        None => {
            let kind = NodeKind::notebook(Language::Python, "print(\"demo\")");
            Node { object_id: state.next_number(), created_ms: now_ms, modified_ms: now_ms, kind }
        }
    };
    let mut fingerprint = String::new();
    if let NodeKind::Notebook { language, content, .. } = &node.kind {
        let language = *language;
        let note = format!("review note {number}: thresholds confirmed");
        let line = match language {
            Language::Sql => format!("\n-- {note}\n"),
            Language::Scala => format!("\n// {note}\n"),
            Language::Python | Language::R => format!("\n# {note}\n"),
        };
        let mut source = content.bytes().to_vec();
        source.extend_from_slice(line.as_bytes());
        fingerprint = seed::fingerprint(&source);
        node.kind = NodeKind::notebook(language, source);
    }
    node.modified_ms = now_ms;
    state.tree.put(&path, node);
    record(state, format!("edit notebook {path}: {fingerprint}"), path.clone());
    path
}

fn edit_job(state: &mut State) -> (i64, String) {
    let number = state.demo_changes;
    let mut choices: Vec<(u64, i64)> = state.jobs.values().map(|job| (job.sequence, job.job_id)).collect();
    choices.sort_unstable();
    let turn = usize::try_from(number - 1).unwrap_or(0);
    let job_id = match choices.get(turn * 7 % choices.len().max(1)) {
        Some((_, job_id)) => *job_id,
        None => {
            let mut settings = Map::new();
            settings.insert("name".into(), "demo change".into());
            let creator = state.directory.admin_user_name();
            let settings =
                job_settings::complete(state, settings.clone(), &Map::new(), 2).unwrap_or(settings);
            jobs::add(state, settings, &creator)
        }
    };
    let Some(job) = state.jobs.get_mut(&job_id) else { return (job_id, String::new()) };
    let description = format!("Reviewed by the data platform team, revision {number}.");
    job.settings.insert("description".into(), description.into());
    job.settings.insert("timeout_seconds".into(), json!(3_600 + 60 * number));
    let name = job.name().to_owned();
    record(
        state,
        format!("edit job \"{name}\": timeout_seconds={}", 3_600 + 60 * number),
        job_id.to_string(),
    );
    (job_id, name)
}
