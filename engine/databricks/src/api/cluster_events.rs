//! What happened to a cluster.

use serde_json::{Value, json};

use crate::{
    Result, WorkspaceClient,
    answer::half_answer,
    call::{Call, Endpoint},
};

const EVENTS: Endpoint = Endpoint::query("/api/2.1/clusters/events");

/// The most that the API gives on one page.
const PAGE_SIZE: usize = 500;

impl WorkspaceClient {
    /// The latest events of a cluster, latest first, at most so many; with `event_types`, such as `RUNNING`, only
    /// those.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn list_cluster_events(
        &self,
        cluster_id: &str,
        event_types: &[&str],
        most: usize,
    ) -> Result<Vec<Value>> {
        let mut body = json!({"cluster_id": cluster_id, "order": "DESC", "limit": most.clamp(1, PAGE_SIZE)});
        if !event_types.is_empty() {
            body["event_types"] = json!(event_types);
        }
        let mut events: Vec<Value> = Vec::new();
        while events.len() < most {
            let call = Call::new(EVENTS).json(&body).about(cluster_id);
            let mut page = self.object(&call).await?;
            match page.remove("events") {
                None | Some(Value::Null) => {}
                Some(Value::Array(more)) => events.extend(more),
                Some(_) => return Err(half_answer(&call, "\"events\" is not a list")),
            }
            match page.remove("next_page") {
                Some(next) if next.is_object() && next != body => body = next,
                Some(next) if next.is_object() => {
                    return Err(half_answer(&call, "the next page is this page again"));
                }
                _ => break,
            }
        }
        events.truncate(most);
        Ok(events)
    }
}
