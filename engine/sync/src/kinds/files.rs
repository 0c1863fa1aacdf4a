//! Workspace files: whatever lies in the tree beside notebooks, of up to 500 MB, byte for byte.

use std::sync::Arc;

use async_trait::async_trait;
use farshore_databricks::{ApiError, ContentFormat, ErrorKind, ImportTarget, WorkspaceClient};
use farshore_model::kind::ObjectKey;
use serde_json::{Value, json};

use super::{
    Canonical, Kind, LeftTo, Listed, Loaded, Naming, Write, folder_of, found, is_in_tree, of_a_bundle,
};
use crate::{
    body::{Body, Content, MOST_HELD_BYTES, Purpose, Spool},
    canonical::only,
    inventory::{Leaf, Look},
    references::KeyLookup,
};

/// The fields of a file's canonical form; the second one is missing until the content was read.
const FIELDS: [&str; 2] = ["size_bytes", "sha256"];
/// How often a download that broke off is begun again.
const MOST_DOWNLOADS: u32 = 4;

pub(crate) struct Files;

#[async_trait]
impl Kind for Files {
    fn naming(&self) -> Naming {
        Naming::Path
    }

    fn has_content(&self) -> bool {
        true
    }

    fn is_in_tree(&self) -> bool {
        true
    }

    fn belongs_to(&self, key: &str) -> Option<ObjectKey> {
        folder_of(key)
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        let files = look.tree().await?.files.iter();
        let listed =
            files.map(|file| Listed { untouched: look.untouched_since(file.modified_at_ms), ..listed(file) });
        Ok(listed.collect())
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        let file = found(client.get_path(id).await)?.filter(|object| object.object_type == "FILE");
        let Some(file) = file else { return Ok(None) };
        let file = listed(&file.into());
        let Some(content) = found(content(client, id, &file.raw, Purpose::Compare).await)? else {
            return Ok(None);
        };
        Ok(Some(Listed { raw: form(&content).into(), ..file }))
    }

    async fn is_there(&self, client: &WorkspaceClient, id: &str) -> Result<bool, ApiError> {
        is_in_tree(client, id, "FILE").await
    }

    fn left_to(&self, id: &str, _raw: &Value) -> Option<LeftTo> {
        of_a_bundle(id)
    }

    fn canonical(&self, raw: &Value, _keys: &dyn KeyLookup) -> Canonical {
        Canonical { form: Value::Object(only(raw, &FIELDS)), problems: Vec::new() }
    }

    async fn load(&self, client: &WorkspaceClient, id: &str, listed: &Value) -> Result<Loaded, ApiError> {
        loaded(client, id, listed, Purpose::Carry).await
    }

    async fn load_to_compare(
        &self,
        client: &WorkspaceClient,
        id: &str,
        listed: &Value,
    ) -> Result<Loaded, ApiError> {
        loaded(client, id, listed, Purpose::Compare).await
    }

    async fn create(
        &self,
        target: &WorkspaceClient,
        key: &str,
        write: Write<'_>,
        _mark: &str,
    ) -> Result<String, ApiError> {
        import(target, key, write.body).await?;
        Ok(key.to_owned())
    }

    async fn update(
        &self,
        target: &WorkspaceClient,
        current: &Listed,
        write: Write<'_>,
    ) -> Result<(), ApiError> {
        import(target, &current.id, write.body).await
    }

    async fn delete(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError> {
        target.delete_path(id, false).await
    }
}

fn listed(file: &Leaf) -> Listed {
    let raw = json!({ "size_bytes": file.size_bytes });
    let path = &file.path;
    Listed { object_id: file.object_id, ..Listed::new(Arc::clone(path), Arc::clone(path), None, raw) }
}

fn form(content: &Content) -> Value {
    json!({ "size_bytes": content.size_bytes, "sha256": content.sha256 })
}

async fn loaded(
    client: &WorkspaceClient,
    path: &str,
    listed: &Value,
    purpose: Purpose,
) -> Result<Loaded, ApiError> {
    let content = content(client, path, listed, purpose).await?;
    Ok(Loaded { raw: form(&content), body: content.body })
}

/// The content of a file. What its listing says is small comes in one answer, and everything else as it flows.
async fn content(
    client: &WorkspaceClient,
    path: &str,
    listed: &Value,
    purpose: Purpose,
) -> Result<Content, ApiError> {
    let is_small = |size_bytes: u64| size_bytes <= MOST_HELD_BYTES;
    if listed.get("size_bytes").and_then(Value::as_u64).is_some_and(is_small) {
        match client.export_as_kept(path, ContentFormat::Raw).await {
            Ok(bytes) => {
                let mut spool = Spool::new(purpose);
                spool.push(&bytes).await?;
                return spool.finish().await;
            }
            // A workspace may give files in no other way than as they are.
            Err(error) if error.kind() == ErrorKind::Invalid => {}
            Err(error) => return Err(error),
        }
    }
    let mut downloads = 1;
    loop {
        match downloaded(client, path, listed, purpose).await {
            Err(error) if error.is_retryable() && downloads < MOST_DOWNLOADS => downloads += 1,
            outcome => return outcome,
        }
    }
}

async fn downloaded(
    client: &WorkspaceClient,
    path: &str,
    listed: &Value,
    purpose: Purpose,
) -> Result<Content, ApiError> {
    let mut spool = Spool::new(purpose);
    let mut download = client.download_as_kept(path, ContentFormat::Raw).await?;
    if download.was_wrapped() {
        check_size(path, listed, download.size_bytes())?;
    }
    while let Some(piece) = download.next().await? {
        spool.push(&piece).await?;
    }
    spool.finish().await
}

/// What looks like JSON with the content in it may be the file itself: where its size is listed, that decides.
fn check_size(path: &str, listed: &Value, found_bytes: Option<u64>) -> Result<(), ApiError> {
    let listed_bytes = listed.get("size_bytes").and_then(Value::as_u64);
    match (listed_bytes, found_bytes) {
        (Some(expected), Some(found)) if expected != found => {
            let what = format!("{path} was listed with {expected} bytes, and {found} have come");
            Err(ApiError::new(ErrorKind::HalfAnswer, "workspace/export", what))
        }
        _ => Ok(()),
    }
}

/// As it is: a file that looks like a notebook or an archive stays a file.
async fn import(target: &WorkspaceClient, path: &str, body: &Body) -> Result<(), ApiError> {
    let place = ImportTarget { path, format: ContentFormat::Raw, language: None, is_overwriting: true };
    match body.held() {
        Some(bytes) => target.import(place, bytes.to_vec()).await,
        None => target.upload(place, body.upload()).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::nothing;

    #[test]
    fn content_that_came_in_json_has_the_size_that_was_listed() {
        let kind = |listed: Value, found: u64| {
            check_size("/a", &listed, Some(found)).err().map(|error| error.kind())
        };
        assert_eq!(kind(json!({"size_bytes": 3}), 3), None);
        assert_eq!(kind(json!({"size_bytes": 18}), 3), Some(ErrorKind::HalfAnswer));
        assert_eq!(kind(json!({"size_bytes": null}), 3), None);
    }

    #[test]
    fn only_its_bytes_make_a_file() {
        let file = |object_id: i64| Leaf {
            object_id: Some(object_id),
            path: "/Shared/a.whl".into(),
            language: None,
            modified_at_ms: Some(object_id),
            size_bytes: Some(3),
        };
        let (here, there) = (listed(&file(1)), listed(&file(2)));
        assert_eq!(here.object_id, Some(1));
        assert_eq!(Files.canonical(&here.raw, &nothing), Files.canonical(&there.raw, &nothing));
    }
}
