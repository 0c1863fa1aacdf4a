//! Instance profiles, files of DBFS and global init scripts.

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use farshore_databricks::{ErrorKind, Upload, WorkspaceClient};
use farshore_model::{group::Side, kind::ObjectKind};
use serde_json::{Value, json};

use super::{BROKEN, Broken, Found, Specimen, compute::Clusters, jobs::Jobs, text, version_in};
use crate::world::World;

const UNKNOWN: &str = "arn:aws:iam::123456789012:instance-profile/unknown";

pub struct InstanceProfiles;
pub struct DbfsFiles;
pub struct InitScripts;

/// The version of a profile is in its role.
fn profile(arn: &str, version: i64) -> Value {
    let role = format!("arn:aws:iam::123456789012:role/version-{version}");
    json!({"instance_profile_arn": arn, "iam_role_arn": role, "skip_validation": true})
}

#[async_trait]
impl Specimen for InstanceProfiles {
    fn kind(&self) -> ObjectKind {
        ObjectKind::InstanceProfiles
    }

    fn names(&self) -> [&'static str; 2] {
        [
            "arn:aws:iam::123456789012:instance-profile/etl",
            "arn:aws:iam::123456789012:instance-profile/pipelines",
        ]
    }

    fn keeps_its_id(&self) -> bool {
        false
    }

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64) {
        client.add_instance_profile(&profile(name, version)).await.unwrap();
    }

    async fn change(&self, world: &World, side: Side, name: &str, version: i64) {
        world.client(side).edit_instance_profile(&profile(name, version)).await.unwrap();
    }

    async fn delete(&self, client: &WorkspaceClient, name: &str) {
        client.remove_instance_profile(name).await.unwrap();
    }

    async fn all(&self, client: &WorkspaceClient) -> Vec<Found> {
        let found = |profile: Value| Found {
            id: text(&profile, "instance_profile_arn"),
            name: text(&profile, "instance_profile_arn"),
            version: version_in(&text(&profile, "iam_role_arn")),
            work: Value::Null,
        };
        client.list_instance_profiles().await.unwrap().into_iter().map(found).collect()
    }

    /// A cluster with a profile that is not registered.
    async fn break_a_reference(&self, world: &World) -> Option<Broken> {
        let client = world.client(Side::Primary);
        self.create(client, UNKNOWN, 1).await;
        let mut cluster = Clusters::settings("Unprofiled", BROKEN);
        cluster["aws_attributes"] = json!({"instance_profile_arn": UNKNOWN});
        client.create_cluster(&cluster).await.unwrap();
        self.delete(client, UNKNOWN).await;
        Some(Broken { of: &Clusters, name: "Unprofiled", why: UNKNOWN })
    }

    async fn mend_the_reference(&self, world: &World) {
        self.create(world.client(Side::Primary), UNKNOWN, 1).await;
    }
}

/// Without the scheme by which everybody calls a file.
fn path_of(name: &str) -> &str {
    name.strip_prefix("dbfs:").unwrap()
}

async fn put(client: &WorkspaceClient, name: &str, version: i64) {
    let content = Upload::from(format!("print({version})\n").into_bytes());
    client.put_dbfs(path_of(name), &content).await.unwrap();
}

/// The job that makes a file one to be carried.
fn runner_of(name: &str) -> String {
    format!("Runs {name}")
}

#[async_trait]
impl Specimen for DbfsFiles {
    fn kind(&self) -> ObjectKind {
        ObjectKind::DbfsFiles
    }

    fn names(&self) -> [&'static str; 2] {
        ["dbfs:/scripts/main.py", "dbfs:/scripts/load.py"]
    }

    fn keeps_its_id(&self) -> bool {
        false
    }

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64) {
        put(client, name, version).await;
        let mut job = Jobs::settings(&runner_of(name), 1);
        job["tasks"] = json!([{
            "task_key": "main", "spark_python_task": {"python_file": name}, "new_cluster": {
                "spark_version": "15.4.x-scala2.12", "node_type_id": "m5d.large", "num_workers": 1,
            },
        }]);
        client.create_job(&job).await.unwrap();
    }

    async fn change(&self, world: &World, side: Side, name: &str, version: i64) {
        put(world.client(side), name, version).await;
    }

    async fn delete(&self, client: &WorkspaceClient, name: &str) {
        Jobs.delete(client, &runner_of(name)).await;
        client.delete_dbfs(path_of(name), false).await.unwrap();
    }

    async fn all(&self, client: &WorkspaceClient) -> Vec<Found> {
        let files = match client.list_dbfs("/scripts").await {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            files => files.unwrap(),
        };
        let mut all = Vec::new();
        for file in files {
            let content = client.export_dbfs(&file.path).await.unwrap();
            let version = version_in(&String::from_utf8(content).unwrap());
            let name = format!("dbfs:{}", file.path);
            all.push(Found { id: file.path, name, version, work: Value::Null });
        }
        all
    }

    /// A job with a file that is not there.
    async fn break_a_reference(&self, world: &World) -> Option<Broken> {
        let client = world.client(Side::Primary);
        let name = "dbfs:/scripts/missing.py";
        self.create(client, name, BROKEN).await;
        client.delete_dbfs(path_of(name), false).await.unwrap();
        Some(Broken { of: &DbfsFiles, name, why: "refers to it, and it does not exist" })
    }

    async fn mend_the_reference(&self, world: &World) {
        put(world.client(Side::Primary), "dbfs:/scripts/missing.py", BROKEN).await;
    }
}

fn script(name: &str, version: i64) -> Value {
    json!({"name": name, "script": STANDARD.encode(format!("echo {version}")), "enabled": true})
}

/// Scripts refer to nothing, and nothing refers to them.
#[async_trait]
impl Specimen for InitScripts {
    fn kind(&self) -> ObjectKind {
        ObjectKind::InitScripts
    }

    fn names(&self) -> [&'static str; 2] {
        ["agent", "monitoring agent"]
    }

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64) {
        client.create_global_init_script(&script(name, version)).await.unwrap();
    }

    async fn change(&self, world: &World, side: Side, name: &str, version: i64) {
        let client = world.client(side);
        let id = self.found(client, name).await.id;
        client.update_global_init_script(&id, &script(name, version)).await.unwrap();
    }

    async fn rename(&self, world: &World, from: &str, to: &str) {
        let client = world.client(Side::Primary);
        let id = self.found(client, from).await.id;
        client.update_global_init_script(&id, &json!({"name": to})).await.unwrap();
    }

    async fn delete(&self, client: &WorkspaceClient, name: &str) {
        client.delete_global_init_script(&self.found(client, name).await.id).await.unwrap();
    }

    async fn all(&self, client: &WorkspaceClient) -> Vec<Found> {
        let mut all = Vec::new();
        for listed in client.list_global_init_scripts().await.unwrap() {
            let id = text(&listed, "script_id");
            let whole = client.get_global_init_script(&id).await.unwrap();
            let script = String::from_utf8(STANDARD.decode(text(&whole, "script")).unwrap()).unwrap();
            all.push(Found {
                id,
                name: text(&listed, "name"),
                version: version_in(&script),
                work: Value::Null,
            });
        }
        all
    }
}
