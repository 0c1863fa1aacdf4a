//! The content of notebooks and workspace files, of up to 500 MB.

use std::{future::Future, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use tokio::{fs::File, io::AsyncWriteExt};

use crate::{
    ApiError, Download, ErrorKind, Result, Upload, WorkspaceClient,
    answer::half_answer,
    call::{Body, Call, Endpoint},
};

const EXPORT: Endpoint = Endpoint::read("/api/2.0/workspace/export");
/// Repeatable: with `overwrite` it keeps the object's id, and without it a second one is refused.
const IMPORT: Endpoint = Endpoint::repeatable("/api/2.0/workspace/import");

/// The JSON form takes 10 MB of base64, which is 7.5 MB of content; what is larger is uploaded as a file.
const LARGEST_JSON_IMPORT_BYTES: u64 = 7_000_000;
/// How often a download that broke off is begun again.
const MOST_DOWNLOADS: u32 = 4;

/// In which form content travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentFormat {
    /// The source code of a notebook.
    Source,
    /// A notebook as source code, or a file as it is, whichever lies there. An import decides by the name's
    /// extension and the content's first line.
    Auto,
    /// A file as it is, even if it looks like a notebook.
    Raw,
    /// A notebook with its results, as `.ipynb`.
    Jupyter,
}

impl ContentFormat {
    /// The API's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Source => "SOURCE",
            Self::Auto => "AUTO",
            Self::Raw => "RAW",
            Self::Jupyter => "JUPYTER",
        }
    }
}

/// Where content goes.
#[derive(Clone, Copy, Debug)]
pub struct ImportTarget<'a> {
    pub path: &'a str,
    pub format: ContentFormat,
    /// `PYTHON`, `SQL`, `SCALA` or `R`: needed by [`Source`](ContentFormat::Source).
    pub language: Option<&'a str>,
    /// Whether what lies there may be replaced; it keeps its id.
    pub is_overwriting: bool,
}

impl ImportTarget<'_> {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![("path", self.path.to_owned()), ("format", self.format.as_str().to_owned())];
        if let Some(language) = self.language {
            fields.push(("language", language.to_owned()));
        }
        if self.is_overwriting {
            fields.push(("overwrite", "true".to_owned()));
        }
        fields
    }
}

/// A download to a file failed.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The workspace did not give it, or not whole.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// It could not be written here.
    #[error("the downloaded content cannot be written to a file")]
    Write(#[source] std::io::Error),
}

impl WorkspaceClient {
    /// The content of a notebook or file, in memory. One of more than 10 MB is downloaded as a file.
    ///
    /// # Errors
    /// `NotFound`; `TooLarge` when it is larger than even a download carries.
    pub async fn export(&self, path: &str, format: ContentFormat) -> Result<Vec<u8>> {
        let call = export_call(path, format);
        match self.object(&call).await {
            Ok(answer) => {
                let content = answer.get("content").and_then(Value::as_str);
                let content = content.ok_or_else(|| half_answer(&call, "the answer contains no content"))?;
                STANDARD.decode(content).map_err(|error| {
                    half_answer(&call, format!("the content of {path} is not readable: {error}"))
                })
            }
            Err(error) if error.kind() == ErrorKind::TooLarge => {
                let mut content = Vec::new();
                let mut download = self.download(path, format).await?;
                while let Some(piece) = download.next().await? {
                    content.extend_from_slice(&piece);
                }
                Ok(content)
            }
            Err(error) => Err(error),
        }
    }

    /// The content of a notebook or file in the form in which it is kept, in memory. From a workspace that does not
    /// know [`Auto`](ContentFormat::Auto) it comes in the format `otherwise`.
    ///
    /// # Errors
    /// As [`export`](Self::export).
    pub async fn export_as_kept(&self, path: &str, otherwise: ContentFormat) -> Result<Vec<u8>> {
        self.as_kept(otherwise, |format| self.export(path, format)).await
    }

    /// As [`export_as_kept`](Self::export_as_kept), but as it comes.
    ///
    /// # Errors
    /// As [`download`](Self::download).
    pub async fn download_as_kept(&self, path: &str, otherwise: ContentFormat) -> Result<Download> {
        self.as_kept(otherwise, |format| self.download(path, format)).await
    }

