//! Access control lists: those of pools, which are in force on both sides, and those of jobs, which are held. The version
//! of one is in the name of the group that is granted something. A list has the name of its object, and goes with it.

use async_trait::async_trait;
use farshore_databricks::{Grant, Grantee, PermissionType as Of, PrincipalKind, WorkspaceClient};
use farshore_model::{group::Side, kind::ObjectKind};
use serde_json::{Value, json};

use super::{BROKEN, Broken, Found, Specimen, compute::InstancePools, jobs::Jobs, version_in};
use crate::{
    permissions::{group, refused},
    world::World,
};

const GUARDED: &str = "Audited";

pub struct ListsOfPools;
pub struct ListsOfJobs;

async fn make_group(client: &WorkspaceClient, version: i64) {
    let group = json!({"displayName": group_of(version)});
    client.create_principal(PrincipalKind::Group, &group).await.unwrap();
}

fn group_of(version: i64) -> String {
    format!("version {version}")
}

/// The groups of all versions but the broken one are known everywhere.
async fn make_groups(world: &World) {
    for side in [Side::Primary, Side::Secondary] {
        for version in [1, 2, 3, 4, 9] {
            make_group(world.client(side), version).await;
        }
    }
}

fn granted_version(grants: &[Grant]) -> Option<i64> {
    grants.iter().find_map(|grant| match &grant.grantee {
        Grantee::Group(name) => version_in(name),
        _ => None,
    })
}

async fn grant_pool(client: &WorkspaceClient, name: &str, version: i64) {
    let pool = InstancePools.found(client, name).await.id;
    let grants = [group(&group_of(version), "CAN_ATTACH_TO")];
    client.put_permissions(Of::InstancePools, &pool, &grants).await.unwrap();
}

#[async_trait]
impl Specimen for ListsOfPools {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Permissions
    }

    fn names(&self) -> [&'static str; 2] {
        InstancePools.names()
    }

    fn why_it_comes_again(&self) -> Option<&'static str> {
        None
    }

    async fn prepare(&self, world: &World) {
        make_groups(world).await;
    }

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64) {
        InstancePools.create(client, name, 1).await;
        grant_pool(client, name, version).await;
    }

    async fn change(&self, world: &World, side: Side, name: &str, version: i64) {
        grant_pool(world.client(side), name, version).await;
    }

    async fn rename(&self, world: &World, from: &str, to: &str) {
        InstancePools.rename(world, from, to).await;
    }

    async fn delete(&self, client: &WorkspaceClient, name: &str) {
        InstancePools.delete(client, name).await;
    }

    async fn all(&self, client: &WorkspaceClient) -> Vec<Found> {
        let mut all = InstancePools.all(client).await;
        for found in &mut all {
            let list = client.get_permissions(Of::InstancePools, &found.id).await.unwrap();
            (found.version, found.work) = (granted_version(&list.direct()), Value::Null);
        }
        all
    }

    /// A list with a group that cannot be made.
    async fn break_a_reference(&self, world: &World) -> Option<Broken> {
        let client = world.client(Side::Primary);
        make_group(client, BROKEN).await;
        self.create(client, GUARDED, BROKEN).await;
        world.secondary.control().set_faults(vec![refused("/api/2.0/preview/scim/v2/Groups")]);
        Some(Broken { of: &ListsOfPools, name: GUARDED, why: "version 7" })
    }

    async fn mend_the_reference(&self, world: &World) {
        world.secondary.control().set_faults(Vec::new());
    }
}

#[async_trait]
impl Specimen for ListsOfJobs {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Permissions
    }

    fn names(&self) -> [&'static str; 2] {
        Jobs.names()
    }

    /// Whether somebody beside the owner may do anything.
    fn work(&self) -> [Value; 2] {
        [json!("in force"), json!("held")]
    }

    fn is_fenced(&self) -> bool {
        false
    }

    async fn prepare(&self, world: &World) {
        make_groups(world).await;
    }

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64) {
        Jobs.create(client, name, 1).await;
        grant_job(client, name, version).await;
    }

    async fn change(&self, world: &World, side: Side, name: &str, version: i64) {
        grant_job(world.client(side), name, version).await;
    }

    async fn rename(&self, world: &World, from: &str, to: &str) {
        Jobs.rename(world, from, to).await;
    }

    async fn delete(&self, client: &WorkspaceClient, name: &str) {
        Jobs.delete(client, name).await;
    }

    async fn all(&self, client: &WorkspaceClient) -> Vec<Found> {
        let mut all = Jobs.all(client).await;
        for found in &mut all {
            let list = client.get_permissions(Of::Jobs, &found.id).await.unwrap().direct();
            found.version = granted_version(&list);
            found.work = json!(if list.len() > 1 { "in force" } else { "held" });
        }
        all
    }
}

/// Beside its owner.
async fn grant_job(client: &WorkspaceClient, name: &str, version: i64) {
    let job = Jobs.found(client, name).await.id;
    let mut grants = client.get_permissions(Of::Jobs, &job).await.unwrap().direct();
    grants.retain(|grant| grant.permission_level == "IS_OWNER");
    grants.push(group(&group_of(version), "CAN_MANAGE_RUN"));
    client.put_permissions(Of::Jobs, &job, &grants).await.unwrap();
}
