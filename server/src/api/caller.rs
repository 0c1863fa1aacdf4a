//! The person on whose behalf a call is made, and a body, a query and ids that fit; what does not fit is a problem
//! like any other.

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Request, rejection::JsonRejection},
    http::request::Parts,
};
use farshore_model::{Actor, Problem, ProblemKind};
use serde::de::DeserializeOwned;

use crate::{
    http::{AppState, ProblemResponse},
    login::Identity,
};

/// The signed-in person; without one the call is answered 401.
pub(super) struct Caller(pub Actor);

impl FromRequestParts<AppState> for Caller {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Self::Rejection> {
        let actor = parts.extensions.get::<Identity>().and_then(|identity| identity.0.clone());
        actor.map(Self).ok_or_else(|| ProblemResponse(farshore_control::signed_out()))
    }
}

/// A JSON body.
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Body<T> {
    type Rejection = ProblemResponse;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Self::Rejection> {
        let body: Result<Json<T>, JsonRejection> = Json::from_request(request, state).await;
        body.map(|Json(body)| Self(body)).map_err(|error| {
            ProblemResponse(Problem::new(
                ProblemKind::Invalid,
                error.body_text(),
                "Nothing was changed.",
                "Send a JSON body as /api/openapi.json describes it, with content-type application/json.",
            ))
        })
    }
}

/// The part of the address after `?`.
pub(super) struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Query<T> {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        query.map(|query| Self(query.0)).map_err(|error| {
            ProblemResponse(Problem::new(
                ProblemKind::Invalid,
                error.body_text(),
                "Nothing was changed.",
                "Give the parameters that /api/openapi.json describes.",
            ))
        })
    }
}

/// An id in a path; one that is malformed names nothing.
pub(super) struct Id<T>(pub T);

impl<T: From<uuid::Uuid> + Send> FromRequestParts<AppState> for Id<T> {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let id = axum::extract::Path::<uuid::Uuid>::from_request_parts(parts, state).await;
        id.map(|id| Self(T::from(id.0))).map_err(|_| {
            ProblemResponse(Problem::new(
                ProblemKind::NotFound,
                "The id in the path is not one that this panel gives out.",
                "Nothing was changed.",
                "Take the id from a list.",
            ))
        })
    }
}
