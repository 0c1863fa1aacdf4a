//! The pairing wizard: test both connections, settle where they are, name the group, choose a schedule and a
//! smoke job. Each step is stored, so that it can be left and resumed.

mod credential;
mod impossible;
mod smoke_candidates;

use farshore_databricks::Host;
use farshore_model::{
    Actor, GroupId, PairId, PairingId, Problem, WorkspaceId,
    group::{FailoverGroup, Side, Strategy, WorkspacePair},
    pairing::{Pairing, PairingSide},
    view::{PairingPage, Topic},
    workspace::{Cloud, Workspace},
};
use secrecy::SecretString;

use crate::{
    Control,
    audit::{Subject, not_found},
    connection::test_connection,
    groups::{checked_interval, checked_name},
    problem::{from_store, from_vault},
    role_matrix::{Action, authorize},
    store::SealedCredential,
    workspaces::vault_row,
};

/// What a person typed for one side.
#[derive(Clone, Debug)]
pub struct TypedSide {
    /// The wizard's version that was read.
    pub version: i64,
    pub side: Side,
    pub name: String,
    pub host: String,
    /// Empty: the one that was typed before is kept.
    pub token: SecretString,
    /// Only where they could not be detected.
    pub cloud: Option<Cloud>,
    pub region: Option<String>,
}

#[derive(Clone, Debug)]
pub struct PairingSettings {
    pub version: i64,
    pub group_name: String,
    pub sync_interval_ms: Option<i64>,
    pub smoke_job_key: Option<String>,
}

impl Control {
    pub async fn begin_pairing(&self, actor: &Actor) -> Result<PairingId, Problem> {
        let id = PairingId(self.ids.next());
        let subject = Subject::new("a new pair", format!("/pair/{id}"));
        self.act(actor, Action::PairWorkspaces, "begin_pairing", subject, async {
            let pairing = Pairing {
                id,
                primary: None,
                secondary: None,
                group_name: None,
                sync_interval_ms: None,
                smoke_job: None,
                version: 1,
                created_at: self.clock.now(),
            };
            self.store.insert_pairing(&pairing).await.map_err(from_store)?;
            Ok(id)
        })
        .await
    }

    pub async fn pairing_page(&self, actor: &Actor, id: PairingId) -> Result<PairingPage, Problem> {
        authorize(actor, Action::PairWorkspaces)?;
        let pairing = self.known_pairing(id).await?;
        let (smoke_candidates, candidates_error) = match self.primary_jobs(&pairing).await {
            Ok(jobs) => (jobs, None),
            Err(problem) => (Vec::new(), Some(problem.what_happened)),
        };
        let demo_workspaces = self.demo.as_ref().map(|demo| demo.workspaces()).unwrap_or_default();
        Ok(PairingPage {
            as_of: self.clock.now(),
            pairing,
            smoke_candidates,
            candidates_error,
            demo_workspaces,
        })
    }

    /// Tests one connection and keeps what it found, whether it passed or not.
    pub async fn test_side(&self, actor: &Actor, id: PairingId, typed: TypedSide) -> Result<(), Problem> {
        let subject = Subject::new(typed.host.clone(), format!("/pair/{id}"));
        self.act(actor, Action::PairWorkspaces, "test_connection", subject, async {
            let mut pairing = self.known_pairing(id).await?;
            let name = checked_name("name", &typed.name)?;
            let host: Host =
                typed.host.parse().map_err(|error| Problem::field("host", format!("{error}")))?;
            let kept_host = pairing.side(typed.side).map(|side| side.host.clone());
            let (credential, sealed) = self.typed_credential(id, &typed, &host, kept_host.as_deref()).await?;
            let report = test_connection(host.clone(), credential, self.clock.now()).await;
            let region = typed.region.filter(|region| !region.trim().is_empty());
            let side = PairingSide {
                name,
                host: host.to_string(),
                cloud: report.cloud.or(typed.cloud),
                region: report.region.clone().or(region.map(|region| region.trim().to_lowercase())),
                report,
            };
            match typed.side {
                Side::Primary => {
                    pairing.primary = Some(side);
                    pairing.smoke_job = None;
                }
                Side::Secondary => pairing.secondary = Some(side),
            }
            pairing.version = typed.version;
            self.store.update_pairing(&pairing, Some((typed.side, &sealed))).await.map_err(from_store)?;
            self.refuse_impossible(&pairing).await
        })
        .await
    }

