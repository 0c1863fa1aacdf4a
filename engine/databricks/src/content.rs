//! Content that is too large to be held whole: what is uploaded, and what comes down.

use std::{fmt, io, path::PathBuf, pin::Pin, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures::{
    FutureExt, Stream, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use reqwest::Response;
use tokio::{
    fs::File,
    io::AsyncReadExt,
    time::{Duration, timeout},
};

use crate::{ApiError, ErrorKind, Result, rate_budget::Permit};

/// What a file is read in, at most.
const FILE_PIECE_BYTES: usize = 256 * 1024;

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
        Self { response, endpoint, patience, received_bytes: 0, _permit: permit }
    }

    /// How many bytes it has, where the workspace says so beforehand.
    pub fn size_bytes(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// The next piece; none at the end, which is only reached when everything came.
    ///
    /// # Errors
    /// `TimedOut` when it does not go on in time; `HalfAnswer` when it broke off. What came so far is then worth
    /// nothing.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
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

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("size_bytes", &self.size_bytes())
            .field("received_bytes", &self.received_bytes)
            .finish_non_exhaustive()
    }
}
