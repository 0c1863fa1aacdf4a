//! The Databricks file system: files in 1 MB blocks.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    ApiError, ErrorKind, Result, Upload, WorkspaceClient,
    answer::half_answer,
    call::{Call, Endpoint},
};

const LIST: Endpoint = Endpoint::read("/api/2.0/dbfs/list");
const GET_STATUS: Endpoint = Endpoint::read("/api/2.0/dbfs/get-status");
const READ: Endpoint = Endpoint::read("/api/2.0/dbfs/read");
const MKDIRS: Endpoint = Endpoint::repeatable("/api/2.0/dbfs/mkdirs");
const DELETE: Endpoint = Endpoint::repeatable("/api/2.0/dbfs/delete");
/// Always with `overwrite`.
const PUT: Endpoint = Endpoint::repeatable("/api/2.0/dbfs/put");
/// Always with `overwrite`; a handle that nobody knows of is closed by the workspace.
const CREATE: Endpoint = Endpoint::repeatable("/api/2.0/dbfs/create");
/// A block that is added twice is in the file twice.
const ADD_BLOCK: Endpoint = Endpoint::once("/api/2.0/dbfs/add-block");
const CLOSE: Endpoint = Endpoint::once("/api/2.0/dbfs/close");

/// The most that a block, or one reading, may have.
const BLOCK_BYTES: usize = 1024 * 1024;
/// What one call may carry as a whole file: 1 MB as base64.
const LARGEST_PUT_BYTES: u64 = 750_000;
/// How often a file is uploaded from its beginning because it is unclear whether a block arrived.
const MOST_UPLOADS: u32 = 3;
/// How often the deletion of a big folder is called again: each call deletes for about 45 s.
const MOST_DELETES: u32 = 200;

/// A file or folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DbfsObject {
    /// Absolute, without `dbfs:`.
    pub path: String,
    #[serde(default, alias = "is_dir")]
    pub is_directory: bool,
    #[serde(default, alias = "file_size")]
    pub size_bytes: u64,
    /// Milliseconds since 1970.
    #[serde(default, alias = "modification_time")]
    pub modified_at_ms: Option<i64>,
}

