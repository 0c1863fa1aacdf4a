//! OAuth machine-to-machine sign-in with its discovery.

use axum::routing::MethodFilter;
use http::StatusCode;
use serde_json::json;

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::seed;
use crate::state::State;
use crate::state::credentials::{OAUTH_LIFETIME_MS, basic, invalid_client};
use crate::state::directory;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add_path(MethodFilter::GET, "/.well-known/databricks-config", 0, host_metadata)
        .add_path(MethodFilter::GET, "/oidc/.well-known/oauth-authorization-server", 0, discovery)
        .add_path(MethodFilter::POST, "/oidc/v1/token", 0, token)
}

/// Where to look for the discovery: since 0.150 or so, the SDKs sign machines in only when they find this.
fn host_metadata(_: &mut State, call: &Call) -> Result<Reply, ApiError> {
    Ok(Reply::Json(json!({"oidc_endpoint": format!("{}/oidc", call.origin)})))
}

fn discovery(_: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let issuer = format!("{}/oidc", call.origin);
    Ok(Reply::Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/v1/authorize"),
        "token_endpoint": format!("{issuer}/v1/token"),
        "jwks_uri": format!("{issuer}/jwks.json"),
        "scopes_supported": ["all-apis", "email", "offline_access", "openid", "profile", "sql"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["client_credentials", "authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
    })))
}

fn token(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let grant = call.text("grant_type").unwrap_or_default();
    if grant != "client_credentials" {
        let description = "The grant type is not supported by this workspace";
        return Err(ApiError::oauth(StatusCode::BAD_REQUEST, "unsupported_grant_type", description));
    }
    let header = call.authorization.as_deref().and_then(|header| header.split_once(' '));
    let from_header = header.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    let (client_id, secret) = match from_header {
        Some((_, value)) => basic(value).ok_or_else(invalid_client)?,
        None => (call.text("client_id").unwrap_or_default(), call.text("client_secret").unwrap_or_default()),
    };
    // The standard wants both percent-encoded in the header; not every client does it.
    let decoded = (super::router::unescape(&client_id), super::router::unescape(&secret));
    let credentials = &state.credentials;
    let known =
        [(client_id, secret), decoded].into_iter().find(|(id, secret)| credentials.is_client(id, secret));
    let (client_id, _) = known.ok_or_else(invalid_client)?;
    let scope = call.text("scope").unwrap_or_else(|| "all-apis".to_owned());
    let number = state.next_number().unsigned_abs();
    let part =
        |salt: u64| format!("{:016x}{:016x}", seed::mix(number ^ salt), seed::mix(number ^ salt ^ 0xFF));
    // Shaped like the real one's JWT; nobody but this workspace can read anything in it.
    let value = format!("eyJ{}.eyJ{}.{}", part(1), part(2), part(3));
    let now_ms = state.now_ms;
    directory::admit_machine(state, &client_id);
    state.credentials.add_oauth(&value, now_ms, client_id);
    state.touch();
    Ok(Reply::Json(json!({
        "access_token": value, "token_type": "Bearer", "expires_in": OAUTH_LIFETIME_MS / 1_000, "scope": scope,
    })))
}
