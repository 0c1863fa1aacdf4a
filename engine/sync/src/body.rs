//! Content on its way from one side to the other: in memory while it is small, in a temporary file when it is not.

use std::{fs::File, io, sync::Arc};

use farshore_databricks::{ApiError, ErrorKind, Pieces, Upload};
use futures::{StreamExt as _, stream};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use crate::canonical::hex;

/// What is kept in memory of one object. Several are under way at once, and each is copied as it is encoded.
pub(crate) const MOST_HELD_BYTES: u64 = 2 * 1024 * 1024;
/// Longer texts are compared by hash, and not shown line by line.
const LONGEST_SHOWN_BYTES: usize = 256 * 1024;
/// What a file is read in, at most.
const PIECE_BYTES: usize = 256 * 1024;

/// The content of one object.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Held(Arc<[u8]>),
    /// In a file without a name: it is gone with the last of its owners, even if they are killed.
    Spooled {
        file: Arc<File>,
        size_bytes: u64,
    },
}

impl Body {
    /// To be sent, as often as that takes.
    pub(crate) fn upload(&self) -> Upload {
        match self {
            Self::Held(bytes) => Upload::from(bytes.to_vec()),
            Self::Spooled { file, size_bytes } => {
                let file = Arc::clone(file);
                Upload::new(*size_bytes, move || std::future::ready(Ok(pieces_of(Arc::clone(&file)))))
            }
        }
    }

    /// The whole of it, if that is in memory.
    pub(crate) fn held(&self) -> Option<&[u8]> {
        match self {
            Self::Held(bytes) => Some(bytes),
            Self::Spooled { .. } => None,
        }
    }

    /// What a person can be shown of it, line by line.
    pub(crate) fn shown_text(&self) -> Option<&str> {
        let bytes = self.held().filter(|bytes| !bytes.is_empty() && bytes.len() <= LONGEST_SHOWN_BYTES)?;
        std::str::from_utf8(bytes).ok()
    }
}

impl Default for Body {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Held(bytes.into())
    }
}

/// What content is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It is going to be written on the other side.
    Carry,
    /// Only its hash is needed, and what of it can be shown.
    Compare,
}

/// Takes content in pieces, hashes it, and keeps what its purpose needs.
pub(crate) struct Spool {
    purpose: Purpose,
    hash: Sha256,
    size_bytes: u64,
    held: Vec<u8>,
    file: Option<(tokio::fs::File, File)>,
}

/// Content that has been read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) size_bytes: u64,
    /// In lower-case hex.
    pub(crate) sha256: String,
    /// Empty where comparing needs no more than the hash.
    pub(crate) body: Body,
}

impl Spool {
    pub(crate) fn new(purpose: Purpose) -> Self {
        Self { purpose, hash: Sha256::new(), size_bytes: 0, held: Vec::new(), file: None }
    }

    /// How much has come so far.
    pub(crate) const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Takes the next piece.
    pub(crate) async fn push(&mut self, piece: &[u8]) -> Result<(), ApiError> {
        self.hash.update(piece);
        self.size_bytes += piece.len() as u64;
        if self.file.is_none() && self.size_bytes <= MOST_HELD_BYTES {
            self.held.extend_from_slice(piece);
            return Ok(());
        }
        match self.purpose {
            Purpose::Carry => self.write(piece).await.map_err(|error| unkept(&error)),
            Purpose::Compare => {
                self.held = Vec::new();
                Ok(())
            }
        }
    }

    /// All of it has come.
    pub(crate) async fn finish(self) -> Result<Content, ApiError> {
        let body = match self.file {
            Some((mut writer, file)) => {
                writer.flush().await.map_err(|error| unkept(&error))?;
                Body::Spooled { file: Arc::new(file), size_bytes: self.size_bytes }
            }
            None => self.held.into(),
        };
        Ok(Content { size_bytes: self.size_bytes, sha256: hex(&self.hash.finalize()), body })
    }

    async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        let (writer, _) = match &mut self.file {
            Some(open) => open,
            None => {
                let file = tokio::task::spawn_blocking(tempfile::tempfile).await??;
                let mut writer = tokio::fs::File::from_std(file.try_clone()?);
                writer.write_all(&std::mem::take(&mut self.held)).await?;
                self.file.insert((writer, file))
            }
        };
        writer.write_all(piece).await
    }
}

/// From the beginning. All readers share one file, so that each says where it reads.
fn pieces_of(file: Arc<File>) -> Pieces {
    stream::try_unfold((file, 0), |(file, offset)| async move {
        let read = move || {
            let mut piece = vec![0; PIECE_BYTES];
            let count = read_at(&file, &mut piece, offset)?;
            piece.truncate(count);
            let next = (file, offset + count as u64);
            Ok::<_, io::Error>((count > 0).then(|| (piece.into(), next)))
        };
        tokio::task::spawn_blocking(read).await?
    })
    .boxed()
}

#[cfg(unix)]
fn read_at(file: &File, piece: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, piece, offset)
}

#[cfg(windows)]
fn read_at(file: &File, piece: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, piece, offset)
}

fn unkept(error: &io::Error) -> ApiError {
    let folder = std::env::temp_dir();
    let message = format!(
        "the panel cannot keep the content in its folder for temporary files, {}: {error}; see that it has room",
        folder.display()
    );
    ApiError::new(ErrorKind::Invalid, "workspace/export", message)
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;

    use super::*;
    use crate::canonical::hash_bytes;

    const PIECE_BYTES: usize = 300_000;

    async fn spooled(bytes: &[u8], purpose: Purpose) -> Content {
        let mut spool = Spool::new(purpose);
        for piece in bytes.chunks(PIECE_BYTES) {
            spool.push(piece).await.unwrap();
        }
        assert_eq!(spool.size_bytes(), bytes.len() as u64);
        spool.finish().await.unwrap()
    }

    async fn sent(body: &Body) -> Vec<u8> {
        let pieces: Vec<_> = body.upload().open().await.unwrap().try_collect().await.unwrap();
        pieces.concat()
    }

    #[tokio::test]
    async fn what_is_large_lies_in_a_file_that_is_read_as_often_as_it_is_needed() {
        let large: Vec<u8> = (0_u32..900_000).flat_map(u32::to_le_bytes).collect();
        let content = spooled(&large, Purpose::Carry).await;
        assert!(content.body.held().is_none(), "it is held in memory");
        assert_eq!(content.sha256, hash_bytes(&large));
        // An upload that broke off may still be reading while the next one begins.
        let mut broken_off = content.body.upload().open().await.unwrap();
        assert!(broken_off.try_next().await.unwrap().is_some());
        let (first, second) = tokio::join!(sent(&content.body), sent(&content.body));
        assert!(first == large && second == large);
    }

    #[tokio::test]
    async fn comparing_keeps_no_more_than_can_be_shown() {
        let large = vec![b'x'; 3 * 1024 * 1024];
        let content = spooled(&large, Purpose::Compare).await;
        assert_eq!(content.sha256, hash_bytes(&large));
        assert_eq!(content.body.held(), Some(&[][..]));
        let small = spooled(b"print(1)\n", Purpose::Compare).await;
        assert_eq!(small.body.shown_text(), Some("print(1)\n"));
    }

    #[test]
    fn only_text_of_a_readable_length_is_shown() {
        assert_eq!(Body::default().shown_text(), None);
        assert_eq!(Body::from(vec![0xff, 0xfe]).shown_text(), None);
        assert_eq!(Body::from(vec![b'x'; 300 * 1024]).shown_text(), None);
    }
}
