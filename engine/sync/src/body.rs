//! Content on its way from one side to the other: in memory while it is small, in a temporary file when it is not.

use std::{io, sync::Arc};

use farshore_databricks::{ApiError, ErrorKind, Upload};
use sha2::{Digest, Sha256};
use tempfile::TempPath;
use tokio::{fs::File, io::AsyncWriteExt};

use crate::canonical::hex;

/// What is kept in memory of one object. Several are under way at once, and each is copied as it is encoded.
pub(crate) const MOST_HELD_BYTES: u64 = 2 * 1024 * 1024;
/// Longer texts are compared by hash, and not shown line by line.
const LONGEST_SHOWN_BYTES: usize = 256 * 1024;

/// The content of one object.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Held(Arc<[u8]>),
    /// In a file that is deleted with the last of its owners.
    Spooled(Arc<TempPath>),
}

impl Body {
    /// To be sent, as often as that takes.
    pub(crate) async fn upload(&self) -> Result<Upload, ApiError> {
        match self {
            Self::Held(bytes) => Ok(Upload::from(bytes.to_vec())),
            Self::Spooled(path) => Upload::of_file(&***path).await.map_err(|error| unkept(&error)),
        }
    }

    /// The whole of it, if that is in memory.
    pub(crate) fn held(&self) -> Option<&[u8]> {
        match self {
            Self::Held(bytes) => Some(bytes),
            Self::Spooled(_) => None,
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
    file: Option<(File, TempPath)>,
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
            Some((mut file, path)) => {
                file.flush().await.map_err(|error| unkept(&error))?;
                Body::Spooled(Arc::new(path))
            }
            None => self.held.into(),
        };
        Ok(Content { size_bytes: self.size_bytes, sha256: hex(&self.hash.finalize()), body })
    }

    async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        let (file, _) = match &mut self.file {
            Some(open) => open,
            None => {
                let (file, path) = tokio::task::spawn_blocking(temporary).await??;
                let mut file = File::from_std(file);
                file.write_all(&std::mem::take(&mut self.held)).await?;
                self.file.insert((file, path))
            }
        };
        file.write_all(piece).await
    }
}

fn temporary() -> io::Result<(std::fs::File, TempPath)> {
    Ok(tempfile::Builder::new().prefix("farshore-").tempfile()?.into_parts())
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
        let pieces: Vec<_> = body.upload().await.unwrap().open().await.unwrap().try_collect().await.unwrap();
        pieces.concat()
    }

    #[tokio::test]
    async fn what_is_large_lies_in_a_file_that_goes_with_it() {
        let large: Vec<u8> = (0_u32..900_000).flat_map(u32::to_le_bytes).collect();
        let content = spooled(&large, Purpose::Carry).await;
        let Body::Spooled(path) = content.body.clone() else { panic!("it is held in memory") };
        assert_eq!(content.sha256, hash_bytes(&large));
        // As often as it is asked for, from its beginning.
        assert_eq!(sent(&content.body).await, large);
        assert_eq!(sent(&content.body).await, large);

        let path_of_file = path.to_path_buf();
        drop((content, path));
        assert!(!path_of_file.exists());
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
