//! Files of the Databricks file system. It may hold any amount of data, which is not ours to copy: carried is what
//! clusters, jobs and policies refer to, such as a library or an init script. What has been carried once stays equal
//! until it is deleted, whoever refers to it then.

mod referrers;

use async_trait::async_trait;
use farshore_databricks::{ApiError, DbfsObject, ErrorKind, WorkspaceClient};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};

use super::{Canonical, Kind, Listed, Loaded, Naming, Write, found};
use crate::{
    body::{Content, Purpose, Spool},
    canonical::{only, text},
    inventory::Look,
    references::KeyLookup,
};

/// The fields of a file's canonical form; the second one is missing until the content was read.
const FIELDS: [&str; 2] = ["size_bytes", "sha256"];
/// Why there is no file at a path that something refers to.
const MISSING: &str = "missing";
/// Why nobody can tell whether there is a file at a path.
const UNSEEN: &str = "unseen";

pub(crate) struct DbfsFiles;

#[async_trait]
impl Kind for DbfsFiles {
    fn naming(&self) -> Naming {
        Naming::Path
    }

    fn has_content(&self) -> bool {
        true
    }

    fn is_listed_by_reference(&self) -> bool {
        true
    }

    fn is_missing(&self, raw: &Value) -> bool {
        raw.get(MISSING).is_some()
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        let statuses = stream::iter(referrers::of(look).await?).map(|(path, referrers)| async move {
            let problem = |why| format!("{} to it, and {why}", refer(&referrers));
            Ok(match look_at(look, &path).await? {
                Found::File(file) => file,
                Found::Nothing(why) => listed(&path, json!({ MISSING: problem(why) })),
                Found::Unseen(why) => listed(&path, json!({ UNSEEN: problem(why) })),
            })
        });
        statuses.buffer_unordered(look.max_in_flight).try_collect().await
    }

    async fn find(&self, look: &Look<'_>, ids: Vec<String>) -> Result<Vec<Listed>, ApiError> {
        let statuses = stream::iter(ids).map(|path| async move {
            Ok(match look_at(look, &path).await? {
                Found::File(file) => Some(file),
                Found::Nothing(_) => None,
                // It counts as there until somebody can see that it is not.
                Found::Unseen(why) => Some(listed(&path, json!({ UNSEEN: why }))),
            })
        });
        let found: Vec<Option<Listed>> = statuses.buffer_unordered(look.max_in_flight).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        let file = found(client.get_dbfs(id).await)?.filter(|file| !file.is_directory);
        let Some(file) = file else { return Ok(None) };
        let Some(content) = found(content(client, id, file.size_bytes, Purpose::Compare).await)? else {
            return Ok(None);
        };
        Ok(Some(listed(id, form(&content))))
    }

    async fn is_there(&self, client: &WorkspaceClient, id: &str) -> Result<bool, ApiError> {
        Ok(found(client.get_dbfs(id).await)?.is_some_and(|file| !file.is_directory))
    }

    fn canonical(&self, raw: &Value, _keys: &dyn KeyLookup) -> Canonical {
        let problems = [MISSING, UNSEEN].into_iter().filter_map(|field| text(raw, field)).map(str::to_owned);
        let problems = problems.collect();
        Canonical { form: Value::Object(only(raw, &FIELDS)), problems }
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
        target.put_dbfs(key, &write.body.upload()).await?;
        Ok(key.to_owned())
    }

    async fn update(
        &self,
        target: &WorkspaceClient,
        current: &Listed,
        write: Write<'_>,
    ) -> Result<(), ApiError> {
        target.put_dbfs(&current.id, &write.body.upload()).await
    }

    async fn delete(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError> {
        target.delete_dbfs(id, false).await
    }
}

/// A file as jobs and clusters name it is what people know it by.
fn listed(path: &str, raw: Value) -> Listed {
    Listed::new(path.to_owned(), format!("dbfs:{path}"), None, raw)
}

/// What is at a path.
enum Found {
    File(Listed),
    /// No file, and why.
    Nothing(String),
    /// The workspace does not say, for a reason that concerns this path alone.
    Unseen(String),
}

async fn look_at(look: &Look<'_>, path: &str) -> Result<Found, ApiError> {
    match look.client.get_dbfs(path).await {
        Ok(file) if file.is_directory => {
            Ok(Found::Nothing("it is a folder, of which only files are carried".to_owned()))
        }
        Ok(DbfsObject { size_bytes, modified_at_ms, .. }) => {
            let file = listed(path, json!({ "size_bytes": size_bytes }));
            Ok(Found::File(Listed { untouched: look.untouched_since(modified_at_ms), ..file }))
        }
        Err(error) => match error.kind() {
            ErrorKind::NotFound => Ok(Found::Nothing("it does not exist".to_owned())),
            ErrorKind::Forbidden | ErrorKind::Invalid => {
                Ok(Found::Unseen(format!("it cannot be looked at: {error}")))
            }
            _ => Err(error),
        },
    }
}

/// `the job "Nightly" and 2 more refer`.
fn refer(referrers: &[String]) -> String {
    match referrers {
        [] => "something refers".to_owned(),
        [one] => format!("{one} refers"),
        [first, rest @ ..] => format!("{first} and {} more refer", rest.len()),
    }
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
    let size_bytes = match listed.get("size_bytes").and_then(Value::as_u64) {
        Some(size_bytes) => size_bytes,
        None => client.get_dbfs(path).await?.size_bytes,
    };
    let content = content(client, path, size_bytes, purpose).await?;
    Ok(Loaded { raw: form(&content), body: content.body })
}

/// Block by block, so that no more than one of them is in memory.
async fn content(
    client: &WorkspaceClient,
    path: &str,
    size_bytes: u64,
    purpose: Purpose,
) -> Result<Content, ApiError> {
    let mut spool = Spool::new(purpose);
    while spool.size_bytes() < size_bytes {
        let block = client.read_dbfs(path, spool.size_bytes()).await?;
        if block.is_empty() {
            break;
        }
        spool.push(&block).await?;
    }
    if spool.size_bytes() != size_bytes {
        let message = format!(
            "dbfs:{path} was {size_bytes} bytes long, and then {}: it is being written",
            spool.size_bytes()
        );
        return Err(ApiError::new(ErrorKind::Conflict, "dbfs/read", message));
    }
    spool.finish().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::nothing;

    #[test]
    fn what_refers_to_nothing_is_named() {
        assert_eq!(refer(&["the job \"a\"".to_owned()]), "the job \"a\" refers");
        let three = ["the job \"a\"", "the cluster \"b\"", "the job \"c\""].map(str::to_owned);
        assert_eq!(refer(&three), "the job \"a\" and 2 more refer");
        let missing =
            listed("/x.jar", json!({"missing": "the job \"a\" refers to it, and it does not exist"}));
        assert!(DbfsFiles.is_missing(&missing.raw));
        assert_eq!(&*missing.name, "dbfs:/x.jar");
        assert_eq!(DbfsFiles.canonical(&missing.raw, &nothing).problems.len(), 1);
        let unseen = listed("/x.jar", json!({"unseen": "it cannot be looked at: no"}));
        assert!(!DbfsFiles.is_missing(&unseen.raw), "nobody knows");
        assert_eq!(DbfsFiles.canonical(&unseen.raw, &nothing).problems.len(), 1);
    }
}
