//! Users, service principals and groups. The version of one is in a role, that of a user in the name that is shown.

use async_trait::async_trait;
use farshore_databricks::{PrincipalKind, WorkspaceClient};
use farshore_model::{group::Side, kind::ObjectKind};
use serde_json::{Value, json};

use super::{BROKEN, Broken, Found, Specimen, jobs::Jobs, text, version_in};
use crate::{permissions::refused, world::World};

use PrincipalKind::{Group, ServicePrincipal, User};

const SCIM: &str = "/api/2.0/preview/scim/v2";
const LATE: &str = "late@farshore.example";
const OUTER: &str = "of those who are missing";

pub struct Users;
pub struct ServicePrincipals;
pub struct Groups;

fn role(version: i64) -> Value {
    json!([{"value": format!("arn:aws:iam::123456789012:instance-profile/version-{version}")}])
}

async fn made(client: &WorkspaceClient, kind: PrincipalKind, principal: Value) -> String {
    text(&client.create_principal(kind, &principal).await.unwrap(), "id")
}

/// Everybody who is not deactivated, by what `name` says they are called.
async fn all(
    client: &WorkspaceClient,
    kind: PrincipalKind,
    name: &str,
    version: fn(&Value) -> String,
) -> Vec<Found> {
    let mut principals = client.list_principals(kind, None).await.unwrap();
    principals.retain(|principal| principal["active"] != false);
    let found = |principal: Value| Found {
        id: text(&principal, "id"),
        name: text(&principal, name),
        version: version_in(&version(&principal)),
        work: Value::Null,
    };
    principals.into_iter().map(found).collect()
}

fn role_of(principal: &Value) -> String {
    text(&principal["roles"][0], "value")
}

async fn replace(client: &WorkspaceClient, kind: PrincipalKind, id: &str, path: &str, value: Value) {
    let operation = json!({"op": "replace", "path": path, "value": value});
    client.patch_principal(kind, id, &[operation]).await.unwrap();
}

/// A group on the primary, in the version of what is broken.
async fn make_group_of(world: &World, member: &str) {
    let group = json!({"displayName": OUTER, "roles": role(BROKEN), "members": [{"value": member}]});
    made(world.client(Side::Primary), Group, group).await;
}

/// Nobody of this kind can be made on the secondary.
fn refuse(world: &World, path: &str) {
    world.secondary.control().set_faults(vec![refused(&format!("{SCIM}/{path}"))]);
}

fn refuse_nobody(world: &World) {
    world.secondary.control().set_faults(Vec::new());
}

#[async_trait]
impl Specimen for Users {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Users
    }

    fn names(&self) -> [&'static str; 2] {
        ["ada@farshore.example", "lovelace@farshore.example"]
    }

    /// The address is whom it belongs to.
    fn keeps_its_id(&self) -> bool {
        false
    }

    fn is_deactivated(&self) -> bool {
        true
    }

    async fn is_left(&self, client: &WorkspaceClient, id: &str) -> bool {
        client.get_principal(User, id).await.unwrap()["active"] == false
    }

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64) {
        let user = json!({"userName": name, "displayName": format!("Ada {version}")});
        made(client, User, user).await;
    }

    async fn change(&self, world: &World, side: Side, name: &str, version: i64) {
        let client = world.client(side);
        let id = self.found(client, name).await.id;
        replace(client, User, &id, "displayName", json!(format!("Ada {version}"))).await;
    }

    /// With their home, which would else stay.
    async fn delete(&self, client: &WorkspaceClient, name: &str) {
        client.delete_principal(User, &self.found(client, name).await.id).await.unwrap();
        client.delete_path(&format!("/Users/{name}"), true).await.unwrap();
    }

    async fn all(&self, client: &WorkspaceClient) -> Vec<Found> {
        all(client, User, "userName", |user| text(user, "displayName")).await
    }

    /// A group with somebody who cannot be made.
    async fn break_a_reference(&self, world: &World) -> Option<Broken> {
        let late = made(world.client(Side::Primary), User, json!({"userName": LATE})).await;
        make_group_of(world, &late).await;
        refuse(world, "Users");
        Some(Broken { of: &Groups, name: OUTER, why: LATE })
    }

    async fn mend_the_reference(&self, world: &World) {
        refuse_nobody(world);
    }
}

