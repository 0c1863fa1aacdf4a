//! Libraries of clusters.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cluster::Cluster;

/// A library that somebody wants on a cluster, or wants gone from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Library {
    /// What was asked for: one of `jar`, `whl`, `pypi`, …
    pub(crate) spec: Value,
    pub(crate) asked_ms: i64,
    /// Since when it is to go, which happens when the cluster starts the next time.
    pub(crate) leaving_ms: Option<i64>,
}

impl Library {
    /// Whether the cluster has been started since the library was to go.
    pub(crate) fn is_gone(&self, cluster: &Cluster) -> bool {
        let restarted_ms = cluster.restarted_ms;
        self.leaving_ms.is_some_and(|leaving_ms| restarted_ms.is_some_and(|start_ms| start_ms >= leaving_ms))
    }

    /// How far its installation is, as the API names it.
    pub(crate) fn status(&self, cluster: &Cluster, now_ms: i64, install_ms: i64) -> &'static str {
        if self.leaving_ms.is_some() {
            return "UNINSTALL_ON_RESTART";
        }
        if !cluster.is_running() {
            return "PENDING";
        }
        let took_ms = now_ms - self.asked_ms.max(running_since_ms(cluster));
        match took_ms {
            _ if took_ms >= install_ms => "INSTALLED",
            _ if took_ms >= install_ms / 2 => "INSTALLING",
            _ => "PENDING",
        }
    }
}

fn running_since_ms(cluster: &Cluster) -> i64 {
    let began = cluster.events.iter().rev().find(|event| event.kind == "RUNNING").map(|event| event.at_ms);
    began.unwrap_or(cluster.created_ms)
}