impl WorkspaceClient {
    /// The direct children of a folder, or the file itself. A folder of more than 10,000 may time out.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn list_dbfs(&self, path: &str) -> Result<Vec<DbfsObject>> {
        let call = Call::new(LIST).query("path", path).about(path).large();
        let files = self.list_of(call.clone(), "files").await?;
        files.into_iter().map(|file| readable(&call, path, file)).collect()
    }

    /// # Errors
    /// `NotFound`.
    pub async fn get_dbfs(&self, path: &str) -> Result<DbfsObject> {
        let call = Call::new(GET_STATUS).query("path", path).about(path);
        readable(&call, path, Value::Object(self.object(&call).await?))
    }

    /// Reads at most 1 MB of a file, from this byte on; nothing at its end.
    ///
    /// # Errors
    /// `NotFound`; `HalfAnswer` when not as much came as the workspace says.
    pub async fn read_dbfs(&self, path: &str, offset_bytes: u64) -> Result<Bytes> {
        let call = Call::new(READ).query("path", path).query("offset", offset_bytes);
        let call = call.query("length", BLOCK_BYTES).about(path);
        let answer = self.object(&call).await?;
        let data = answer.get("data").and_then(Value::as_str).unwrap_or_default();
        let data = STANDARD
            .decode(data)
            .map_err(|error| half_answer(&call, format!("the content of {path} is not readable: {error}")))?;
        let announced = answer.get("bytes_read").and_then(Value::as_u64);
        if announced != Some(data.len() as u64) {
            let message = format!("{} bytes of {path} came, {announced:?} were announced", data.len());
            return Err(half_answer(&call, message));
        }
        Ok(data.into())
    }

    /// The whole content of a file. For one that fits into memory; read others block by block.
    ///
    /// # Errors
    /// As [`read_dbfs`](Self::read_dbfs); `HalfAnswer` when the file is not as long as it was.
    pub async fn export_dbfs(&self, path: &str) -> Result<Vec<u8>> {
        let size_bytes = self.get_dbfs(path).await?.size_bytes;
        let mut content = Vec::new();
        while (content.len() as u64) < size_bytes {
            let block = self.read_dbfs(path, content.len() as u64).await?;
            if block.is_empty() {
                break;
            }
            content.extend_from_slice(&block);
        }
        if content.len() as u64 != size_bytes {
            let message = format!("{path} has {size_bytes} bytes, {} came", content.len());
            return Err(half_answer(&Call::new(READ), message));
        }
        Ok(content)
    }

    /// Creates or overwrites a file.
    ///
    /// # Errors
    /// `Invalid` when the content cannot be read here, or has another size than announced.
    pub async fn put_dbfs(&self, path: &str, content: &Upload) -> Result<()> {
        if content.size_bytes() <= LARGEST_PUT_BYTES {
            let mut blocks = Blocks::of(content).await?;
            let whole = blocks.next().await?.unwrap_or_default();
            if let Some(more) = blocks.next().await? {
                return Err(wrong_size(content, (whole.len() + more.len()) as u64));
            }
            check_size(content, whole.len() as u64)?;
            let body = json!({"path": path, "contents": STANDARD.encode(whole), "overwrite": true});
            return self.execute(Call::new(PUT).json(&body)).await;
        }
        let mut uploads = 1;
        loop {
            match self.put_dbfs_in_blocks(path, content).await {
                // Whether the block arrived is unknown, so the file is begun anew.
                Err(error) if error.may_have_taken_effect() && uploads < MOST_UPLOADS => uploads += 1,
                outcome => return outcome,
            }
        }
    }

    async fn put_dbfs_in_blocks(&self, path: &str, content: &Upload) -> Result<()> {
        let mut blocks = Blocks::of(content).await?;
        let create = Call::new(CREATE).json(&json!({"path": path, "overwrite": true}));
        let handle = self.create_with_number_id(&create, "handle").await?;
        let mut sent_bytes = 0;
        while let Some(block) = blocks.next().await? {
            sent_bytes += block.len() as u64;
            let body = json!({"handle": handle, "data": STANDARD.encode(block)});
            self.execute(Call::new(ADD_BLOCK).json(&body)).await?;
        }
        check_size(content, sent_bytes)?;
        self.execute(Call::new(CLOSE).json(&json!({"handle": handle}))).await
    }

    /// Creates the folder and those above it; one that is there already is fine.
    pub async fn make_dbfs_folder(&self, path: &str) -> Result<()> {
        self.execute(Call::new(MKDIRS).json(&json!({"path": path}))).await
    }

    /// Deletes a file or a folder; one that is not there is fine. A big folder is deleted in several calls.
    ///
    /// # Errors
    /// `Conflict` or `Invalid` when a folder is not empty and `is_recursive` is not set.
    pub async fn delete_dbfs(&self, path: &str, is_recursive: bool) -> Result<()> {
        let call = Call::new(DELETE).json(&json!({"path": path, "recursive": is_recursive}));
        let call = call.about(path).large();
        let mut deletes = 1;
        loop {
            match self.delete(call.clone()).await {
                // It has deleted a part and asks to be called again.
                Err(error)
                    if error.status() == Some(503)
                        && error.code() == Some("PARTIAL_DELETE")
                        && deletes < MOST_DELETES =>
                {
                    deletes += 1;
                }
                outcome => return outcome,
            }
        }
    }
}

/// Content in blocks of 1 MB, whatever the sizes of its pieces.
struct Blocks {
    pieces: crate::Pieces,
    rest: BytesMut,
}

impl Blocks {
    async fn of(content: &Upload) -> Result<Self> {
        Ok(Self { pieces: content.open().await.map_err(|error| unreadable(&error))?, rest: BytesMut::new() })
    }

    /// None at the end.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        while self.rest.len() < BLOCK_BYTES {
            match self.pieces.next().await {
                Some(Ok(piece)) => self.rest.extend_from_slice(&piece),
                Some(Err(error)) => return Err(unreadable(&error)),
                None => break,
            }
        }
        let size = self.rest.len().min(BLOCK_BYTES);
        Ok((size > 0).then(|| self.rest.split_to(size).freeze()))
    }
}

fn check_size(content: &Upload, sent_bytes: u64) -> Result<()> {
    if sent_bytes == content.size_bytes() { Ok(()) } else { Err(wrong_size(content, sent_bytes)) }
}

fn wrong_size(content: &Upload, sent_bytes: u64) -> ApiError {
    let message = format!("the content has {sent_bytes} bytes, {} were announced", content.size_bytes());
    ApiError::new(ErrorKind::Invalid, PUT.name(), message)
}

fn unreadable(error: &std::io::Error) -> ApiError {
    let message = format!("what was to be uploaded cannot be read: {error}");
    ApiError::new(ErrorKind::Invalid, PUT.name(), message)
}

fn readable(call: &Call, path: &str, object: Value) -> Result<DbfsObject> {
    serde_json::from_value(object)
        .map_err(|error| half_answer(call, format!("what lies at {path} is not readable: {error}")))
}
