//! A call as the HTTP request that it becomes.

use std::time::Duration;

use reqwest::{RequestBuilder, Url, header::CONTENT_TYPE, multipart};
use secrecy::{ExposeSecret, SecretString};

use super::Transport;
use crate::{
    ApiError, ErrorKind, Result,
    call::{Body, Call, Expects, Verb},
};

/// How much longer a call may take that is long by nature.
const LARGE_CALL_FACTOR: u32 = 10;
/// What an upload may take beside that: a second for each of these.
const SLOWEST_UPLOAD_BYTES_PER_S: u64 = 1_000_000;

/// What a request shows to be let in.
pub(crate) enum Authorization<'a> {
    None,
    Bearer(&'a SecretString),
    Basic { user: &'a str, password: &'a SecretString },
}

impl Transport {
    /// `timeout` is that of the whole call.
    pub(super) async fn request(
        &self,
        call: &Call,
        authorization: &Authorization<'_>,
        timeout: Duration,
    ) -> Result<RequestBuilder> {
        let url = self.url_of(call)?;
        let mut request = match call.endpoint.verb {
            Verb::Get => self.http.get(url),
            Verb::Post => self.http.post(url),
            Verb::Put => self.http.put(url),
            Verb::Patch => self.http.patch(url),
            Verb::Delete => self.http.delete(url),
        };
        if call.expects != Expects::Content {
            request = request.timeout(timeout);
        }
        if !call.query.is_empty() {
            request = request.query(&call.query);
        }
        request = match authorization {
            Authorization::None => request,
            Authorization::Bearer(token) => request.bearer_auth(token.expose_secret()),
            Authorization::Basic { user, password } => {
                request.basic_auth(user, Some(password.expose_secret()))
            }
        };
        with_body(request, call).await
    }

    fn url_of(&self, call: &Call) -> Result<Url> {
        let mut url = call.url.clone().unwrap_or_else(|| self.host.at(call.endpoint.path));
        // Such a part would be dropped, and the call would go to all objects instead of one.
        let is_none = |segment: &String| matches!(segment.as_str(), "" | "." | "..");
        let is_extended = !call.segments.iter().any(is_none)
            && url
                .path_segments_mut()
                .map(|mut path| {
                    path.extend(&call.segments);
                })
                .is_ok();
        if is_extended {
            return Ok(url);
        }
        let message = format!("{:?} cannot name an object", call.segments.join("/"));
        Err(ApiError::new(ErrorKind::Invalid, call.endpoint.name(), message))
    }

    /// For the whole call; for content that is handed on as it comes, until it begins.
    pub(super) fn timeout_of(&self, call: &Call) -> Duration {
        let timeout = Duration::from_millis(self.options.request_timeout_ms);
        let for_upload = match &call.body {
            Body::Upload { content, .. } => content.size_bytes() / SLOWEST_UPLOAD_BYTES_PER_S,
            _ => 0,
        };
        let timeout = if call.is_large { timeout * LARGE_CALL_FACTOR } else { timeout };
        timeout + Duration::from_secs(for_upload)
    }
}

async fn with_body(request: RequestBuilder, call: &Call) -> Result<RequestBuilder> {
    Ok(match &call.body {
        Body::Empty => request,
        Body::Json(text) => request.header(CONTENT_TYPE, "application/json").body(text.clone()),
        Body::Form(fields) => request.form(fields),
        Body::Upload { fields, content } => {
            let pieces = content.open().await.map_err(|error| {
                let message = format!("what was to be uploaded cannot be read: {error}");
                ApiError::new(ErrorKind::Invalid, call.endpoint.name(), message)
            })?;
            let part =
                multipart::Part::stream_with_length(reqwest::Body::wrap_stream(pieces), content.size_bytes());
            let form = fields
                .iter()
                .fold(multipart::Form::new(), |form, (name, value)| form.text(*name, value.clone()))
                .part("content", part.file_name("content"));
            request.multipart(form)
        }
    })
}
