//! Instance pools, cluster policies and clusters. Their version is a number of minutes.

use async_trait::async_trait;
use farshore_databricks::WorkspaceClient;
use farshore_model::{group::Side, kind::ObjectKind};
use serde_json::{Value, json};

use super::{BROKEN, Broken, Found, Specimen, text};
use crate::{permissions::refused, world::World};

/// What a cluster may be left to itself at least.
const LEAST_MINUTES: i64 = 10;
const MIN_IDLE: i64 = 2;

pub struct InstancePools;
pub struct ClusterPolicies;
pub struct Clusters;

fn version_of(minutes: &Value) -> Option<i64> {
    minutes.as_i64().map(|minutes| minutes - LEAST_MINUTES)
}

/// A cluster of the primary in the version of what is broken, that names something by a field.
async fn make_cluster_with(world: &World, name: &str, field: &str, id: &str) {
    let mut cluster = Clusters::settings(name, BROKEN);
    if field == "instance_pool_id" {
        cluster.as_object_mut().unwrap().remove("node_type_id");
    }
    cluster[field] = json!(id);
    world.client(Side::Primary).create_cluster(&cluster).await.unwrap();
}

async fn edit_to_need_nothing(world: &World, name: &str) {
    let mut cluster = Clusters::settings(name, BROKEN);
    cluster["cluster_id"] = json!(Clusters.found(world.client(Side::Primary), name).await.id);
    world.edit_cluster(Side::Primary, &cluster).await;
}

impl InstancePools {
    async fn edit(client: &WorkspaceClient, name: &str, field: &str, value: Value) {
        let mut pool = client.get_pool(&Self.found(client, name).await.id).await.unwrap();
        pool[field] = value;
        client.edit_pool(&pool).await.unwrap();
    }
}

#[async_trait]
impl Specimen for InstancePools {
    fn kind(&self) -> ObjectKind {
        ObjectKind::InstancePools
    }

    fn names(&self) -> [&'static str; 2] {
        ["Small", "Small workers"]
    }

    fn work(&self) -> [Value; 2] {
        [json!(MIN_IDLE), json!(0)]
    }

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64) {
        let pool = json!({
            "instance_pool_name": name, "node_type_id": "m5d.large", "min_idle_instances": MIN_IDLE,
            "max_capacity": 10, "idle_instance_autotermination_minutes": LEAST_MINUTES + version,
        });
        client.create_pool(&pool).await.unwrap();
    }

    async fn change(&self, world: &World, side: Side, name: &str, version: i64) {
        let minutes = json!(LEAST_MINUTES + version);
        Self::edit(world.client(side), name, "idle_instance_autotermination_minutes", minutes).await;
    }

    async fn rename(&self, world: &World, from: &str, to: &str) {
        Self::edit(world.client(Side::Primary), from, "instance_pool_name", json!(to)).await;
    }

    async fn delete(&self, client: &WorkspaceClient, name: &str) {
        client.delete_pool(&self.found(client, name).await.id).await.unwrap();
    }

    async fn all(&self, client: &WorkspaceClient) -> Vec<Found> {
        let found = |pool: Value| Found {
            id: text(&pool, "instance_pool_id"),
            name: text(&pool, "instance_pool_name"),
            version: version_of(&pool["idle_instance_autotermination_minutes"]),
            work: pool["min_idle_instances"].clone(),
        };
        client.list_pools().await.unwrap().into_iter().map(found).collect()
    }

    /// A cluster of a pool that is gone.
    async fn break_a_reference(&self, world: &World) -> Option<Broken> {
        let client = world.client(Side::Primary);
        self.create(client, "Gone", 1).await;
        let pool = self.found(client, "Gone").await.id;
        make_cluster_with(world, "Poolless", "instance_pool_id", &pool).await;
        client.delete_pool(&pool).await.unwrap();
        Some(Broken { of: &Clusters, name: "Poolless", why: "it refers to the instance pool" })
    }

    async fn mend_the_reference(&self, world: &World) {
        edit_to_need_nothing(world, "Poolless").await;
    }
}

impl ClusterPolicies {
    fn definition(version: i64) -> Value {
        json!({"autotermination_minutes": {"type": "fixed", "value": LEAST_MINUTES + version}})
    }

    async fn edit(client: &WorkspaceClient, name: &str, field: &str, value: &str) {
        let mut policy = client.get_policy(&Self.found(client, name).await.id).await.unwrap();
        policy[field] = json!(value);
        client.edit_policy(&policy).await.unwrap();
    }
}

#[async_trait]
impl Specimen for ClusterPolicies {
    fn kind(&self) -> ObjectKind {
        ObjectKind::ClusterPolicies
    }

