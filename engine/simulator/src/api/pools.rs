//! `/api/2.0/instance-pools/*`.

use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply, cloud_defaults, cluster_catalog};
use crate::scheduler::clusters::used_instances;
use crate::seed;
use crate::state::State;
use crate::state::pool::Pool;

const MAX_NAME_LENGTH: usize = 100;

/// What an edit may change; everything else stays as it was created.
const EDITABLE: [&str; 6] = [
    "instance_pool_name",
    "min_idle_instances",
    "max_capacity",
    "idle_instance_autotermination_minutes",
    "custom_tags",
    "node_type_flexibility",
];

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(&[0], MethodFilter::POST, "instance-pools/create", create)
        .add(&[0], MethodFilter::POST, "instance-pools/edit", edit)
        .add(&[0], MethodFilter::GET, "instance-pools/get", get)
        .add(&[0], MethodFilter::GET, "instance-pools/list", list)
        .add(&[0], MethodFilter::POST, "instance-pools/delete", delete)
}

fn missing(pool_id: &str) -> ApiError {
    ApiError::does_not_exist(format!("Can't find an instance pool with id: {pool_id}."))
}

fn find<'a>(state: &'a State, call: &Call) -> Result<&'a Pool, ApiError> {
    let pool_id = call.required_text("instance_pool_id")?;
    state.pools.get(&pool_id).ok_or_else(|| missing(&pool_id))
}

/// `own_id` is the pool that is edited, if there is one already.
fn check(state: &State, settings: &Map<String, Value>, own_id: Option<&str>) -> Result<(), ApiError> {
    let name = settings.get("instance_pool_name").and_then(Value::as_str).unwrap_or_default();
    if name.is_empty() || name.chars().count() > MAX_NAME_LENGTH {
        let message = format!("instance_pool_name must have between 1 and {MAX_NAME_LENGTH} characters.");
        return Err(ApiError::invalid_parameter(message));
    }
    let is_other = |pool: &&Pool| Some(pool.pool_id.as_str()) != own_id;
    if state.pools.values().filter(is_other).any(|pool| pool.name() == name) {
        let message = format!("Instance pool name must be unique: there is a pool named '{name}' already.");
        return Err(ApiError::invalid_parameter(message));
    }
    match settings.get("node_type_id").and_then(Value::as_str).filter(|id| !id.is_empty()) {
        // What a pool is made of cannot be edited, and was checked when it was created.
        Some(node_type_id) if own_id.is_none() => {
            cluster_catalog::check_node_type(&state.region, node_type_id)?
        }
        Some(_) => {}
        None => return Err(ApiError::invalid_parameter("Missing required field: node_type_id")),
    }
    for number in ["min_idle_instances", "max_capacity", "idle_instance_autotermination_minutes"] {
        if let Some(value) = settings.get(number)
            && value.as_i64().is_none_or(|value| value < 0)
        {
            return Err(ApiError::invalid_parameter(format!("{number} must be a number of at least 0.")));
        }
    }
    let integer = |name: &str| settings.get(name).and_then(Value::as_i64);
    if let (Some(least), Some(most)) = (integer("min_idle_instances"), integer("max_capacity"))
        && least > most
    {
        let message = "min_idle_instances must not be greater than max_capacity.";
        return Err(ApiError::invalid_parameter(message));
    }
    Ok(())
}

fn create(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let mut settings = call.body.clone();
    settings.retain(|_, value| !value.is_null());
    check(state, &settings, None)?;
    let pool_id = add(state, settings, &call.user_name);
    let summary = state.pools.get(&pool_id).map(|pool| describe("create", pool)).unwrap_or_default();
    state.record(call, summary, Some(pool_id.clone()));
    Ok(Reply::Json(json!({"instance_pool_id": pool_id})))
}

