//! Content that is too large to be held whole: what is uploaded, and what comes down.

use std::{fmt, io, path::PathBuf, pin::Pin, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use futures::{
    FutureExt, Stream, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use reqwest::Response;
use serde_json::{Map, Value};
use tokio::{
    fs::File,
    io::AsyncReadExt,
    time::{Duration, timeout},
};

use crate::{ApiError, ErrorKind, Result, rate_budget::Permit};

/// What a file is read in, at most.
const FILE_PIECE_BYTES: usize = 256 * 1024;
/// More than any content that a workspace puts into JSON: 10 MB of it, in base64.
const LARGEST_WRAPPED_BYTES: usize = 16 * 1024 * 1024;

/// Pieces of content, in order.
pub type Pieces = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

type Open = dyn Fn() -> BoxFuture<'static, io::Result<Pieces>> + Send + Sync;

/// Content of known size that can be read from its beginning as often as a call must be repeated.
#[derive(Clone)]
pub struct Upload {
    size_bytes: u64,
    open: Arc<Open>,
}

impl Upload {
    /// What `open` gives, every time it is asked, must have this many bytes.
    pub fn new<F>(size_bytes: u64, open: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<Pieces>> + Send + 'static,
    {
        Self { size_bytes, open: Arc::new(move || open().boxed()) }
    }

    /// A file, which must not change meanwhile.
    ///
    /// # Errors
    /// When the file cannot be looked at.
    pub async fn of_file(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path: PathBuf = path.into();
        let size_bytes = tokio::fs::metadata(&path).await?.len();
        Ok(Self::new(size_bytes, move || {
            let path = path.clone();
            async move { Ok(pieces_of(File::open(path).await?)) }
        }))
    }

    /// How many bytes it has.
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Reads it from its beginning.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn open(&self) -> io::Result<Pieces> {
        (self.open)().await
    }
}

impl From<Bytes> for Upload {
    fn from(content: Bytes) -> Self {
        Self::new(content.len() as u64, move || {
            let content = content.clone();
            async move { Ok(stream::iter([Ok(content)]).boxed()) }
        })
    }
}

impl From<Vec<u8>> for Upload {
    fn from(content: Vec<u8>) -> Self {
        Bytes::from(content).into()
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("size_bytes", &self.size_bytes).finish_non_exhaustive()
    }
}

fn pieces_of(file: File) -> Pieces {
    stream::try_unfold(file, |mut file| async move {
        let mut piece = BytesMut::with_capacity(FILE_PIECE_BYTES);
        let count = file.read_buf(&mut piece).await?;
        Ok((count > 0).then(|| (piece.freeze(), file)))
    })
    .boxed()
}

/// Content on its way from a workspace. It occupies one of the requests that may be under way at once until it
/// is read to its end or dropped.
pub struct Download {
    response: Response,
    size_bytes: Option<u64>,
    /// What was read ahead.
    held: Bytes,
    /// How reading ahead ended, if it failed: told after what came before.
    failure: Option<ApiError>,
    was_wrapped: bool,
    endpoint: &'static str,
    /// How long the next piece may take.
    patience: Duration,
    received_bytes: u64,
    _permit: Option<Permit>,
}

impl Download {
    pub(crate) fn new(
        response: Response,
        endpoint: &'static str,
        patience: Duration,
        permit: Option<Permit>,
    ) -> Self {
        let (size_bytes, held) = (response.content_length(), Bytes::new());
        Self {
            response,
            size_bytes,
            held,
            failure: None,
            was_wrapped: false,
            endpoint,
            patience,
            received_bytes: 0,
            _permit: permit,
        }
    }

    /// The same for an answer that may be JSON with the content in it. One that is not comes as it is.
    pub(crate) async fn unwrapped(mut self) -> Self {
        let mut ahead = BytesMut::new();
        while ahead.len() <= LARGEST_WRAPPED_BYTES {
            match self.next().await {
                Ok(Some(piece)) => ahead.extend_from_slice(&piece),
                Ok(None) => break,
                Err(error) => {
                    self.failure = Some(error);
                    break;
                }
            }
        }
        self.received_bytes = 0;
        match content_in(&ahead) {
            Some(content) if self.failure.is_none() => {
                self.size_bytes = Some(content.len() as u64);
                self.held = content.into();
                self.was_wrapped = true;
            }
            _ => self.held = ahead.freeze(),
        }
        self
    }

    /// Whether the workspace has sent it inside JSON, and not as the file that was asked for.
    pub const fn was_wrapped(&self) -> bool {
        self.was_wrapped
    }

    /// How many bytes it has, where the workspace says so beforehand.
    pub const fn size_bytes(&self) -> Option<u64> {
        self.size_bytes
    }

    /// The next piece; none at the end, which is only reached when everything came.
    ///
    /// # Errors
    /// `TimedOut` when it does not go on in time; `HalfAnswer` when it broke off. What came so far is then worth
    /// nothing.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        if !self.held.is_empty() {
            self.received_bytes += self.held.len() as u64;
            return Ok(Some(std::mem::take(&mut self.held)));
        }
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        match timeout(self.patience, self.response.chunk()).await {
            Ok(Ok(piece)) => {
                self.received_bytes += piece.as_ref().map_or(0, |piece| piece.len() as u64);
                Ok(piece)
            }
            Ok(Err(source)) if !source.is_timeout() => {
                let message = format!("the content broke off after {} bytes", self.received_bytes);
                Err(ApiError::new(ErrorKind::HalfAnswer, self.endpoint, message).with_source(source))
            }
            Ok(Err(_)) | Err(_) => {
                let message = format!(
                    "the content stopped after {} bytes and did not go on in time",
                    self.received_bytes
                );
                Err(ApiError::new(ErrorKind::TimedOut, self.endpoint, message))
            }
        }
    }

    /// All pieces; the last one is the first error.
    pub fn into_stream(self) -> BoxStream<'static, Result<Bytes>> {
        stream::try_unfold(self, |mut download| async move {
            Ok(download.next().await?.map(|piece| (piece, download)))
        })
        .boxed()
    }
}

/// The content in an answer such as `{"content": "cHJpbnQoMSk="}`; None for one of any other shape.
fn content_in(answer: &[u8]) -> Option<Vec<u8>> {
    let answer: Map<String, Value> = serde_json::from_slice(answer).ok()?;
    if answer.keys().any(|field| !["content", "file_type"].contains(&field.as_str())) {
        return None;
    }
    STANDARD.decode(answer.get("content")?.as_str()?).ok()
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("size_bytes", &self.size_bytes())
            .field("received_bytes", &self.received_bytes)
            .finish_non_exhaustive()
    }
}
