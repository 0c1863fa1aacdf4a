//! Signing in and out, as plain form posts that work without JavaScript.

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use farshore_control::{SignInError, store::StoredPerson};
use serde::Deserialize;
use tower_sessions::Session;

use super::{identity::USER, password};
use crate::http::AppState;

#[derive(Deserialize)]
pub(crate) struct SignIn {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    /// In the demo: whom to be, instead of login and password.
    persona: Option<String>,
    next: Option<String>,
}

/// `POST /sign-in`: leads on to the page that was wanted, or back with the reason.
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    session: Session,
    Form(form): Form<SignIn>,
) -> Response {
    let next = form.next.clone().filter(|next| is_own_path(next)).unwrap_or_else(|| "/".to_owned());
    let person = match find(&state, form).await {
        Ok(person) => person,
        Err(error) => return refuse(&error, &next),
    };
    // A new id, so that a session id that somebody planted before is worth nothing.
    let kept = async {
        session.cycle_id().await?;
        session.insert(USER, person.actor.id).await
    };
    match kept.await {
        Ok(()) => Redirect::to(&next).into_response(),
        Err(error) => {
            tracing::error!(%error, "a session could not be kept");
            refuse(&SignInError::Unavailable, &next)
        }
    }
}

/// `POST /sign-out`.
pub(crate) async fn sign_out(session: Session) -> Response {
    if let Err(error) = session.flush().await {
        tracing::error!(%error, "a session could not be ended");
    }
    Redirect::to("/sign-in").into_response()
}

async fn find(state: &AppState, form: SignIn) -> Result<StoredPerson, SignInError> {
    if let Some(persona) = form.persona.filter(|_| state.demo.is_some()) {
        let person = state.control.person_by_login(&persona).await?;
        return person.filter(|person| person.password_hash.is_none()).ok_or(SignInError::Refused);
    }
    let person = state.control.person_by_login(form.login.trim()).await?;
    let hash = person.as_ref().and_then(|person| person.password_hash.clone());
    let is_right = tokio::task::spawn_blocking(move || password::verify(&form.password, hash.as_deref()))
        .await
        .map_err(|_| SignInError::Unavailable)?;
    person.filter(|_| is_right).ok_or(SignInError::Refused)
}

fn refuse(error: &SignInError, next: &str) -> Response {
    let (error, next) = (encode(&error.to_string()), encode(next));
    Redirect::to(&format!("/sign-in?error={error}&next={next}")).into_response()
}

/// A path of this panel, not another site's address in disguise.
fn is_own_path(next: &str) -> bool {
    next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control)
}

/// For the value of a query parameter.
pub(super) fn encode(value: &str) -> String {
    value.bytes().fold(String::with_capacity(value.len()), |mut text, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                text.push(byte.into())
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leads_on_within_the_panel_only() {
        assert!(is_own_path("/groups/1?tab=a"));
        for foreign in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\nb"] {
            assert!(!is_own_path(foreign), "{foreign:?}");
        }
    }

    #[test]
    fn encodes_what_has_a_meaning_in_a_query() {
        assert_eq!(encode("/a?b=c&d é"), "/a%3Fb%3Dc%26d%20%C3%A9");
    }
}
