//! The log of calls that changed something.

use serde::{Deserialize, Serialize};

/// Who changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeActor {
    /// A call of the workspace's own API.
    Api,
    /// The workspace itself, for example by terminating an idle cluster.
    Scheduler,
    /// A control call that edits as a person would.
    Control,
}

/// One call that changed something. Rejected calls and calls without an effect are not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// 1, 2, 3 … in the order in which they took effect.
    pub seq: u64,
    /// The simulated clock, in milliseconds since 1970.
    pub at_ms: i64,
    /// The HTTP method, upper case.
    pub method: String,
    /// The path as it was called.
    pub path: String,
    /// Who did it.
    pub actor: ChangeActor,
    /// The kind and the natural name of the object and its essential new values: the same text for the same
    /// effect, whatever ids and times the workspace handed out.
    pub summary: String,
    /// The id or the path of the object.
    pub object_id: Option<String>,
}

/// The log, in order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ChangeLog {
    last_seq: u64,
    entries: Vec<Change>,
}

impl ChangeLog {
    pub(crate) fn push(
        &mut self,
        at_ms: i64,
        actor: ChangeActor,
        call: (&str, &str),
        summary: String,
        object_id: Option<String>,
    ) {
        self.last_seq += 1;
        let (method, path) = (call.0.to_owned(), call.1.to_owned());
        self.entries.push(Change { seq: self.last_seq, at_ms, method, path, actor, summary, object_id });
    }

    pub(crate) fn since(&self, seq: u64) -> Vec<Change> {
        self.entries.iter().filter(|change| change.seq > seq).cloned().collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Empties the log; numbering goes on.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}
