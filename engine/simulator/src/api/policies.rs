//! `/api/2.0/policies/clusters/*` and `/api/2.0/policy-families`.

use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply, paging, policy_rules};
use crate::seed;
use crate::state::State;
use crate::state::policy::Policy;

const MAX_NAME_LENGTH: usize = 100;
const FIELDS: [&str; 7] = [
    "name",
    "definition",
    "description",
    "max_clusters_per_user",
    "libraries",
    "policy_family_id",
    "policy_family_definition_overrides",
];

/// Id, name, definition.
const FAMILIES: [(&str, &str, &str); 3] = [
    (
        "personal-vm",
        "Personal Compute",
        r#"{"num_workers":{"type":"fixed","value":0,"hidden":true},"autotermination_minutes":{"type":"unlimited","defaultValue":4320}}"#,
    ),
    (
        "shared-compute",
        "Shared Compute",
        r#"{"autotermination_minutes":{"type":"unlimited","defaultValue":120}}"#,
    ),
    ("job-cluster", "Job Compute", r#"{"cluster_type":{"type":"fixed","value":"job"}}"#),
];

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(&[0], MethodFilter::POST, "policies/clusters/create", create)
        .add(&[0], MethodFilter::POST, "policies/clusters/edit", edit)
        .add(&[0], MethodFilter::GET, "policies/clusters/get", get)
        .add(&[0], MethodFilter::GET, "policies/clusters/list", list)
        .add(&[0], MethodFilter::POST, "policies/clusters/delete", delete)
        .add(&[0], MethodFilter::GET, "policy-families", list_families)
        .add(&[0], MethodFilter::GET, "policy-families/{family_id}", get_family)
}

fn missing(policy_id: &str) -> ApiError {
    ApiError::does_not_exist(format!("Can't find a cluster policy with id: {policy_id}."))
}

fn find<'a>(state: &'a State, call: &Call) -> Result<&'a Policy, ApiError> {
    let policy_id = call.required_text("policy_id")?;
    state.policies.get(&policy_id).ok_or_else(|| missing(&policy_id))
}

/// The fields of a policy out of a call, checked.
fn fields(state: &State, call: &Call, own_id: Option<&str>) -> Result<Map<String, Value>, ApiError> {
    let mut fields: Map<String, Value> = FIELDS
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), call.body.get(*name)?.clone())))
        .filter(|(_, value)| !value.is_null())
        .collect();
    let name = call.required_text("name")?;
    if name.chars().count() > MAX_NAME_LENGTH {
        let message = format!("The policy name must have between 1 and {MAX_NAME_LENGTH} characters.");
        return Err(ApiError::invalid_parameter(message));
    }
    let is_taken = state
        .policies
        .values()
        .any(|policy| policy.name() == name && Some(policy.policy_id.as_str()) != own_id);
    if is_taken {
        return Err(ApiError::already_exists(format!("Cluster Policy with name `{name}` already exists")));
    }
    let family = call.text("policy_family_id").filter(|id| !id.is_empty());
    match (&family, fields.get("definition")) {
        (Some(_), Some(definition)) if definition.as_str().is_some_and(|text| !text.is_empty()) => {
            let message = "A policy of a family has definition overrides instead of a definition.";
            return Err(ApiError::invalid_parameter(message));
        }
        (Some(family_id), _) => {
            let known = FAMILIES
                .iter()
                .find(|known| known.0 == family_id)
                .ok_or_else(|| missing_family(family_id))?;
            let overrides =
                call.text("policy_family_definition_overrides").unwrap_or_else(|| "{}".to_owned());
            let mut rules = policy_rules::parse(known.2)?;
            rules.extend(policy_rules::parse(&overrides)?);
            fields.insert("definition".into(), Value::Object(rules).to_string().into());
        }
        (None, Some(Value::String(definition))) => {
            policy_rules::parse(definition)?;
        }
        (None, Some(_)) => {
            return Err(ApiError::invalid_parameter("The policy definition must be JSON in a string."));
        }
        (None, None) => {
            return Err(ApiError::invalid_parameter("Missing required field: definition"));
        }
    }
    Ok(fields)
}

