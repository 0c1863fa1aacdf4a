//! Finds the person behind a request, once, before anything else looks at it.

use axum::{
    extract::{Request, State},
    http::header::AUTHORIZATION,
    middleware::Next,
    response::{IntoResponse, Response},
};
use farshore_model::{Actor, Problem, ProblemKind, UserId};
use tower_sessions::Session;

use crate::http::{AppState, ProblemResponse};

/// Only the demo has tokens, and they say so: `demo-operator`.
const DEMO_BEARER: &str = "Bearer demo-";

/// Where a session keeps who signed in.
pub(super) const USER: &str = "user";

/// What every handler finds among the extensions of a request.
#[derive(Clone, Debug)]
pub(crate) struct Identity(pub Option<Actor>);

/// Middleware: puts the [`Identity`] into the request.
pub(crate) async fn identify(
    State(state): State<AppState>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let bearer =
        request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let actor = match bearer {
        Some(bearer) if bearer.starts_with(DEMO_BEARER) => by_bearer(&state, &bearer).await,
        // Any other is somebody else's, such as a proxy's in front of the panel.
        _ => by_session(&state, &session).await,
    };
    match actor {
        Ok(actor) => {
            request.extensions_mut().insert(Identity(actor));
            next.run(request).await
        }
        Err(problem) => ProblemResponse::from(problem).into_response(),
    }
}

async fn by_session(state: &AppState, session: &Session) -> Result<Option<Actor>, Problem> {
    let user = session.get::<UserId>(USER).await.map_err(|error| {
        tracing::error!(%error, "a session could not be read");
        unavailable()
    })?;
    match user {
        Some(user) => state.control.actor(user).await,
        None => Ok(None),
    }
}

async fn by_bearer(state: &AppState, bearer: &str) -> Result<Option<Actor>, Problem> {
    let login = bearer.strip_prefix(DEMO_BEARER).filter(|_| state.demo.is_some());
    let Some(login) = login else { return Ok(None) };
    let person = state.control.person_by_login(login).await.map_err(|_| unavailable())?;
    Ok(person.filter(|person| person.password_hash.is_none()).map(|person| person.actor))
}

fn unavailable() -> Problem {
    Problem::new(
        ProblemKind::Internal,
        "The panel could not find out who you are.",
        "Nothing was changed.",
        "Try again in a moment.",
    )
}
