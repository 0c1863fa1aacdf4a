//! `/api/2.x/clusters/events`.

use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply, clusters, paging};
use crate::state::State;
use crate::state::cluster::ClusterEvent;

const DEFAULT_LIMIT: i64 = 50;
const MAX_LIMIT: i64 = 500;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(&[0, 1], MethodFilter::POST, "clusters/events", events)
}

fn events(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let cluster = clusters::find(state, call)?;
    let (from_ms, to_ms) = (call.integer("start_time")?, call.integer("end_time")?);
    let kinds = call.list("event_types");
    let mut events: Vec<&ClusterEvent> = cluster
        .events
        .iter()
        .filter(|event| from_ms.is_none_or(|from_ms| event.at_ms >= from_ms))
        .filter(|event| to_ms.is_none_or(|to_ms| event.at_ms <= to_ms))
        .filter(|event| kinds.is_empty() || kinds.contains(&event.kind))
        .collect();
    if call.text("order").as_deref() != Some("ASC") {
        events.reverse();
    }
    let limit = call.integer("page_size")?.or(call.integer("limit")?).filter(|limit| *limit > 0);
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if limit > MAX_LIMIT {
        return Err(ApiError::invalid_parameter(format!("limit must be at most {MAX_LIMIT}.")));
    }
    let limit = usize::try_from(limit).unwrap_or(1);
    let offset = usize::try_from(call.integer("offset")?.unwrap_or(0)).unwrap_or(0);
    let total = events.len();
    let page = paging::page("events", events, call.text("page_token").as_deref(), offset, limit)?;
    let shown: Vec<Value> = page
        .items
        .into_iter()
        .map(|event| {
            json!({
                "cluster_id": cluster.cluster_id, "timestamp": event.at_ms, "type": event.kind, "details": event.details,
            })
        })
        .collect();
    let mut reply = Map::new();
    reply.insert("events".into(), Value::Array(shown));
    reply.insert("total_count".into(), total.into());
    if let Some(next) = page.next {
        // The body of the next call, in the manner of paging that this call has.
        let mut next_page = call.body.clone();
        if call.body.contains_key("page_size") || call.body.contains_key("page_token") {
            next_page.insert("page_token".into(), next.clone().into());
            reply.insert("next_page_token".into(), next.into());
        } else {
            next_page.insert("offset".into(), (offset + limit).into());
            next_page.insert("limit".into(), limit.into());
        }
        reply.insert("next_page".into(), Value::Object(next_page));
    }
    if let Some(previous) = page.previous {
        reply.insert("prev_page_token".into(), previous.into());
    }
    Ok(Reply::Json(Value::Object(reply)))
}
