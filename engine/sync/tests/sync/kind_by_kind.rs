//! An object of every kind is led through its whole life on both sides: created, changed, renamed, changed and deleted
//! by hand where it must not be, referring to what is not there, active and back, and deleted.

mod compute;
mod jobs;
mod life;
mod lists;
mod people;
mod storage;
mod tree;

use async_trait::async_trait;
use farshore_databricks::WorkspaceClient;
use farshore_model::{group::Side, kind::ObjectKind};
use serde_json::Value;

use self::life::Life;
use crate::world::World;

/// The version of what refers to something that is not there.
const BROKEN: i64 = 7;

/// One object as its workspace shows it.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    id: String,
    name: String,
    /// None of what no specimen has made.
    version: Option<i64>,
    /// What it does by itself; null for what does nothing.
    work: Value,
}

/// An object of the primary that refers to something that is not there.
struct Broken {
    of: &'static dyn Specimen,
    name: &'static str,
    /// What is told of it, among other things.
    why: &'static str,
}

/// What a person does with one object of a kind, in one workspace and through its API.
#[async_trait]
trait Specimen: Sync {
    fn kind(&self) -> ObjectKind;

    /// What it is called at first, and later.
    fn names(&self) -> [&'static str; 2];

    /// Under a new name it is the same object. Else its name is what it is known by, and a new one makes a new object.
    fn keeps_its_id(&self) -> bool {
        true
    }

    /// It is more than its name.
    fn has_settings(&self) -> bool {
        true
    }

    /// What a plan says of an object that was deleted by hand on the passive side.
    fn why_it_comes_again(&self) -> Option<&'static str> {
        Some("it was deleted by hand in secondary")
    }

    /// A deletion that is carried leaves it as somebody who may not do anything.
    fn is_deactivated(&self) -> bool {
        false
    }

    /// A deactivated one is there under this id.
    async fn is_left(&self, _client: &WorkspaceClient, _id: &str) -> bool {
        false
    }

    /// What it does where it is active, and where it is passive.
    fn work(&self) -> [Value; 2] {
        [Value::Null, Value::Null]
    }

    /// A fence puts it to rest, and not only the next sync.
    fn is_fenced(&self) -> bool {
        true
    }

    /// Makes what every version of it needs.
    async fn prepare(&self, _world: &World) {}

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64);

    /// Changes it on a side on which it is.
    async fn change(&self, world: &World, side: Side, name: &str, version: i64);

    /// As a person does where the API knows no renaming.
    async fn rename(&self, world: &World, from: &str, to: &str) {
        let client = world.client(Side::Primary);
        let version = self.found(client, from).await.version.expect("a specimen");
        self.create(client, to, version).await;
        self.delete(client, from).await;
    }

    async fn delete(&self, client: &WorkspaceClient, name: &str);

    /// Everything of the kind that a workspace has.
    async fn all(&self, client: &WorkspaceClient) -> Vec<Found>;

    /// Makes something in version [`BROKEN`] of which a reference from or to an object of the kind leads nowhere; None
    /// where there are no such references.
    async fn break_a_reference(&self, _world: &World) -> Option<Broken> {
        None
    }

    async fn mend_the_reference(&self, _world: &World) {}

    /// The only one of that name.
    async fn found(&self, client: &WorkspaceClient, name: &str) -> Found {
        let all = self.all(client).await;
        let mut named: Vec<&Found> = all.iter().filter(|found| found.name == name).collect();
        let only = named.pop().unwrap_or_else(|| panic!("{name} in {all:#?}"));
        assert!(named.is_empty(), "{name} is there twice: {all:#?}");
        only.clone()
    }
}

/// One test for each specimen, and one that misses the kinds that have none.
macro_rules! lives {
    ($($test:ident: $specimen:expr;)*) => {
        $(#[tokio::test]
        async fn $test() {
            Life::begin(&$specimen).await.lead().await;
        })*

        #[test]
        fn no_kind_is_without_a_life() {
            let specimens: [&dyn Specimen; ObjectKind::ALL.len()] = [$(&$specimen),*];
            assert_eq!(specimens.map(|specimen| specimen.kind()), ObjectKind::ALL);
        }
    };
}

lives! {
    users_live_and_move_and_end: people::Users;
    service_principals_live_and_move_and_end: people::ServicePrincipals;
    groups_live_and_move_and_end: people::Groups;
    instance_profiles_live_and_move_and_end: storage::InstanceProfiles;
    folders_live_and_move_and_end: tree::Folders;
    notebooks_live_and_move_and_end: tree::Notebooks;
    files_live_and_move_and_end: tree::Files;
    dbfs_files_live_and_move_and_end: storage::DbfsFiles;
    init_scripts_live_and_move_and_end: storage::InitScripts;
    instance_pools_live_and_move_and_end: compute::InstancePools;
    cluster_policies_live_and_move_and_end: compute::ClusterPolicies;
    clusters_live_and_move_and_end: compute::Clusters;
    jobs_live_and_move_and_end: jobs::Jobs;
    permissions_live_and_move_and_end: lists::ListsOfPools;
}

/// What a list of a job grants is in force where the job is active, and nowhere else.
#[tokio::test]
async fn permissions_of_jobs_are_held_until_a_release() {
    let life = Life::begin(&lists::ListsOfJobs).await;
    life.arrive().await;
    life.go_and_come_back().await;
}

/// The number at the end of a text, after a space or a hyphen.
fn version_in(text: &str) -> Option<i64> {
    text.trim_end_matches([')', '\n']).rsplit([' ', '-', '(']).next()?.parse().ok()
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
