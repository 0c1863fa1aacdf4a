//! One request to a workspace, described before it is sent.

use bytes::Bytes;
use reqwest::Url;
use serde_json::Value;

use crate::Upload;

/// What a call does to the workspace, which decides whether it may be repeated after an unclear failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Changes nothing.
    Reads,
    /// Changes something; doing it twice is the same as doing it once.
    ChangesRepeatably,
    /// Doing it twice makes two of something.
    ChangesOnce,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// One operation of the API. Its path is fixed: ids travel in the query, in the body, or in the
/// [`segments`](Call::segments) of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Endpoint {
    pub(crate) verb: Verb,
    pub(crate) path: &'static str,
    pub(crate) effect: Effect,
}

impl Endpoint {
    pub(crate) const fn read(path: &'static str) -> Self {
        Self { verb: Verb::Get, path, effect: Effect::Reads }
    }

    /// Reads, although it is a POST.
    pub(crate) const fn query(path: &'static str) -> Self {
        Self { verb: Verb::Post, path, effect: Effect::Reads }
    }

    pub(crate) const fn repeatable(path: &'static str) -> Self {
        Self { verb: Verb::Post, path, effect: Effect::ChangesRepeatably }
    }

    pub(crate) const fn once(path: &'static str) -> Self {
        Self { verb: Verb::Post, path, effect: Effect::ChangesOnce }
    }

    pub(crate) const fn put(path: &'static str) -> Self {
        Self { verb: Verb::Put, path, effect: Effect::ChangesRepeatably }
    }

    pub(crate) const fn patch(path: &'static str) -> Self {
        Self { verb: Verb::Patch, path, effect: Effect::ChangesRepeatably }
    }

    pub(crate) const fn delete(path: &'static str) -> Self {
        Self { verb: Verb::Delete, path, effect: Effect::ChangesRepeatably }
    }

    /// The path without `/api/` and the version: `jobs/create`.
    pub(crate) fn name(&self) -> &'static str {
        match self.path.strip_prefix("/api/").and_then(|rest| rest.split_once('/')) {
            Some((_version, name)) => name,
            None => self.path.trim_start_matches('/'),
        }
    }

    pub(crate) fn changes_something(&self) -> bool {
        self.effect != Effect::Reads
    }
}

/// What a successful answer must consist of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expects {
    /// A JSON object.
    Object,
    /// Nothing, or a JSON object that says nothing.
    Nothing,
    /// Content, which is handed on as it comes.
    Content,
}

/// What travels to the workspace. Kept in a form that can be sent again, and is not copied for it.
#[derive(Clone)]
pub(crate) enum Body {
    Empty,
    Json(Bytes),
    Form(Vec<(&'static str, &'static str)>),
    Upload { fields: Vec<(&'static str, String)>, content: Upload },
}

#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) endpoint: Endpoint,
    /// Where to, when that is not the endpoint's path on the workspace's own host.
    pub(crate) url: Option<Url>,
    /// What follows the endpoint's path.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Body,
    pub(crate) expects: Expects,
    /// The id of the object that the call is about. A 400 that says that this very id does not exist means
    /// "not found"; about any other id it means that the request is wrong.
    pub(crate) object_id: Option<String>,
    /// Whether it takes long by nature.
    pub(crate) is_large: bool,
}

impl Call {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            url: None,
            segments: Vec::new(),
            query: Vec::new(),
            body: Body::Empty,
            expects: Expects::Object,
            object_id: None,
            is_large: false,
        }
    }

    /// At a path below the endpoint's; may be called again for the next part of it.
    pub(crate) fn at(mut self, segment: impl Into<String>) -> Self {
        self.segments.push(segment.into());
        self
    }

    pub(crate) fn query(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    pub(crate) fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    pub(crate) fn json(self, value: &Value) -> Self {
        self.body(Body::Json(value.to_string().into()))
    }

    pub(crate) fn expects(mut self, expects: Expects) -> Self {
        self.expects = expects;
        self
    }

    pub(crate) fn about(mut self, object_id: impl ToString) -> Self {
        self.object_id = Some(object_id.to_string());
        self
    }

    pub(crate) fn large(mut self) -> Self {
        self.is_large = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_named_without_its_version() {
        assert_eq!(Endpoint::read("/api/2.2/jobs/runs/get").name(), "jobs/runs/get");
        assert_eq!(Endpoint::read("/api/2.0/preview/scim/v2/Me").name(), "preview/scim/v2/Me");
        assert_eq!(Endpoint::read("/oidc/v1/token").name(), "oidc/v1/token");
    }
}
