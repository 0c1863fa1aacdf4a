//! The control endpoints over HTTP: unauthenticated, and answering even when the workspace is down.

use axum::extract::{Path, Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, DemoChange, RunSummary};
use crate::changes::Change;
use crate::content::bulk::Fill;
use crate::faults::Fault;
use crate::state::directory::ResourceKind;
use crate::traffic::CallCounts;

pub(crate) fn router(control: Control) -> Router {
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/_simulator/state", get(state))
        .route("/_simulator/down", post(down))
        .route("/_simulator/up", post(up))
        .route("/_simulator/faults", get(faults).put(set_faults))
        .route("/_simulator/clock", post(advance_clock))
        .route("/_simulator/tier", post(set_tier))
        .route("/_simulator/changes", get(changes).delete(clear_changes))
        .route("/_simulator/calls", get(calls).delete(clear_calls))
        .route("/_simulator/fill", post(fill))
        .route("/_simulator/runs", get(runs))
        .route("/_simulator/jobs/{job_id}/fire", post(fire_job))
        .route("/_simulator/demo/change", post(demo_change))
        .with_state(control)
}

async fn state(State(control): State<Control>) -> Json<Value> {
    let state = control.shared().lock();
    let active_runs = state.runs.values().filter(|run| run.is_active()).count();
    let running_clusters = state.clusters.values().filter(|cluster| cluster.is_running()).count();
    let count_of = |kind: &str| state.tree.nodes().filter(|(_, node)| node.kind.type_name() == kind).count();
    Json(json!({
        "region": state.region,
        "org_id": state.org_id.to_string(),
        "state_file": control.state_file,
        "is_down": state.is_down,
        "has_acls": !state.is_without_acls,
        "clock_ms": state.now_ms,
        "is_scheduler_running": state.is_scheduler_running(),
        "scheduler_resumes_at_ms": state.scheduler_resumes_at_ms,
        "faults": state.faults.entries(),
        "counts": {
            "notebooks": count_of("NOTEBOOK"),
            "directories": count_of("DIRECTORY"),
            "files": count_of("FILE"),
            "jobs": state.jobs.len(),
            "clusters": state.clusters.values().filter(|cluster| !cluster.is_job_cluster()).count(),
            "running_clusters": running_clusters,
            "pools": state.pools.len(),
            "policies": state.policies.len(),
            "users": state.directory.of(ResourceKind::Users).len(),
            "groups": state.directory.of(ResourceKind::Groups).len(),
            "service_principals": state.directory.of(ResourceKind::ServicePrincipals).len(),
            "init_scripts": state.init_scripts.len(),
            "runs": state.runs.len(),
            "active_runs": active_runs,
            "changes": state.changes.len(),
        },
    }))
}

async fn down(State(control): State<Control>) -> Json<Value> {
    control.set_down();
    Json(json!({"is_down": true}))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Up {
    scheduler_delay_ms: u64,
}

async fn up(State(control): State<Control>, body: Option<Json<Up>>) -> Json<Value> {
    control.set_up(body.map(|Json(up)| up.scheduler_delay_ms).unwrap_or_default());
    Json(json!({"is_down": false}))
}

async fn faults(State(control): State<Control>) -> Json<Vec<Fault>> {
    Json(control.faults())
}

async fn set_faults(State(control): State<Control>, Json(faults): Json<Vec<Fault>>) -> Json<Vec<Fault>> {
    control.set_faults(faults);
    Json(control.faults())
}

#[derive(Deserialize)]
struct Advance {
    advance_ms: i64,
}

async fn advance_clock(State(control): State<Control>, Json(advance): Json<Advance>) -> Json<Value> {
    control.advance_clock(advance.advance_ms);
    let clock_ms = control.shared().lock().now_ms;
    Json(json!({"clock_ms": clock_ms}))
}

#[derive(Deserialize)]
struct Tier {
    has_acls: bool,
}

async fn set_tier(State(control): State<Control>, Json(tier): Json<Tier>) -> Json<Value> {
    control.set_acls(tier.has_acls);
    Json(json!({"has_acls": tier.has_acls}))
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
}

async fn changes(State(control): State<Control>, Query(since): Query<Since>) -> Json<Vec<Change>> {
    Json(control.changes_since(since.since))
}

async fn clear_changes(State(control): State<Control>) -> Json<Value> {
    control.clear_changes();
    Json(json!({}))
}

async fn calls(State(control): State<Control>) -> Json<CallCounts> {
    Json(control.calls())
}

async fn clear_calls(State(control): State<Control>) -> Json<Value> {
    control.clear_calls();
    Json(json!({}))
}

async fn fill(control: State<Control>, Json(wanted): Json<Fill>) -> Json<Value> {
    control.fill(&wanted);
    state(control).await
}

async fn runs(State(control): State<Control>) -> Json<Vec<RunSummary>> {
    Json(control.runs())
}

async fn fire_job(State(control): State<Control>, Path(job_id): Path<i64>) -> Json<Value> {
    Json(json!({"run_id": control.fire_job(job_id)}))
}

async fn demo_change(State(control): State<Control>) -> Json<DemoChange> {
    Json(control.demo_change())
}
