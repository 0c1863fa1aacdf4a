//! What the server hands to every rendering and every server function.

#[cfg(feature = "ssr")]
use std::sync::Arc;

use farshore_model::Actor;
#[cfg(feature = "ssr")]
use farshore_model::{Problem, ProblemKind};

#[cfg(feature = "ssr")]
use super::ApiProblem;

/// Who is signed in; nobody on the sign-in page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentActor(pub Option<Actor>);

/// The IANA name of the zone in which times are written for this reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(pub String);

/// Under which the server logs the request that is being answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

/// The use-cases. Fails only when the server forgot to hand them in.
#[cfg(feature = "ssr")]
pub(super) fn control() -> Result<Arc<farshore_control::Control>, ApiProblem> {
    leptos::prelude::use_context::<Arc<farshore_control::Control>>().ok_or_else(|| {
        ApiProblem::from(Problem::new(
            ProblemKind::Internal,
            "The panel is not fully started.",
            "Nothing was changed.",
            "Reload the page in a moment.",
        ))
    })
}

/// Who is signed in, if anybody is.
#[cfg(feature = "ssr")]
pub(super) fn actor() -> Option<Actor> {
    leptos::prelude::use_context::<CurrentActor>().and_then(|current| current.0)
}

/// The use-cases, and the person on whose behalf they are called.
#[cfg(feature = "ssr")]
pub(crate) fn signed_in() -> Result<(Arc<farshore_control::Control>, Actor), ApiProblem> {
    let actor = actor().ok_or_else(|| {
        ApiProblem::from(Problem::new(
            ProblemKind::SignedOut,
            "You are not signed in any more.",
            "Nothing was changed.",
            "Sign in and do it again.",
        ))
    })?;
    Ok((control()?, actor))
}
