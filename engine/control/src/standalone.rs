//! Workspaces that need no counterpart: noted, so that nobody takes one that was forgotten for one that was decided
//! about.

use farshore_model::{
    Actor, Problem, StandaloneId,
    view::{PairedWorkspace, Topic, WorkspacesPage},
    workspace::{Standalone, StandaloneWorkspace},
};

use crate::{
    Control,
    audit::{Subject, not_found},
    groups::checked_name,
    problem::from_store,
    role_matrix::{Action, authorize},
};

const PATH: &str = "/workspaces";
const REASON_LIMIT: usize = 500;
const ADDRESS_LIMIT: usize = 300;

/// What a person types.
#[derive(Clone, Debug)]
pub struct TypedStandalone {
    pub name: String,
    /// An address or a workspace id.
    pub address: String,
    pub reason: String,
}

impl Control {
    pub async fn workspaces_page(&self, actor: &Actor) -> Result<WorkspacesPage, Problem> {
        authorize(actor, Action::Read)?;
        let workspaces = self.store.workspaces().await.map_err(from_store)?;
        let groups = self.store.groups().await.map_err(from_store)?;
        let mut paired: Vec<PairedWorkspace> = Vec::new();
        let sides = self
            .store
            .pairs(None)
            .await
            .map_err(from_store)?
            .into_iter()
            .flat_map(|pair| [pair.primary, pair.secondary].map(|workspace| (workspace, pair.group_id)));
        for (workspace, group) in sides {
            let known = workspaces.iter().find(|known| known.id == workspace);
            let group = groups.iter().find(|known| known.id == group);
            let (Some(workspace), Some(group)) = (known, group) else { continue };
            let is_listed =
                |line: &PairedWorkspace| line.workspace.id == workspace.id && line.group_id == group.id;
            if !paired.iter().any(is_listed) {
                let (workspace, group_name) = (workspace.clone(), group.name.clone());
                paired.push(PairedWorkspace { workspace, group_id: group.id, group_name });
            }
        }
        paired.sort_by(|a, b| a.workspace.name.cmp(&b.workspace.name));
        Ok(WorkspacesPage {
            as_of: self.clock.now(),
            paired,
            standalone: self.store.standalones().await.map_err(from_store)?,
            actions: self.availability(actor, &[Action::EditGroup]),
        })
    }

    pub async fn add_standalone(
        &self,
        actor: &Actor,
        typed: TypedStandalone,
    ) -> Result<StandaloneId, Problem> {
        let subject = Subject::new(typed.name.clone(), PATH);
        self.act(actor, Action::EditGroup, "add_standalone", subject, async {
            let workspace = StandaloneWorkspace {
                id: StandaloneId(self.ids.next()),
                name: checked_name("name", &typed.name)?,
                address: checked_address(&typed.address)?,
                standalone: self.standalone(actor, &typed.reason)?,
                version: 1,
            };
            self.refuse_paired(&workspace.address).await?;
            self.store.insert_standalone(&workspace).await.map_err(from_store)?;
            self.notices.publish(Topic::Overview);
            Ok(workspace.id)
        })
        .await
    }

    /// `version` is the one that was read.
    pub async fn edit_standalone(
        &self,
        actor: &Actor,
        id: StandaloneId,
        version: i64,
        reason: &str,
    ) -> Result<(), Problem> {
        let stored = self.known_standalone(id).await?;
        let subject = Subject::new(stored.name.clone(), PATH);
        self.act(actor, Action::EditGroup, "edit_standalone", subject, async {
            let standalone = self.standalone(actor, reason)?;
            let workspace = StandaloneWorkspace { standalone, version, ..stored };
            self.store.update_standalone(&workspace).await.map_err(from_store)?;
            self.notices.publish(Topic::Overview);
            Ok(())
        })
        .await
    }

    /// Takes it off the list; the workspace itself is not touched.
    pub async fn remove_standalone(&self, actor: &Actor, id: StandaloneId) -> Result<(), Problem> {
        let stored = self.known_standalone(id).await?;
        let subject = Subject::new(stored.name, PATH);
        self.act(actor, Action::EditGroup, "remove_standalone", subject, async {
            self.store.remove_standalone(id).await.map_err(from_store)?;
            self.notices.publish(Topic::Overview);
            Ok(())
        })
        .await
    }

    async fn known_standalone(&self, id: StandaloneId) -> Result<StandaloneWorkspace, Problem> {
        let known = self.store.standalone(id).await.map_err(from_store)?;
        known.ok_or_else(|| not_found("workspace on this list"))
    }

    fn standalone(&self, actor: &Actor, reason: &str) -> Result<Standalone, Problem> {
        Ok(Standalone { reason: checked_reason(reason)?, by: actor.name.clone(), since: self.clock.now() })
    }

    /// What is replicated has a counterpart.
    async fn refuse_paired(&self, address: &str) -> Result<(), Problem> {
        let workspaces = self.store.workspaces().await.map_err(from_store)?;
        let is_it = |host: &str| bare(host) == bare(address);
        match workspaces.iter().find(|known| is_it(&known.host) || known.org_id == address) {
            Some(known) => Err(Problem::field(
                "address",
                format!("This is {}, which is in a failover group: it has a counterpart.", known.name),
            )),
            None => Ok(()),
        }
    }
}

/// The host alone, as two ways to write one address have it in common.
fn bare(address: &str) -> String {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    host.split(['/', '?']).next().unwrap_or_default().to_ascii_lowercase()
}

fn checked_address(address: &str) -> Result<String, Problem> {
    let address = address.trim().trim_end_matches('/');
    if address.is_empty() {
        return Err(Problem::field("address", "Its address or its workspace id is needed."));
    }
    if address.len() > ADDRESS_LIMIT || address.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Problem::field("address", "This is neither an address nor a workspace id."));
    }
    Ok(address.to_owned())
}

fn checked_reason(reason: &str) -> Result<String, Problem> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Problem::field(
            "reason",
            "Say why it needs none: somebody will ask on the day of a failover.",
        ));
    }
    if reason.chars().count() > REASON_LIMIT {
        return Err(Problem::field("reason", format!("A reason has at most {REASON_LIMIT} characters.")));
    }
    if reason.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Problem::field("reason", "A reason has no control characters."));
    }
    Ok(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_written_in_several_ways() {
        assert_eq!(bare("https://ADB-1.example.net/"), bare("adb-1.example.net"));
        assert_eq!(bare("http://127.0.0.1:80/?o=7"), "127.0.0.1:80");
        assert_ne!(bare("adb-1.example.net"), bare("adb-2.example.net"));
    }

    #[test]
    fn a_reason_and_an_address_are_needed() {
        assert_eq!(checked_address(" https://a.example.net/ ").as_deref(), Ok("https://a.example.net"));
        assert!(checked_address("two words").is_err());
        assert!(checked_reason(" \n").is_err());
        assert!(checked_reason("a\u{0}b").is_err());
    }
}
