//! Access tokens and who they speak for.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::State;
use crate::api::{ApiError, Call};

/// How long an OAuth token is valid.
pub(crate) const OAUTH_LIFETIME_MS: i64 = 3_600_000;

/// A personal access token; its value is known to its owner only.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PersonalToken {
    pub(crate) comment: String,
    pub(crate) created_ms: i64,
    /// `None` for a token without end.
    pub(crate) expires_ms: Option<i64>,
    /// Whom it speaks for.
    pub(crate) user_name: String,
    /// Who made it, when that was somebody else.
    #[serde(default)]
    pub(crate) created_by: Option<String>,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    digest: String,
}

impl PersonalToken {
    pub(crate) fn is_over(&self, now_ms: i64) -> bool {
        self.expires_ms.is_some_and(|end_ms| end_ms <= now_ms)
    }
}

/// A token to be made.
#[derive(Debug)]
pub(crate) struct NewToken {
    pub(crate) token_id: String,
    /// What the caller sends to sign in.
    pub(crate) value: String,
    pub(crate) comment: String,
    pub(crate) created_ms: i64,
    pub(crate) expires_ms: Option<i64>,
    pub(crate) user_name: String,
    pub(crate) created_by: Option<String>,
    pub(crate) scopes: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct OauthToken {
    expires_ms: i64,
    user_name: String,
}

/// A secret of a service principal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PrincipalSecret {
    pub(crate) secret_id: String,
    pub(crate) created_ms: i64,
    digest: String,
}

impl PrincipalSecret {
    pub(crate) fn new(secret_id: String, value: &str, created_ms: i64) -> Self {
        Self { secret_id, created_ms, digest: digest_of(value) }
    }

    /// What lists show instead of the secret.
    pub(crate) fn hash(&self) -> &str {
        &self.digest
    }
}

/// Everything that signs a caller in. Of secrets only digests are kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Credentials {
    #[serde(skip)]
    admin_token: String,
    #[serde(skip)]
    oauth_client: Option<(String, String)>,
    pub(crate) personal: BTreeMap<String, PersonalToken>,
    oauth: BTreeMap<String, OauthToken>,
    /// By the application id of the service principal.
    pub(crate) secrets: BTreeMap<String, Vec<PrincipalSecret>>,
}

fn digest_of(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Credentials {
    pub(crate) fn configure(&mut self, admin_token: &str, oauth_client: Option<(String, String)>) {
        self.admin_token = admin_token.to_owned();
        self.oauth_client = oauth_client;
    }

    pub(crate) fn add_personal(&mut self, token: NewToken) {
        let digest = digest_of(&token.value);
        let NewToken { token_id, comment, created_ms, expires_ms, user_name, created_by, scopes, .. } = token;
        let kept = PersonalToken { comment, created_ms, expires_ms, user_name, created_by, scopes, digest };
        self.personal.insert(token_id, kept);
    }

    /// Adds a secret of a service principal.
    pub(crate) fn add_secret(&mut self, application_id: &str, secret: PrincipalSecret) {
        self.secrets.entry(application_id.to_owned()).or_default().push(secret);
    }

    pub(crate) fn add_oauth(&mut self, value: &str, now_ms: i64, user_name: String) {
        self.oauth.retain(|_, token| token.expires_ms > now_ms);
        self.oauth.insert(digest_of(value), OauthToken { expires_ms: now_ms + OAUTH_LIFETIME_MS, user_name });
    }

    /// Whether a client may have a token.
    pub(crate) fn is_client(&self, client_id: &str, secret: &str) -> bool {
        let digest = digest_of(secret);
        let is_principal = self
            .secrets
            .get(client_id)
            .is_some_and(|secrets| secrets.iter().any(|known| known.digest == digest));
        let is_configured = match &self.oauth_client {
            Some((id, configured)) => id == client_id && configured == secret,
            None => !client_id.is_empty() && secret == self.admin_token,
        };
        is_principal || is_configured
    }

    fn user_of(&self, token: &str, now_ms: i64, admin: impl FnOnce() -> String) -> Option<String> {
        if token == self.admin_token {
            return Some(admin());
        }
        let digest = digest_of(token);
        if let Some(token) = self.oauth.get(&digest) {
            return (token.expires_ms > now_ms).then(|| token.user_name.clone());
        }
        let token = self.personal.values().find(|known| known.digest == digest)?;
        (!token.is_over(now_ms)).then(|| token.user_name.clone())
    }
}

impl State {
    /// The user name behind a call; the endpoints of the sign-in itself need none.
    pub(crate) fn authenticate(&self, call: &Call) -> Result<String, ApiError> {
        if !call.path.starts_with("/api/") {
            return Ok(String::new());
        }
        let Some(header) = &call.authorization else { return Err(ApiError::no_credential()) };
        let (scheme, value) = header.split_once(' ').unwrap_or((header.as_str(), ""));
        let token = match scheme.to_ascii_lowercase().as_str() {
            "bearer" => value.trim().to_owned(),
            "basic" => {
                basic(value).filter(|(user, _)| user == "token").map(|(_, token)| token).unwrap_or_default()
            }
            _ => return Err(ApiError::no_credential()),
        };
        let admin = || self.directory.admin_user_name();
        let known = self.credentials.user_of(&token, self.now_ms, admin);
        known.filter(|name| self.directory.is_active(name)).ok_or_else(ApiError::invalid_credential)
    }
}

/// Reads the value of a `Basic` header.
pub(crate) fn basic(value: &str) -> Option<(String, String)> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(value.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// 401 of the token endpoint.
pub(crate) fn invalid_client() -> ApiError {
    ApiError::oauth(StatusCode::UNAUTHORIZED, "invalid_client", "Client authentication failed")
}