    fn names(&self) -> [&'static str; 2] {
        ["Modest", "Modest clusters"]
    }

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64) {
        let policy = json!({"name": name, "definition": Self::definition(version).to_string()});
        client.create_policy(&policy).await.unwrap();
    }

    async fn change(&self, world: &World, side: Side, name: &str, version: i64) {
        let definition = Self::definition(version).to_string();
        Self::edit(world.client(side), name, "definition", &definition).await;
    }

    async fn rename(&self, world: &World, from: &str, to: &str) {
        Self::edit(world.client(Side::Primary), from, "name", to).await;
    }

    async fn delete(&self, client: &WorkspaceClient, name: &str) {
        client.delete_policy(&self.found(client, name).await.id).await.unwrap();
    }

    async fn all(&self, client: &WorkspaceClient) -> Vec<Found> {
        let found = |policy: Value| {
            let definition: Value = serde_json::from_str(&text(&policy, "definition")).unwrap();
            Found {
                id: text(&policy, "policy_id"),
                name: text(&policy, "name"),
                version: version_of(&definition["autotermination_minutes"]["value"]),
                work: Value::Null,
            }
        };
        client.list_policies().await.unwrap().into_iter().map(found).collect()
    }

    /// A policy for a pool that cannot be made.
    async fn break_a_reference(&self, world: &World) -> Option<Broken> {
        let client = world.client(Side::Primary);
        InstancePools.create(client, "Refused", 1).await;
        let pool = InstancePools.found(client, "Refused").await.id;
        let mut definition = Self::definition(BROKEN);
        definition["instance_pool_id"] = json!({"type": "fixed", "value": pool});
        let policy = json!({"name": "On the refused", "definition": definition.to_string()});
        client.create_policy(&policy).await.unwrap();
        world.secondary.control().set_faults(vec![refused("/api/2.0/instance-pools/create")]);
        Some(Broken { of: &ClusterPolicies, name: "On the refused", why: "Refused" })
    }

    async fn mend_the_reference(&self, world: &World) {
        world.secondary.control().set_faults(Vec::new());
    }
}

impl Clusters {
    pub fn settings(name: &str, version: i64) -> Value {
        json!({
            "cluster_name": name, "spark_version": "15.4.x-scala2.12", "node_type_id": "m5d.large", "num_workers": 1,
            "autotermination_minutes": LEAST_MINUTES + version,
        })
    }

    async fn edit(world: &World, side: Side, name: &str, field: &str, value: Value) {
        let client = world.client(side);
        let mut cluster = client.get_cluster(&Self.found(client, name).await.id).await.unwrap();
        cluster[field] = value;
        world.edit_cluster(side, &cluster).await;
    }
}

#[async_trait]
impl Specimen for Clusters {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Clusters
    }

    fn names(&self) -> [&'static str; 2] {
        ["ETL", "Nightly ETL"]
    }

    fn work(&self) -> [Value; 2] {
        [json!("up"), json!("down")]
    }

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64) {
        client.create_cluster(&Self::settings(name, version)).await.unwrap();
    }

    async fn change(&self, world: &World, side: Side, name: &str, version: i64) {
        let minutes = json!(LEAST_MINUTES + version);
        Self::edit(world, side, name, "autotermination_minutes", minutes).await;
    }

    async fn rename(&self, world: &World, from: &str, to: &str) {
        Self::edit(world, Side::Primary, from, "cluster_name", json!(to)).await;
    }

    async fn delete(&self, client: &WorkspaceClient, name: &str) {
        client.permanent_delete_cluster(&self.found(client, name).await.id).await.unwrap();
    }

    async fn all(&self, client: &WorkspaceClient) -> Vec<Found> {
        let found = |cluster: Value| {
            let is_down = matches!(cluster["state"].as_str(), Some("TERMINATING" | "TERMINATED"));
            Found {
                id: text(&cluster, "cluster_id"),
                name: text(&cluster, "cluster_name"),
                version: version_of(&cluster["autotermination_minutes"]),
                work: json!(if is_down { "down" } else { "up" }),
            }
        };
        client.list_clusters().await.unwrap().into_iter().map(found).collect()
    }

    /// A cluster of a policy that is gone.
    async fn break_a_reference(&self, world: &World) -> Option<Broken> {
        let client = world.client(Side::Primary);
        ClusterPolicies.create(client, "Gone", BROKEN).await;
        let policy = ClusterPolicies.found(client, "Gone").await.id;
        make_cluster_with(world, "Lawless", "policy_id", &policy).await;
        client.delete_policy(&policy).await.unwrap();
        Some(Broken { of: &Clusters, name: "Lawless", why: "it refers to the cluster policy" })
    }

    async fn mend_the_reference(&self, world: &World) {
        edit_to_need_nothing(world, "Lawless").await;
    }
}
