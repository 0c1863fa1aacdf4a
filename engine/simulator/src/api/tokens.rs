//! `/api/2.0/token/*` and the administrator's view of all tokens.

use axum::routing::MethodFilter;
use http::StatusCode;
use serde_json::{Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply, workspace_conf};
use crate::seed;
use crate::state::State;
use crate::state::credentials::{NewToken, PersonalToken};
use crate::state::directory::ResourceKind;

/// How many tokens one user can have.
const MAX_TOKENS: usize = 600;

const DAY_S: i64 = 86_400;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(&[0], MethodFilter::POST, "token/create", create)
        .add(&[0], MethodFilter::GET, "token/list", list)
        .add(&[0], MethodFilter::POST, "token/delete", delete)
        .add(&[0], MethodFilter::PATCH, "token/{token_id}", update_own)
        .add(&[0], MethodFilter::GET, "token-management/tokens", list_all)
        .add(&[0], MethodFilter::GET, "token-management/tokens/{token_id}", get_one)
        .add(&[0], MethodFilter::PATCH, "token-management/tokens/{token_id}", update_one)
        .add(&[0], MethodFilter::DELETE, "token-management/tokens/{token_id}", delete_one)
        .add(&[0], MethodFilter::POST, "token-management/on-behalf-of/tokens", create_on_behalf)
}

fn missing(token_id: &str) -> ApiError {
    ApiError::does_not_exist(format!("Token with ID {token_id} does not exist"))
}

/// As its owner sees it.
fn view(token_id: &str, token: &PersonalToken) -> Value {
    let mut shown = json!({
        "token_id": token_id,
        "creation_time": token.created_ms,
        "expiry_time": token.expires_ms.unwrap_or(-1),
        "comment": token.comment,
    });
    if let Some(fields) = shown.as_object_mut().filter(|_| !token.scopes.is_empty()) {
        fields.insert("scopes".into(), json!(token.scopes));
    }
    shown
}

/// As administrators see it.
fn full_view(state: &State, token_id: &str, token: &PersonalToken) -> Value {
    let creator = token.created_by.as_ref().unwrap_or(&token.user_name);
    let mut shown = view(token_id, token);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("created_by_username".into(), creator.clone().into());
        for (name, who) in [("created_by_id", creator), ("owner_id", &token.user_name)] {
            if let Some(id) = id_of(state, who) {
                fields.insert(name.into(), id.into());
            }
        }
        fields.insert("workspace_id".into(), state.org_id.into());
    }
    shown
}

fn id_of(state: &State, user_name: &str) -> Option<i64> {
    let kind = state.directory.actor_kind(user_name)?;
    state.directory.id_of(kind, user_name)?.parse().ok()
}

/// Makes a token for somebody; its value and its id.
fn add(state: &mut State, call: &Call, user_name: &str) -> Result<(String, String), ApiError> {
    if workspace_conf::value_of(state, "enableTokensConfig").as_deref() == Some("false") {
        let message = "Personal access tokens are disabled for this workspace.";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "PERMISSION_DENIED", message));
    }
    let now_ms = state.now_ms;
    let own = state.credentials.personal.values().filter(|token| token.user_name == user_name);
    if own.filter(|token| !token.is_over(now_ms)).count() >= MAX_TOKENS {
        let message = format!("User {user_name} has reached the limit of {MAX_TOKENS} tokens.");
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "QUOTA_EXCEEDED", message));
    }
    let lifetime_s = call.integer("lifetime_seconds")?.filter(|seconds| *seconds > 0);
    let max_days = workspace_conf::value_of(state, "maxTokenLifetimeDays");
    let max_days: i64 = max_days.and_then(|days| days.parse().ok()).unwrap_or(0);
    if max_days > 0 && lifetime_s.is_none_or(|seconds| seconds > max_days.saturating_mul(DAY_S)) {
        let message = format!("The lifetime of tokens of this workspace must not exceed {max_days} days.");
        return Err(ApiError::invalid_parameter(message));
    }
    let comment = call.text("comment").unwrap_or_default();
    let number = state.next_number().unsigned_abs();
    let hex = |salt: u64| format!("{:016x}", seed::mix(number ^ salt));
    let token_id = format!("{}{}{}{}", hex(1), hex(2), hex(3), hex(4));
    let value = format!("dapi{}{}", hex(5), hex(6));
    state.credentials.add_personal(NewToken {
        token_id: token_id.clone(),
        value: value.clone(),
        comment: comment.clone(),
        created_ms: now_ms,
        expires_ms: lifetime_s.map(|seconds| now_ms.saturating_add(seconds.saturating_mul(1_000))),
        user_name: user_name.to_owned(),
        created_by: (user_name != call.user_name).then(|| call.user_name.clone()),
        scopes: call.list("scopes"),
    });
    state.record(call, format!("create token \"{comment}\""), Some(token_id.clone()));
    Ok((value, token_id))
}

