//! `/api/2.0/token/*` and the administrator's view of all tokens.

use axum::routing::MethodFilter;
use serde_json::{Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::seed;
use crate::state::State;
use crate::state::credentials::PersonalToken;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(&[0], MethodFilter::POST, "token/create", create)
        .add(&[0], MethodFilter::GET, "token/list", list)
        .add(&[0], MethodFilter::POST, "token/delete", delete)
        .add(&[0], MethodFilter::GET, "token-management/tokens", list_all)
        .add(&[0], MethodFilter::GET, "token-management/tokens/{token_id}", get_one)
        .add(&[0], MethodFilter::DELETE, "token-management/tokens/{token_id}", delete_one)
}

fn view(token_id: &str, token: &PersonalToken) -> Value {
    json!({
        "token_id": token_id,
        "creation_time": token.created_ms,
        "expiry_time": token.expires_ms.unwrap_or(-1),
        "comment": token.comment,
    })
}

fn create(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let lifetime_s = call.integer("lifetime_seconds")?.filter(|seconds| *seconds >= 0);
    let comment = call.text("comment").unwrap_or_default();
    let number = state.next_number().unsigned_abs();
    let hex = |salt: u64| format!("{:016x}", seed::mix(number ^ salt));
    let token_id = format!("{}{}{}{}", hex(1), hex(2), hex(3), hex(4));
    let value = format!("dapi{}{}", hex(5), hex(6));
    let expires_ms = lifetime_s.map(|seconds| state.now_ms.saturating_add(seconds.saturating_mul(1_000)));
    let (now_ms, user_name) = (state.now_ms, call.user_name.clone());
    state.credentials.add_personal(token_id.clone(), &value, comment.clone(), now_ms, expires_ms, user_name);
    state.record(call, format!("create token \"{comment}\""), Some(token_id.clone()));
    let info = state.credentials.personal.get(&token_id).map(|token| view(&token_id, token));
    Ok(Reply::Json(json!({"token_value": value, "token_info": info})))
}

fn list(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let own = state.credentials.personal.iter().filter(|(_, token)| token.user_name == call.user_name);
    let shown: Vec<Value> = own.map(|(token_id, token)| view(token_id, token)).collect();
    Ok(Reply::Json(json!({"token_infos": shown})))
}

fn remove(state: &mut State, call: &Call, token_id: &str) -> Result<Reply, ApiError> {
    let token = state
        .credentials
        .personal
        .remove(token_id)
        .ok_or_else(|| ApiError::does_not_exist(format!("Token with ID {token_id} does not exist")))?;
    state.record(call, format!("delete token \"{}\"", token.comment), Some(token_id.to_owned()));
    Ok(Reply::empty())
}

fn delete(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    remove(state, call, &call.required_text("token_id")?)
}

fn full_view(state: &State, token_id: &str, token: &PersonalToken) -> Value {
    let mut shown = view(token_id, token);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("created_by_username".into(), token.user_name.clone().into());
        fields.insert("workspace_id".into(), state.org_id.into());
    }
    shown
}

fn list_all(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let user_name = call.text("created_by_username");
    let tokens = state.credentials.personal.iter();
    let wanted = tokens.filter(|(_, token)| user_name.as_ref().is_none_or(|name| *name == token.user_name));
    let shown: Vec<Value> = wanted.map(|(token_id, token)| full_view(state, token_id, token)).collect();
    Ok(Reply::Json(json!({"token_infos": shown})))
}

fn get_one(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let token_id = call.placeholder("token_id");
    let token = state.credentials.personal.get(token_id);
    let token =
        token.ok_or_else(|| ApiError::does_not_exist(format!("Token with ID {token_id} does not exist")))?;
    Ok(Reply::Json(json!({"token_info": full_view(state, token_id, token)})))
}

fn delete_one(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let token_id = call.placeholder("token_id").to_owned();
    remove(state, call, &token_id)
}
