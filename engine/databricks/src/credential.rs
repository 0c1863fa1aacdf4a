//! Who we are to a workspace: a personal token, or a service principal that gets a token for an hour.

use std::{fmt, time::Duration};

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use tokio::{sync::Mutex, time::Instant};
use tracing::warn;

use crate::{
    ApiError, ErrorKind, Result,
    answer::half_answer,
    call::{Body, Call, Effect, Endpoint, Verb},
    transport::{Authorization, Transport},
};

const DISCOVERY: Endpoint = Endpoint::read("/oidc/.well-known/oauth-authorization-server");
/// Asking for a token twice gives two tokens, which does no harm.
const TOKEN: Endpoint = Endpoint { verb: Verb::Post, path: "/oidc/v1/token", effect: Effect::Reads };

/// A token is renewed this long before it expires, or after nine tenths of a shorter life.
const RENEWAL_MARGIN: Duration = Duration::from_secs(300);

/// How the panel signs in to a workspace. Its `Debug` shows no secret.
#[derive(Clone)]
pub enum Credential {
    /// A personal access token.
    Token(SecretString),
    /// The OAuth secret of a service principal (machine-to-machine).
    ClientSecret { client_id: String, client_secret: SecretString },
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(_) => f.write_str("Credential::Token([REDACTED])"),
            Self::ClientSecret { client_id, .. } => {
                write!(f, "Credential::ClientSecret({client_id:?}, [REDACTED])")
            }
        }
    }
}

impl Credential {
    /// Without the blanks and line ends that come along when a secret is pasted.
    ///
    /// # Errors
    /// `Unauthenticated` when something is missing, or contains what no header may carry.
    pub(crate) fn normalised(self) -> Result<Self> {
        Ok(match self {
            Self::Token(token) => Self::Token(normalised_secret(&token, "token")?),
            Self::ClientSecret { client_id, client_secret } => {
                let client_id = client_id.trim().to_owned();
                if client_id.is_empty() {
                    return Err(unusable("the client id is empty"));
                }
                Self::ClientSecret {
                    client_id,
                    client_secret: normalised_secret(&client_secret, "client secret")?,
                }
            }
        })
    }
}

fn normalised_secret(secret: &SecretString, name: &str) -> Result<SecretString> {
    let text = secret.expose_secret().trim();
    if text.is_empty() {
        return Err(unusable(&format!("the {name} is empty")));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(unusable(&format!("the {name} contains characters that none has")));
    }
    Ok(SecretString::from(text))
}

fn unusable(message: &str) -> ApiError {
    ApiError::new(ErrorKind::Unauthenticated, "credential", message)
}

/// Turns a [`Credential`] into the token that requests carry, and keeps it as long as it is good.
pub(crate) struct Authenticator {
    credential: Credential,
    /// Held while a token is fetched, so that many callers fetch one.
    issued: Mutex<Option<IssuedToken>>,
}

struct IssuedToken {
    token: SecretString,
    renew_at: Instant,
    expires_at: Instant,
}

impl Authenticator {
    pub(crate) fn new(credential: Credential) -> Self {
        Self { credential, issued: Mutex::new(None) }
    }

    /// The token to send now.
    pub(crate) async fn token(&self, transport: &Transport) -> Result<SecretString> {
        let (client_id, client_secret) = match &self.credential {
            Credential::Token(token) => return Ok(token.clone()),
            Credential::ClientSecret { client_id, client_secret } => (client_id, client_secret),
        };
        let mut issued = self.issued.lock().await;
        let now = Instant::now();
        if let Some(current) = issued.as_ref().filter(|current| now < current.renew_at) {
            return Ok(current.token.clone());
        }
        match fetch_token(transport, client_id, client_secret).await {
            Ok(fresh) => {
                let token = fresh.token.clone();
                *issued = Some(fresh);
                Ok(token)
            }
            Err(error) => match issued.as_ref().filter(|current| now < current.expires_at) {
                Some(current) => {
                    warn!(%error, "a token could not be renewed; the current one is still valid");
                    Ok(current.token.clone())
                }
                None => Err(error),
            },
        }
    }

    /// The workspace refused this token. Answers whether it is worth asking for another one.
    pub(crate) async fn refused(&self, token: &SecretString) -> bool {
        if matches!(self.credential, Credential::Token(_)) {
            return false;
        }
        let mut issued = self.issued.lock().await;
        // Somebody else may have renewed it meanwhile.
        if issued.as_ref().is_some_and(|current| current.token.expose_secret() == token.expose_secret()) {
            *issued = None;
        }
        true
    }
}

async fn fetch_token(
    transport: &Transport,
    client_id: &str,
    client_secret: &SecretString,
) -> Result<IssuedToken> {
    let mut call =
        Call::new(TOKEN).body(Body::Form(vec![("grant_type", "client_credentials"), ("scope", "all-apis")]));
    call.url = Some(discover(transport).await?);
    let authorization = Authorization::Basic { user: client_id, password: client_secret };
    let asked_at = Instant::now();
    let answer = transport.send(&call, &authorization).await?.into_answer().object;
    let token = answer.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| half_answer(&call, "the answer contains no access_token"))?;
    let lifetime = Duration::from_secs(answer.get("expires_in").and_then(Value::as_u64).unwrap_or(3_600));
    Ok(IssuedToken {
        token: normalised_secret(&SecretString::from(token), "issued token")?,
        renew_at: asked_at + lifetime - RENEWAL_MARGIN.min(lifetime / 10),
        expires_at: asked_at + lifetime,
    })
}

/// Where tokens are given out: what the workspace says, or the usual place when it says nothing.
async fn discover(transport: &Transport) -> Result<Url> {
    let call = Call::new(DISCOVERY);
    let document = match transport.send(&call, &Authorization::None).await {
        Ok(reply) => reply.into_answer().object,
        Err(error) if error.status() == Some(404) => Map::new(),
        Err(error) => return Err(error),
    };
    let Some(text) = document.get("token_endpoint").and_then(Value::as_str) else {
        return Ok(transport.host().at(TOKEN.path));
    };
    // The client secret goes there: not in the clear, except to where the workspace itself is.
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" || transport.host().is_origin_of(&url) => Ok(url),
        _ => Err(half_answer(&call, format!("{text:?} is not where a workspace gives out tokens"))),
    }
}
