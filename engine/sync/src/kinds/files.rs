//! Workspace files: whatever lies in the tree beside notebooks, of up to 500 MB, byte for byte.

use async_trait::async_trait;
use farshore_databricks::{ApiError, ContentFormat, ImportTarget, TreeObject, WorkspaceClient};
use farshore_model::kind::ObjectKey;
use serde_json::{Value, json};

use super::{Canonical, Kind, Listed, Loaded, Naming, Write, folder_of, found};
use crate::{
    body::{Body, Content, MOST_HELD_BYTES, Purpose, Spool},
    canonical::only,
    inventory::Look,
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
        let file = listed(&file);
        let Some(content) = found(content(client, id, &file.raw, Purpose::Compare).await)? else {
            return Ok(None);
        };
        Ok(Some(Listed { raw: form(&content), ..file }))
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

fn listed(file: &TreeObject) -> Listed {
    let raw = json!({ "object_id": file.object_id, "size_bytes": file.size_bytes });
    Listed::new(file.path.clone(), file.path.clone(), None, raw)
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
        let mut spool = Spool::new(purpose);
        spool.push(&client.export(path, ContentFormat::Auto).await?).await?;
        return spool.finish().await;
    }
    let mut downloads = 1;
    loop {
        match downloaded(client, path, purpose).await {
            Err(error) if error.is_retryable() && downloads < MOST_DOWNLOADS => downloads += 1,
            outcome => return outcome,
        }
    }
}

async fn downloaded(client: &WorkspaceClient, path: &str, purpose: Purpose) -> Result<Content, ApiError> {
    let mut spool = Spool::new(purpose);
    let mut download = client.download(path, ContentFormat::Auto).await?;
    while let Some(piece) = download.next().await? {
        spool.push(&piece).await?;
    }
    spool.finish().await
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
    fn only_its_bytes_make_a_file() {
        let file = |object_id: i64| TreeObject {
            object_id,
            object_type: "FILE".to_owned(),
            path: "/Shared/a.whl".to_owned(),
            language: None,
            modified_at_ms: Some(object_id),
            size_bytes: Some(3),
            created_at_ms: None,
            resource_id: None,
        };
        let (here, there) = (listed(&file(1)), listed(&file(2)));
        assert_eq!(here.raw["object_id"], 1);
        assert_eq!(Files.canonical(&here.raw, &nothing), Files.canonical(&there.raw, &nothing));
    }
}