    async fn as_kept<T, Read: Future<Output = Result<T>>>(
        &self,
        otherwise: ContentFormat,
        read: impl Fn(ContentFormat) -> Read,
    ) -> Result<T> {
        match self.dialect().exports_as_kept() {
            Some(true) => return read(ContentFormat::Auto).await,
            Some(false) => return read(otherwise).await,
            None => {}
        }
        let refused = match read(ContentFormat::Auto).await {
            Err(error) if may_refuse_the_format(&error) => error,
            outcome => {
                if outcome.is_ok() {
                    self.dialect().note_export(true);
                }
                return outcome;
            }
        };
        match read(otherwise).await {
            // Then it was not the format.
            Err(error) if may_refuse_the_format(&error) => Err(refused),
            Err(error) => Err(error),
            Ok(content) => {
                self.dialect().note_export(false);
                Ok(content)
            }
        }
    }

    /// The source of a notebook.
    ///
    /// # Errors
    /// As [`export`](Self::export).
    pub async fn export_notebook(&self, path: &str) -> Result<Vec<u8>> {
        self.export(path, ContentFormat::Source).await
    }

    /// The content of a notebook or file, as it comes. For what is large: it is not held in memory.
    ///
    /// # Errors
    /// `NotFound`; `TooLarge`. What breaks off later is an error of the [`Download`].
    pub async fn download(&self, path: &str, format: ContentFormat) -> Result<Download> {
        let call = export_call(path, format).query("direct_download", true);
        self.download_of(call.large()).await
    }

    /// Writes the content of a notebook or file into a new file, or over an old one, and answers its size in
    /// bytes. A download that breaks off is begun again.
    ///
    /// # Errors
    /// [`DownloadError`]; what the file then contains is worth nothing.
    pub async fn download_to_file(
        &self,
        path: &str,
        format: ContentFormat,
        file: &Path,
    ) -> Result<u64, DownloadError> {
        let mut downloads = 1;
        loop {
            match self.download_once(path, format, file).await {
                Err(DownloadError::Api(error)) if error.is_retryable() && downloads < MOST_DOWNLOADS => {
                    downloads += 1;
                }
                outcome => return outcome,
            }
        }
    }

    async fn download_once(
        &self,
        path: &str,
        format: ContentFormat,
        file: &Path,
    ) -> Result<u64, DownloadError> {
        let mut download = self.download(path, format).await?;
        let mut file = File::create(file).await.map_err(DownloadError::Write)?;
        let mut size_bytes = 0;
        while let Some(piece) = download.next().await? {
            file.write_all(&piece).await.map_err(DownloadError::Write)?;
            size_bytes += piece.len() as u64;
        }
        file.flush().await.map_err(DownloadError::Write)?;
        Ok(size_bytes)
    }

    /// Creates or overwrites a notebook or file, from content in memory.
    ///
    /// # Errors
    /// `AlreadyExists` without `is_overwriting`; `NotFound` when the folder is missing; `TooLarge` when the
    /// workspace accepts nothing of that size; `Invalid` when something of another type lies there.
    pub async fn import(&self, target: ImportTarget<'_>, content: Vec<u8>) -> Result<()> {
        if content.len() as u64 > LARGEST_JSON_IMPORT_BYTES {
            return self.upload(target, content.into()).await;
        }
        let mut body: Map<String, Value> = target
            .fields()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Value::String(value)))
            .collect();
        if target.is_overwriting {
            body.insert("overwrite".to_owned(), Value::Bool(true));
        }
        body.insert("content".to_owned(), Value::String(STANDARD.encode(content)));
        self.execute(Call::new(IMPORT).json(&Value::Object(body))).await
    }

    /// Creates the notebook, or overwrites it and keeps its id. `language` is as in
    /// [`TreeObject`](crate::TreeObject).
    ///
    /// # Errors
    /// As [`import`](Self::import).
    pub async fn import_notebook(&self, path: &str, language: &str, source: Vec<u8>) -> Result<()> {
        let format = ContentFormat::Source;
        let target = ImportTarget { path, format, language: Some(language), is_overwriting: true };
        self.import(target, source).await
    }

    /// Creates or overwrites a notebook or file, from content that need not fit into memory.
    ///
    /// # Errors
    /// As [`import`](Self::import).
    pub async fn upload(&self, target: ImportTarget<'_>, content: Upload) -> Result<()> {
        let body = Body::Upload { fields: target.fields(), content };
        self.execute(Call::new(IMPORT).body(body).large()).await
    }
}

/// Whether a workspace might answer so to a format that it does not know.
fn may_refuse_the_format(error: &ApiError) -> bool {
    matches!(error.kind(), ErrorKind::Invalid | ErrorKind::NotFound | ErrorKind::FeatureDisabled)
}

fn export_call(path: &str, format: ContentFormat) -> Call {
    Call::new(EXPORT).query("path", path).query("format", format.as_str()).about(path)
}
