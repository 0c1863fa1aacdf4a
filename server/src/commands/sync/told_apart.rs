//! Which workspaces source and target are, and whether they are two.

use farshore_databricks::{Host, WorkspaceClient};
use farshore_sync::WorkspaceEnd;

/// A workspace that has answered, and its id where it tells one: a workspace always does, a simple fake of one may not.
pub(super) struct Answered {
    pub(super) client: WorkspaceClient,
    pub(super) org_id: Option<String>,
}

/// Source and target are one workspace.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("source and target are one workspace, {0}; nothing was done")]
pub(super) struct OneWorkspace(String);

/// Gives source and target their ids.
pub(super) fn told_apart(source: Answered, target: Answered) -> Result<[WorkspaceEnd; 2], OneWorkspace> {
    let [source_id, target_id] = ids(
        (source.client.host(), source.org_id.as_deref()),
        (target.client.host(), target.org_id.as_deref()),
    )?;
    Ok([
        WorkspaceEnd { client: source.client, org_id: source_id },
        WorkspaceEnd { client: target.client, org_id: target_id },
    ])
}

/// Two fakes of a workspace on this machine may tell one id, or none: then their addresses tell them apart. Of all
/// other workspaces the id is the word.
fn ids(source: (&Host, Option<&str>), target: (&Host, Option<&str>)) -> Result<[String; 2], OneWorkspace> {
    let (here, there) = (place(source.0), place(target.0));
    let is_this_machine = source.0.is_loopback() && target.0.is_loopback();
    let ids = match (source.1, target.1) {
        (Some(org), Some(other)) if org == other && is_this_machine && here != there => {
            [format!("{org}@{here}"), format!("{org}@{there}")]
        }
        // A place that tells its id to one and not to the other is one all the same.
        (None, _) | (_, None) if here == there => return Err(OneWorkspace(here)),
        (source, target) => [source.map_or(here, str::to_owned), target.map_or(there, str::to_owned)],
    };
    match ids {
        [source, target] if source == target => Err(OneWorkspace(source)),
        ids => Ok(ids),
    }
}

/// Host and port, by one name of the several that this machine has for itself.
fn place(host: &Host) -> String {
    let name = match host.name() {
        "localhost" | "[::1]" => "127.0.0.1",
        name => name,
    };
    match host.url().port_or_known_default() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(source: (&str, Option<&str>), target: (&str, Option<&str>)) -> Result<[String; 2], String> {
        let host = |address: &str| address.parse::<Host>().unwrap();
        let told = ids((&host(source.0), source.1), (&host(target.0), target.1));
        told.map_err(|OneWorkspace(id)| id)
    }

    fn two(source: &str, target: &str) -> Result<[String; 2], String> {
        Ok([source.to_owned(), target.to_owned()])
    }

    #[test]
    fn workspaces_are_known_by_what_they_say() {
        let (one, other) = ("https://one.cloud.databricks.com", "https://two.cloud.databricks.com");
        assert_eq!(told((one, Some("1")), (other, Some("2"))), two("1", "2"));
        assert_eq!(
            told((one, Some("1")), (other, Some("1"))),
            Err("1".to_owned()),
            "two names of one workspace"
        );
        assert_eq!(told((one, Some("1")), (one, Some("1"))), Err("1".to_owned()));
    }

    #[test]
    fn fakes_of_this_machine_are_known_by_their_address() {
        let (one, other) = ("http://127.0.0.1:8001", "http://localhost:8002");
        assert_eq!(told((one, Some("9")), (other, Some("9"))), two("9@127.0.0.1:8001", "9@127.0.0.1:8002"));
        assert_eq!(told((one, Some("8")), (other, Some("9"))), two("8", "9"));
        assert_eq!(told((one, None), (other, None)), two("127.0.0.1:8001", "127.0.0.1:8002"));
        assert_eq!(told((one, None), (other, Some("9"))), two("127.0.0.1:8001", "9"));
    }

    #[test]
    fn an_address_is_one_workspace_by_whatever_name() {
        for same in ["http://127.0.0.1:8001", "http://localhost:8001", "http://[::1]:8001"] {
            for (source, target) in [(None, None), (Some("9"), None), (Some("9"), Some("9"))] {
                assert!(
                    told(("http://127.0.0.1:8001", source), (same, target)).is_err(),
                    "{same} {source:?}"
                );
            }
        }
        let real = "https://one.cloud.databricks.com";
        assert!(told((real, None), ("https://one.cloud.databricks.com:443/?o=1", None)).is_err());
        // One that is not on this machine cannot be a fake of its own beside it.
        assert!(told((real, Some("1")), ("http://localhost:8001", Some("1"))).is_err());
    }
}
