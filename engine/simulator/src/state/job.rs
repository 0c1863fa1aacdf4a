//! Jobs and what triggers them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What starts runs of a job by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trigger {
    Cron {
        expression: String,
        timezone_id: String,
    },
    Continuous,
    Periodic {
        interval_ms: i64,
    },
    /// Started by an event outside: a file, a table, a model, a condition. Named as runs show it.
    Event {
        name: &'static str,
    },
}

/// A job: its settings as they were given, defaults added.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) job_id: i64,
    pub(crate) sequence: u64,
    pub(crate) created_ms: i64,
    pub(crate) creator: String,
    pub(crate) settings: Map<String, Value>,
    /// Since when its trigger is as it is; nothing before this moment is due.
    pub(crate) trigger_since_ms: i64,
    /// When it is due next, once that has been computed.
    #[serde(skip)]
    pub(crate) due_ms: Option<i64>,
    /// How many runs were started, skipped ones included.
    pub(crate) runs_started: i64,
}

impl Job {
    pub(crate) fn name(&self) -> &str {
        self.settings.get("name").and_then(Value::as_str).unwrap_or("Untitled")
    }

    pub(crate) fn max_concurrent_runs(&self) -> i64 {
        self.settings.get("max_concurrent_runs").and_then(Value::as_i64).unwrap_or(1)
    }

    pub(crate) fn is_queueing(&self) -> bool {
        self.settings
            .get("queue")
            .and_then(|queue| queue.get("enabled"))
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }

    /// The identity that its settings name.
    pub(crate) fn run_as(&self) -> Option<&str> {
        let run_as = self.settings.get("run_as")?;
        run_as.get("user_name").or(run_as.get("service_principal_name"))?.as_str()
    }

    /// Its trigger, and whether that is paused.
    pub(crate) fn trigger(&self) -> Option<(Trigger, bool)> {
        let is_paused =
            |settings: &Value| settings.get("pause_status").and_then(Value::as_str) == Some("PAUSED");
        let text = |settings: &Value, name: &str| {
            settings.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        if let Some(schedule) = self.settings.get("schedule") {
            let expression = text(schedule, "quartz_cron_expression");
            let timezone_id = text(schedule, "timezone_id");
            return Some((Trigger::Cron { expression, timezone_id }, is_paused(schedule)));
        }
        if let Some(continuous) = self.settings.get("continuous") {
            return Some((Trigger::Continuous, is_paused(continuous)));
        }
        let trigger = self.settings.get("trigger")?;
        let is_paused = is_paused(trigger);
        if let Some(periodic) = trigger.get("periodic") {
            let interval = periodic.get("interval").and_then(Value::as_i64).unwrap_or(1).max(1);
            let unit_ms = match periodic.get("unit").and_then(Value::as_str).unwrap_or("DAYS") {
                "MINUTES" => 60_000,
                "HOURS" => 3_600_000,
                "WEEKS" => 7 * 86_400_000,
                _ => 86_400_000,
            };
            return Some((Trigger::Periodic { interval_ms: interval.saturating_mul(unit_ms) }, is_paused));
        }
        let name = if trigger.get("file_arrival").is_some() { "FILE_ARRIVAL" } else { "TABLE" };
        Some((Trigger::Event { name }, is_paused))
    }
}