    pub async fn set_pairing(
        &self,
        actor: &Actor,
        id: PairingId,
        settings: PairingSettings,
    ) -> Result<(), Problem> {
        let subject = Subject::new(settings.group_name.clone(), format!("/pair/{id}"));
        self.act(actor, Action::PairWorkspaces, "set_pairing", subject, async {
            let mut pairing = self.known_pairing(id).await?;
            pairing.group_name = Some(checked_name("group_name", &settings.group_name)?);
            pairing.sync_interval_ms = checked_interval(settings.sync_interval_ms)?;
            pairing.smoke_job = match settings.smoke_job_key.filter(|key| !key.is_empty()) {
                None => None,
                Some(key) => {
                    let jobs = self.primary_jobs(&pairing).await?;
                    let job = jobs.into_iter().find(|job| job.key == key);
                    Some(job.ok_or_else(|| {
                        Problem::field("smoke_job_key", "The primary workspace has no such job any more.")
                    })?)
                }
            };
            pairing.version = settings.version;
            self.store.update_pairing(&pairing, None).await.map_err(from_store)?;
            Ok(())
        })
        .await
    }

    /// Makes the group with its pair and both workspaces. Nothing is copied yet.
    pub async fn finish_pairing(&self, actor: &Actor, id: PairingId) -> Result<GroupId, Problem> {
        let subject = Subject::new("a new pair", format!("/pair/{id}"));
        self.act(actor, Action::PairWorkspaces, "finish_pairing", subject, async {
            let pairing = self.known_pairing(id).await?;
            self.refuse_impossible(&pairing).await?;
            let group_name = pairing
                .group_name
                .as_deref()
                .ok_or_else(|| Problem::field("group_name", "A name is needed."))?;
            let (primary, primary_credential) = self.workspace_from(&pairing, Side::Primary).await?;
            let (secondary, secondary_credential) = self.workspace_from(&pairing, Side::Secondary).await?;
            let now = self.clock.now();
            let group = FailoverGroup {
                id: GroupId(self.ids.next()),
                name: checked_name("group_name", group_name)?,
                strategy: Strategy::ActivePassive,
                department_id: None,
                primary_region: primary.region.clone(),
                active_region: primary.region.clone(),
                sync_interval_ms: pairing.sync_interval_ms,
                smoke_job: pairing.smoke_job.clone(),
                suspension: None,
                version: 1,
                created_at: now,
            };
            let pair = WorkspacePair {
                id: PairId(self.ids.next()),
                group_id: group.id,
                primary: primary.id,
                secondary: secondary.id,
                replication_point: None,
                created_at: now,
            };
            let workspaces = [(primary, primary_credential), (secondary, secondary_credential)];
            self.store.insert_group(&group, &workspaces, &[pair], Some(id)).await.map_err(from_store)?;
            self.evaluate_readiness(group.id).await?;
            self.notices.publish(Topic::Overview);
            Ok(group.id)
        })
        .await
    }

    pub async fn discard_pairing(&self, actor: &Actor, id: PairingId) -> Result<(), Problem> {
        let subject = Subject::named("a new pair");
        self.act(actor, Action::PairWorkspaces, "discard_pairing", subject, async {
            self.store.remove_pairing(id).await.map_err(from_store)?;
            self.notices.publish(Topic::Overview);
            Ok(())
        })
        .await
    }

    async fn known_pairing(&self, id: PairingId) -> Result<Pairing, Problem> {
        self.store.pairing(id).await.map_err(from_store)?.ok_or_else(|| not_found("unfinished pairing"))
    }

    /// The workspace that a tested side becomes, its credential sealed for its own row.
    async fn workspace_from(
        &self,
        pairing: &Pairing,
        side: Side,
    ) -> Result<(Workspace, SealedCredential), Problem> {
        let typed = pairing.side(side).filter(|typed| typed.report.has_passed()).ok_or_else(|| {
            Problem::field(
                side.as_str(),
                format!("The connection to the {side} workspace has not passed its test."),
            )
        })?;
        let (Some(cloud), Some(region), Some(org_id)) = (typed.cloud, &typed.region, &typed.report.org_id)
        else {
            return Err(Problem::field(
                "region",
                format!("Cloud and region of the {side} workspace are needed."),
            ));
        };
        let workspace = Workspace {
            id: WorkspaceId(self.ids.next()),
            name: typed.name.clone(),
            host: typed.host.clone(),
            org_id: org_id.clone(),
            cloud,
            region: region.clone(),
            version: 1,
            created_at: self.clock.now(),
        };
        let (credential, _) = self.kept_credential(pairing.id, side).await?;
        let sealed = self.vault.seal(&vault_row(workspace.id), &credential).map_err(from_vault)?;
        Ok((workspace, sealed))
    }
}