fn create(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (value, token_id) = add(state, call, &call.user_name)?;
    let info = state.credentials.personal.get(&token_id).map(|token| view(&token_id, token));
    Ok(Reply::Json(json!({"token_value": value, "token_info": info})))
}

fn create_on_behalf(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let application_id = call.required_text("application_id")?;
    let principal = state.directory.principal(ResourceKind::ServicePrincipals, &application_id);
    let principal = principal.map(str::to_owned).ok_or_else(|| {
        ApiError::does_not_exist(format!(
            "Service principal with application ID {application_id} does not exist."
        ))
    })?;
    let (value, token_id) = add(state, call, &principal)?;
    let info = state.credentials.personal.get(&token_id).map(|token| full_view(state, &token_id, token));
    Ok(Reply::Json(json!({"token_value": value, "token_info": info})))
}

fn list(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let now_ms = state.now_ms;
    let own = state.credentials.personal.iter().filter(|(_, token)| token.user_name == call.user_name);
    let shown: Vec<Value> = own
        .filter(|(_, token)| !token.is_over(now_ms))
        .map(|(token_id, token)| view(token_id, token))
        .collect();
    Ok(Reply::Json(json!({"token_infos": shown})))
}

fn list_all(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let user_name = call.text("created_by_username").filter(|name| !name.is_empty());
    let user_id = call.integer("created_by_id")?;
    let now_ms = state.now_ms;
    let is_wanted = |token: &PersonalToken| {
        let creator = token.created_by.as_ref().unwrap_or(&token.user_name);
        !token.is_over(now_ms)
            && user_name.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(creator))
            && user_id.is_none_or(|id| id_of(state, creator) == Some(id))
    };
    let tokens = state.credentials.personal.iter().filter(|(_, token)| is_wanted(token));
    let shown: Vec<Value> = tokens.map(|(token_id, token)| full_view(state, token_id, token)).collect();
    Ok(Reply::Json(json!({"token_infos": shown})))
}

fn get_one(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let token_id = call.placeholder("token_id");
    let token = state.credentials.personal.get(token_id).ok_or_else(|| missing(token_id))?;
    Ok(Reply::Json(json!({"token_info": full_view(state, token_id, token)})))
}

/// Changes the fields of a token that the mask names: its comment and its scopes can be changed.
fn update(state: &mut State, call: &Call) -> Result<String, ApiError> {
    let token_id = call.placeholder("token_id").to_owned();
    let given = call.object("token")?.unwrap_or_default();
    let mask = call.required_text("update_mask")?;
    let mut token = state.credentials.personal.get(&token_id).cloned().ok_or_else(|| missing(&token_id))?;
    for field in mask.split(',').map(str::trim) {
        let value = given.get(field);
        match field {
            "comment" => token.comment = value.and_then(Value::as_str).unwrap_or_default().to_owned(),
            "scopes" => {
                let scopes = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                token.scopes = scopes.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            }
            _ => {
                let message = format!("Field {field} of a token cannot be updated.");
                return Err(ApiError::invalid_parameter(message));
            }
        }
    }
    let summary = format!("change token \"{}\": scopes=[{}]", token.comment, token.scopes.join(" "));
    state.credentials.personal.insert(token_id.clone(), token);
    state.record(call, summary, Some(token_id.clone()));
    Ok(token_id)
}

fn update_own(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let token_id = call.placeholder("token_id");
    if state.credentials.personal.get(token_id).is_none_or(|token| token.user_name != call.user_name) {
        return Err(missing(token_id));
    }
    update(state, call)?;
    Ok(Reply::empty())
}

fn update_one(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let token_id = update(state, call)?;
    let token = state.credentials.personal.get(&token_id).ok_or_else(|| missing(&token_id))?;
    Ok(Reply::Json(full_view(state, &token_id, token)))
}

fn remove(state: &mut State, call: &Call, token_id: &str) -> Result<Reply, ApiError> {
    let token = state.credentials.personal.remove(token_id).ok_or_else(|| missing(token_id))?;
    state.record(call, format!("delete token \"{}\"", token.comment), Some(token_id.to_owned()));
    Ok(Reply::empty())
}

fn delete(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    remove(state, call, &call.required_text("token_id")?)
}

fn delete_one(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let token_id = call.placeholder("token_id").to_owned();
    remove(state, call, &token_id)
}
