//! `/api/2.0/accounts/servicePrincipals/{id}/credentials/secrets`: with what service principals sign in.

use axum::routing::MethodFilter;
use serde_json::{Value, json};

use crate::api::paging;
use crate::api::router::Routes;
use crate::api::{ApiError, Call, Reply};
use crate::clock;
use crate::seed;
use crate::state::State;
use crate::state::credentials::PrincipalSecret;
use crate::state::directory::{ResourceKind, text};

const ALL: &str = "accounts/servicePrincipals/{id}/credentials/secrets";
const DEFAULT_PAGE: i64 = 100;

/// How many secrets a service principal can have.
const MAX_SECRETS: usize = 5;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(&[0], MethodFilter::POST, ALL, create).add(&[0], MethodFilter::GET, ALL, list).add(
        &[0],
        MethodFilter::DELETE,
        &format!("{ALL}/{{secret_id}}"),
        delete,
    )
}

fn application_id(state: &State, call: &Call) -> Result<String, ApiError> {
    let id = call.placeholder("id");
    let principal = state.directory.of(ResourceKind::ServicePrincipals).get(id);
    principal
        .map(|principal| text(principal, "applicationId").to_owned())
        .ok_or_else(|| ApiError::does_not_exist(format!("Service principal {id} does not exist.")))
}

fn view(secret: &PrincipalSecret) -> Value {
    let at = clock::iso(secret.created_ms);
    json!({
        "id": secret.secret_id,
        "status": "ACTIVE",
        "secret_hash": secret.hash(),
        "create_time": at,
        "update_time": at,
    })
}

fn create(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let application_id = application_id(state, call)?;
    if state.credentials.secrets.get(&application_id).is_some_and(|known| known.len() >= MAX_SECRETS) {
        let message = format!("A service principal can have at most {MAX_SECRETS} secrets.");
        return Err(ApiError::new(http::StatusCode::BAD_REQUEST, "QUOTA_EXCEEDED", message));
    }
    let number = state.next_number().unsigned_abs();
    let value = format!("dose{:016x}{:016x}", seed::mix(number), seed::mix(number ^ 1));
    let secret_id = format!("{:016x}", seed::mix(number ^ 2));
    let now_ms = state.now_ms;
    let secret = PrincipalSecret::new(secret_id.clone(), &value, now_ms);
    let mut shown = view(&secret);
    state.credentials.add_secret(&application_id, secret);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("secret".into(), value.into());
    }
    state.record(call, "create a secret of a service principal".to_owned(), Some(secret_id));
    Ok(Reply::Json(shown))
}

fn list(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let application_id = application_id(state, call)?;
    let known = state.credentials.secrets.get(&application_id).map(Vec::as_slice).unwrap_or_default();
    let size = call.integer("page_size")?.unwrap_or(DEFAULT_PAGE).clamp(1, DEFAULT_PAGE);
    let size = usize::try_from(size).unwrap_or(1);
    let shown: Vec<Value> = known.iter().map(view).collect();
    let page = paging::page("secrets", shown, call.text("page_token").as_deref(), 0, size)?;
    let mut reply = json!({"secrets": page.items});
    if let (Some(next), Some(fields)) = (page.next, reply.as_object_mut()) {
        fields.insert("next_page_token".into(), next.into());
    }
    Ok(Reply::Json(reply))
}

fn delete(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let application_id = application_id(state, call)?;
    let secret_id = call.placeholder("secret_id");
    let known = state.credentials.secrets.entry(application_id).or_default();
    let before = known.len();
    known.retain(|secret| secret.secret_id != secret_id);
    if known.len() == before {
        return Err(ApiError::does_not_exist(format!("Secret {secret_id} does not exist.")));
    }
    state.record(call, "delete a secret of a service principal".to_owned(), Some(secret_id.to_owned()));
    Ok(Reply::empty())
}