#[async_trait]
impl Specimen for ServicePrincipals {
    fn kind(&self) -> ObjectKind {
        ObjectKind::ServicePrincipals
    }

    fn names(&self) -> [&'static str; 2] {
        ["runner", "pipeline-runner"]
    }

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64) {
        made(client, ServicePrincipal, json!({"displayName": name, "roles": role(version)})).await;
    }

    async fn change(&self, world: &World, side: Side, name: &str, version: i64) {
        let client = world.client(side);
        replace(client, ServicePrincipal, &self.found(client, name).await.id, "roles", role(version)).await;
    }

    async fn rename(&self, world: &World, from: &str, to: &str) {
        let client = world.client(Side::Primary);
        replace(client, ServicePrincipal, &self.found(client, from).await.id, "displayName", json!(to)).await;
    }

    async fn delete(&self, client: &WorkspaceClient, name: &str) {
        client.delete_principal(ServicePrincipal, &self.found(client, name).await.id).await.unwrap();
    }

    async fn all(&self, client: &WorkspaceClient) -> Vec<Found> {
        all(client, ServicePrincipal, "displayName", role_of).await
    }

    /// A job that runs as one who is gone.
    async fn break_a_reference(&self, world: &World) -> Option<Broken> {
        let client = world.client(Side::Primary);
        let gone = client.create_principal(ServicePrincipal, &json!({"displayName": "gone"})).await.unwrap();
        let mut job = Jobs::settings("of one who is gone", BROKEN);
        job["run_as"] = json!({"service_principal_name": gone["applicationId"]});
        client.create_job(&job).await.unwrap();
        client.delete_principal(ServicePrincipal, &text(&gone, "id")).await.unwrap();
        Some(Broken { of: &Jobs, name: "of one who is gone", why: "it refers to the service principal" })
    }

    async fn mend_the_reference(&self, world: &World) {
        let client = world.client(Side::Primary);
        let [_, name] = self.names();
        let runner = self.found(client, name).await.id;
        let runner = client.get_principal(ServicePrincipal, &runner).await.unwrap();
        let run_as = json!({"run_as": {"service_principal_name": runner["applicationId"]}});
        Jobs::update(client, "of one who is gone", &run_as).await;
    }
}

#[async_trait]
impl Specimen for Groups {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Groups
    }

    fn names(&self) -> [&'static str; 2] {
        ["engineers", "data engineers"]
    }

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64) {
        made(client, Group, json!({"displayName": name, "roles": role(version)})).await;
    }

    async fn change(&self, world: &World, side: Side, name: &str, version: i64) {
        let client = world.client(side);
        replace(client, Group, &self.found(client, name).await.id, "roles", role(version)).await;
    }

    async fn rename(&self, world: &World, from: &str, to: &str) {
        let client = world.client(Side::Primary);
        replace(client, Group, &self.found(client, from).await.id, "displayName", json!(to)).await;
    }

    async fn delete(&self, client: &WorkspaceClient, name: &str) {
        client.delete_principal(Group, &self.found(client, name).await.id).await.unwrap();
    }

    async fn all(&self, client: &WorkspaceClient) -> Vec<Found> {
        all(client, Group, "displayName", role_of).await
    }

    /// A group with a machine that cannot be made.
    async fn break_a_reference(&self, world: &World) -> Option<Broken> {
        let machine = json!({"displayName": "late machine"});
        let machine = made(world.client(Side::Primary), ServicePrincipal, machine).await;
        make_group_of(world, &machine).await;
        refuse(world, "ServicePrincipals");
        Some(Broken { of: &Groups, name: OUTER, why: "late machine" })
    }

    async fn mend_the_reference(&self, world: &World) {
        refuse_nobody(world);
    }
}
