//! Clusters with their states and events.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::library::Library;

/// How many events of a cluster are kept.
const REMEMBERED_EVENTS: usize = 500;

/// The states that the real service shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ClusterState {
    Pending,
    Running,
    Restarting,
    Resizing,
    Terminating,
    Terminated,
}

impl ClusterState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Restarting => "RESTARTING",
            Self::Resizing => "RESIZING",
            Self::Terminating => "TERMINATING",
            Self::Terminated => "TERMINATED",
        }
    }

    /// As error messages spell it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Running => "Running",
            Self::Restarting => "Restarting",
            Self::Resizing => "Resizing",
            Self::Terminating => "Terminating",
            Self::Terminated => "Terminated",
        }
    }
}

/// Why a cluster ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Termination {
    pub(crate) code: String,
    pub(crate) kind: String,
    pub(crate) parameters: Map<String, Value>,
    pub(crate) message: String,
}

impl Termination {
    pub(crate) fn by_user(user_name: &str) -> Self {
        Self::new("USER_REQUEST", "SUCCESS", json!({"username": user_name}), "Terminated by user")
    }

    pub(crate) fn inactive(minutes: i64) -> Self {
        let parameters = json!({"inactivity_duration_min": minutes.to_string()});
        Self::new("INACTIVITY", "SUCCESS", parameters, "Terminated because it was idle")
    }

    pub(crate) fn job_finished() -> Self {
        Self::new("JOB_FINISHED", "SUCCESS", json!({}), "The job run ended")
    }

    pub(crate) fn region_lost() -> Self {
        let parameters = json!({"databricks_error_message": "The region is not available"});
        Self::new(
            "CLOUD_PROVIDER_OUTAGE",
            "CLOUD_FAILURE",
            parameters,
            "The instances were lost in an outage",
        )
    }

    pub(crate) fn pool_full(pool_id: &str) -> Self {
        let parameters = json!({"instance_pool_id": pool_id});
        let message = "The instance pool has reached its maximum capacity";
        Self::new("INSTANCE_POOL_MAX_CAPACITY_REACHED", "CLIENT_ERROR", parameters, message)
    }

    fn new(code: &str, kind: &str, parameters: Value, message: &str) -> Self {
        let parameters = parameters.as_object().cloned().unwrap_or_default();
        Self { code: code.into(), kind: kind.into(), parameters, message: message.into() }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"code": self.code, "type": self.kind, "parameters": self.parameters})
    }
}

/// Something that happened to a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ClusterEvent {
    pub(crate) at_ms: i64,
    pub(crate) kind: String,
    pub(crate) details: Value,
}

/// One cluster: its settings as they were given, and how it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Cluster {
    pub(crate) cluster_id: String,
    pub(crate) sequence: u64,
    pub(crate) settings: Map<String, Value>,
    pub(crate) creator: String,
    /// `API`, `UI` or `JOB`.
    pub(crate) source: String,
    pub(crate) state: ClusterState,
    pub(crate) state_message: String,
    /// The next state, and when it is reached.
    pub(crate) due: Option<(i64, ClusterState)>,
    pub(crate) created_ms: i64,
    pub(crate) restarted_ms: Option<i64>,
    pub(crate) terminated_ms: Option<i64>,
    pub(crate) termination: Option<Termination>,
    pub(crate) active_ms: i64,
    pub(crate) pinned_by: Option<String>,
    pub(crate) events: Vec<ClusterEvent>,
    pub(crate) libraries: Vec<Library>,
    /// The job and the name of the run that it was made for.
    #[serde(default)]
    pub(crate) job_run: Option<(i64, String)>,
}

impl Cluster {
    pub(crate) fn name(&self) -> &str {
        self.settings.get("cluster_name").and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.settings.get(name).and_then(Value::as_str)
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(self.state, ClusterState::Running | ClusterState::Resizing)
    }

    /// Whether it has instances, or is getting some.
    pub(crate) fn has_instances(&self) -> bool {
        !matches!(self.state, ClusterState::Terminated | ClusterState::Terminating)
    }

    pub(crate) fn is_job_cluster(&self) -> bool {
        self.source == "JOB"
    }

    pub(crate) fn workers(&self) -> i64 {
        let fixed = self.settings.get("num_workers").and_then(Value::as_i64);
        let least =
            self.settings.get("autoscale").and_then(|range| range.get("min_workers")).and_then(Value::as_i64);
        fixed.or(least).unwrap_or(0)
    }

    /// Workers and the driver.
    pub(crate) fn instances(&self) -> i64 {
        self.workers() + 1
    }

    pub(crate) fn event(&mut self, at_ms: i64, kind: &str, details: Value) {
        self.events.push(ClusterEvent { at_ms, kind: kind.into(), details });
        if self.events.len() > REMEMBERED_EVENTS {
            self.events.remove(0);
        }
    }

    /// From terminated to pending.
    pub(crate) fn begin_start(&mut self, now_ms: i64, ready_at_ms: i64, user_name: &str) {
        self.state = ClusterState::Pending;
        self.state_message = "Starting Spark".into();
        self.due = Some((ready_at_ms, ClusterState::Running));
        self.restarted_ms = Some(now_ms);
        self.active_ms = now_ms;
        self.terminated_ms = None;
        self.termination = None;
        self.event(now_ms, "STARTING", json!({"user": user_name}));
    }

    pub(crate) fn begin_restart(&mut self, now_ms: i64, ready_at_ms: i64, user_name: &str) {
        self.state = ClusterState::Restarting;
        self.state_message = "Restarting".into();
        self.due = Some((ready_at_ms, ClusterState::Running));
        self.restarted_ms = Some(now_ms);
        self.active_ms = now_ms;
        self.event(now_ms, "RESTARTING", json!({"user": user_name}));
    }

    pub(crate) fn begin_termination(&mut self, now_ms: i64, over_at_ms: i64, why: Termination) {
        self.state = ClusterState::Terminating;
        self.state_message = why.message.clone();
        self.due = Some((over_at_ms, ClusterState::Terminated));
        self.event(now_ms, "TERMINATING", json!({"reason": why.to_json()}));
        self.termination = Some(why);
    }

    /// Ends it at once, as an outage does.
    pub(crate) fn lose(&mut self, now_ms: i64, why: Termination) {
        self.begin_termination(now_ms, now_ms, why);
        self.settle(now_ms);
    }

    /// Reaches the next state when it is due; says whether it did.
    pub(crate) fn settle(&mut self, now_ms: i64) -> bool {
        let Some((due_ms, next)) = self.due.filter(|(due_ms, _)| now_ms >= *due_ms) else { return false };
        self.due = None;
        self.state = next;
        match next {
            ClusterState::Running => {
                self.state_message.clear();
                self.active_ms = due_ms;
                let size = json!({"num_workers": self.workers()});
                self.event(due_ms, "RUNNING", json!({
                    "current_num_workers": self.workers(), "target_num_workers": self.workers(), "cluster_size": size,
                }));
            }
            ClusterState::Terminated => self.terminated_ms = Some(due_ms),
            _ => {}
        }
        true
    }
}