/// Adds a pool; returns its id.
pub(crate) fn add(state: &mut State, mut settings: Map<String, Value>, creator: &str) -> String {
    settings.entry("min_idle_instances").or_insert_with(|| 0.into());
    settings.entry("idle_instance_autotermination_minutes").or_insert_with(|| 60.into());
    settings.entry("enable_elastic_disk").or_insert_with(|| true.into());
    let number = state.next_number().unsigned_abs();
    let stamp = crate::clock::cluster_id_stamp(state.now_ms);
    let letters = format!("{:016x}", seed::mix(number));
    let pool_id = format!("{stamp}-pool{}-pool-{}", number % 1_000, letters.get(..8).unwrap_or_default());
    let (now_ms, start_ms) = (state.now_ms, state.cluster_start_ms);
    let mut pool = Pool {
        pool_id: pool_id.clone(),
        created_ms: now_ms,
        creator: creator.to_owned(),
        settings,
        idle: 0,
        pending: None,
        surplus_since_ms: None,
    };
    pool.settle(0, now_ms, start_ms);
    state.pools.insert(pool_id.clone(), pool);
    pool_id
}

fn describe(verb: &str, pool: &Pool) -> String {
    let capacity = pool.max_capacity().map_or_else(|| "none".to_owned(), |capacity| capacity.to_string());
    let name = pool.name();
    format!("{verb} pool \"{name}\": min_idle_instances={}, max_capacity={capacity}", pool.min_idle())
}

fn edit(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let pool = find(state, call)?;
    let pool_id = pool.pool_id.clone();
    let mut settings = pool.settings.clone();
    let given_node_type = call.body.get("node_type_id").filter(|value| !value.is_null());
    if given_node_type.is_some_and(|given| Some(given) != settings.get("node_type_id")) {
        return Err(ApiError::invalid_parameter("The node type of an instance pool cannot be changed."));
    }
    for name in EDITABLE {
        match call.body.get(name).filter(|value| !value.is_null()) {
            Some(value) => {
                settings.insert(name.into(), value.clone());
            }
            // An edit replaces: what it leaves out goes back to the default.
            None if matches!(name, "max_capacity" | "custom_tags") => {
                settings.remove(name);
            }
            None if name == "min_idle_instances" => {
                settings.insert(name.into(), 0.into());
            }
            None => {}
        }
    }
    check(state, &settings, Some(&pool_id))?;
    let (now_ms, start_ms) = (state.now_ms, state.cluster_start_ms);
    let used = used_instances(state).get(&pool_id).copied().unwrap_or(0);
    let Some(pool) = state.pools.get_mut(&pool_id) else { return Err(missing(&pool_id)) };
    if pool.settings == settings {
        return Ok(Reply::empty());
    }
    pool.settings = settings;
    pool.settle(used, now_ms, start_ms);
    let summary = describe("edit", pool);
    state.record(call, summary, Some(pool_id));
    Ok(Reply::empty())
}

fn view(region: &str, pool: &Pool, used: i64) -> Value {
    let mut shown = pool.settings.clone();
    cloud_defaults::add_to_pool(region, &mut shown);
    let pending = pool.pending.map_or(0, |(count, _)| count);
    let fields = json!({
        "instance_pool_id": pool.pool_id,
        "state": "ACTIVE",
        "status": {},
        "stats": {"used_count": used, "idle_count": pool.idle, "pending_used_count": 0, "pending_idle_count": pending},
        "default_tags": {
            "Vendor": "Databricks",
            "DatabricksInstancePoolCreatorId": seed::of_text(&pool.creator).to_string(),
            "DatabricksInstancePoolId": pool.pool_id,
        },
    });
    shown.extend(fields.as_object().cloned().unwrap_or_default());
    Value::Object(shown)
}

fn get(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let used = used_instances(state);
    let pool = find(state, call)?;
    Ok(Reply::Json(view(&state.region, pool, used.get(&pool.pool_id).copied().unwrap_or(0))))
}

fn list(state: &mut State, _: &Call) -> Result<Reply, ApiError> {
    let used = used_instances(state);
    let shown: Vec<Value> = state
        .pools
        .values()
        .map(|pool| view(&state.region, pool, used.get(&pool.pool_id).copied().unwrap_or(0)))
        .collect();
    let mut reply = Map::new();
    if !shown.is_empty() {
        reply.insert("instance_pools".into(), Value::Array(shown));
    }
    Ok(Reply::Json(Value::Object(reply)))
}

fn delete(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let pool = find(state, call)?;
    let (pool_id, summary) = (pool.pool_id.clone(), format!("delete pool \"{}\"", pool.name()));
    state.pools.remove(&pool_id);
    state.grants.remove(&format!("instance-pools/{pool_id}"));
    state.record(call, summary, Some(pool_id));
    Ok(Reply::empty())
}