fn create(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let fields = fields(state, call, None)?;
    let policy_id = add(state, fields, &call.user_name);
    record(state, call, &policy_id, "create");
    Ok(Reply::Json(json!({"policy_id": policy_id})))
}

/// Adds a policy whose fields are checked; returns its id.
pub(crate) fn add(state: &mut State, fields: Map<String, Value>, creator: &str) -> String {
    let policy_id = format!("{:016X}", seed::mix(state.next_number().unsigned_abs()));
    let (created_ms, creator) = (state.now_ms, creator.to_owned());
    state
        .policies
        .insert(policy_id.clone(), Policy { policy_id: policy_id.clone(), created_ms, creator, fields });
    policy_id
}

fn record(state: &mut State, call: &Call, policy_id: &str, verb: &str) {
    let summary = state
        .policies
        .get(policy_id)
        .map(|policy| {
            let definition = seed::fingerprint(policy.definition().as_bytes());
            format!("{verb} policy \"{}\": definition {definition}", policy.name())
        })
        .unwrap_or_default();
    state.record(call, summary, Some(policy_id.to_owned()));
}

fn edit(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let policy_id = find(state, call)?.policy_id.clone();
    let fields = fields(state, call, Some(&policy_id))?;
    let Some(policy) = state.policies.get_mut(&policy_id) else { return Err(missing(&policy_id)) };
    if policy.fields != fields {
        policy.fields = fields;
        record(state, call, &policy_id, "edit");
    }
    Ok(Reply::empty())
}

fn view(policy: &Policy) -> Value {
    let mut shown = policy.fields.clone();
    shown.insert("policy_id".into(), policy.policy_id.clone().into());
    shown.insert("creator_user_name".into(), policy.creator.clone().into());
    shown.insert("created_at_timestamp".into(), policy.created_ms.into());
    shown.insert("is_default".into(), false.into());
    Value::Object(shown)
}

fn get(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    Ok(Reply::Json(view(find(state, call)?)))
}

fn list(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let mut policies: Vec<&Policy> = state.policies.values().collect();
    match call.text("sort_column").as_deref() {
        Some("POLICY_NAME") => policies.sort_by(|left, right| left.name().cmp(right.name())),
        _ => policies.sort_by_key(|policy| policy.created_ms),
    }
    if call.text("sort_order").as_deref() == Some("DESC") {
        policies.reverse();
    }
    let shown: Vec<Value> = policies.into_iter().map(view).collect();
    let total = shown.len();
    Ok(Reply::Json(json!({"policies": shown, "total_count": total})))
}

fn delete(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let policy = find(state, call)?;
    let (policy_id, summary) = (policy.policy_id.clone(), format!("delete policy \"{}\"", policy.name()));
    state.policies.remove(&policy_id);
    state.grants.remove(&format!("cluster-policies/{policy_id}"));
    state.record(call, summary, Some(policy_id));
    Ok(Reply::empty())
}

fn missing_family(family_id: &str) -> ApiError {
    ApiError::does_not_exist(format!("Can't find a policy family with id: {family_id}."))
}

fn family((family_id, name, definition): &(&str, &str, &str)) -> Value {
    json!({"policy_family_id": family_id, "name": name, "description": name, "definition": definition})
}

fn list_families(_: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let limit = usize::try_from(call.integer("max_results")?.unwrap_or(20).max(1)).unwrap_or(1);
    let families: Vec<Value> = FAMILIES.iter().map(family).collect();
    let page = paging::page("families", families, call.text("page_token").as_deref(), 0, limit)?;
    let mut reply = Map::new();
    reply.insert("policy_families".into(), Value::Array(page.items));
    if let Some(next) = page.next {
        reply.insert("next_page_token".into(), next.into());
    }
    Ok(Reply::Json(Value::Object(reply)))
}

fn get_family(_: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let family_id = call.placeholder("family_id");
    let known =
        FAMILIES.iter().find(|known| known.0 == family_id).ok_or_else(|| missing_family(family_id))?;
    Ok(Reply::Json(family(known)))
}
