//! Folders, notebooks and files of the workspace tree. Their path is their name, and who moves one makes it anew.

use std::sync::Arc;

use async_trait::async_trait;
use farshore_databricks::{ContentFormat, ImportTarget, TreeObject, WorkspaceClient};
use farshore_model::{
    group::Side,
    kind::ObjectKind,
    replication_settings::{OnDrift, ReplicationSettings},
};
use farshore_simulator::Content;
use farshore_sync::render_text;
use serde_json::Value;

use super::{BROKEN, Broken, Found, Specimen, version_in};
use crate::world::{World, item, to_apply};

/// On the secondary somebody has put a file where the primary has a folder.
const TAKEN: &str = "/Taken";

pub struct Folders;
pub struct Notebooks;
pub struct Files;

/// Everything that lies in a workspace.
async fn everything(client: &WorkspaceClient) -> Vec<TreeObject> {
    let (mut folders, mut found) = (vec!["/".to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        let objects = client.list_folder(&folder, None).await.unwrap();
        let inner = objects.iter().filter(|object| object.object_type == "DIRECTORY");
        folders.extend(inner.map(|folder| folder.path.to_string()));
        found.extend(objects);
    }
    found
}

async fn all_of(client: &WorkspaceClient, object_type: &str) -> Vec<Found> {
    let mut all = everything(client).await;
    all.retain(|object| object.object_type == object_type);
    let found = |object: TreeObject| Found {
        id: object.object_id.unwrap().to_string(),
        name: object.path.to_string(),
        version: None,
        work: Value::Null,
    };
    all.into_iter().map(found).collect()
}

/// The same, each with the version that its content ends with.
async fn all_with_content(client: &WorkspaceClient, object_type: &str) -> Vec<Found> {
    let mut all = all_of(client, object_type).await;
    for found in &mut all {
        let content = client.export(&found.name, ContentFormat::Auto).await.unwrap();
        found.version = version_in(&String::from_utf8(content).unwrap());
    }
    all
}

async fn put_file(client: &WorkspaceClient, path: &str, content: String) {
    let target = ImportTarget { path, format: ContentFormat::Raw, language: None, is_overwriting: true };
    client.import(target, content.into_bytes()).await.unwrap();
}

async fn put_notebook(client: &WorkspaceClient, path: &str, version: i64) {
    let source = format!("# Databricks notebook source\nprint({version})");
    client.import_notebook(path, "PYTHON", source.into_bytes()).await.unwrap();
}

async fn take_the_place(world: &World) {
    put_file(world.client(Side::Secondary), TAKEN, "mine".to_owned()).await;
}

async fn leave_the_place(world: &World) {
    world.client(Side::Secondary).delete_path(TAKEN, false).await.unwrap();
}

/// The version of a folder is in the name of the only folder in it.
#[async_trait]
impl Specimen for Folders {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Folders
    }

    fn names(&self) -> [&'static str; 2] {
        ["/Production", "/Shared/production"]
    }

    fn keeps_its_id(&self) -> bool {
        false
    }

    fn has_settings(&self) -> bool {
        false
    }

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64) {
        client.make_folder(&format!("{name}/version-{version}")).await.unwrap();
    }

    async fn change(&self, world: &World, side: Side, name: &str, version: i64) {
        let client = world.client(side);
        for old in client.list_folder(name, None).await.unwrap() {
            client.delete_path(&old.path, true).await.unwrap();
        }
        self.create(client, name, version).await;
    }

    async fn delete(&self, client: &WorkspaceClient, name: &str) {
        client.delete_path(name, true).await.unwrap();
    }

    async fn all(&self, client: &WorkspaceClient) -> Vec<Found> {
        let mut all = all_of(client, "DIRECTORY").await;
        let paths: Vec<String> = all.iter().map(|found| found.name.clone()).collect();
        for found in &mut all {
            let inner = paths.iter().find_map(|path| path.strip_prefix(&format!("{}/version-", found.name)));
            found.version = inner.and_then(|version| version.parse().ok());
        }
        all
    }

    async fn break_a_reference(&self, world: &World) -> Option<Broken> {
        take_the_place(world).await;
        self.create(world.client(Side::Primary), TAKEN, BROKEN).await;
        Some(Broken { of: &Folders, name: TAKEN, why: "something that is no folder is at its path" })
    }

    async fn mend_the_reference(&self, world: &World) {
        leave_the_place(world).await;
    }
}

#[async_trait]
impl Specimen for Notebooks {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Notebooks
    }

    fn names(&self) -> [&'static str; 2] {
        ["/Shared/load", "/Production/load"]
    }

    fn keeps_its_id(&self) -> bool {
        false
    }

    async fn prepare(&self, world: &World) {
        world.client(Side::Primary).make_folder("/Production").await.unwrap();
    }

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64) {
        put_notebook(client, name, version).await;
    }

    async fn change(&self, world: &World, side: Side, name: &str, version: i64) {
        put_notebook(world.client(side), name, version).await;
    }

    async fn delete(&self, client: &WorkspaceClient, name: &str) {
        client.delete_path(name, false).await.unwrap();
    }

    async fn all(&self, client: &WorkspaceClient) -> Vec<Found> {
        all_with_content(client, "NOTEBOOK").await
    }

    async fn break_a_reference(&self, world: &World) -> Option<Broken> {
        take_the_place(world).await;
        let client = world.client(Side::Primary);
        client.make_folder(TAKEN).await.unwrap();
        put_notebook(client, "/Taken/report", BROKEN).await;
        Some(Broken { of: &Notebooks, name: "/Taken/report", why: TAKEN })
    }

    async fn mend_the_reference(&self, world: &World) {
        leave_the_place(world).await;
    }
}

#[async_trait]
impl Specimen for Files {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Files
    }

    fn names(&self) -> [&'static str; 2] {
        ["/Shared/rates.csv", "/Production/rates.csv"]
    }

    fn keeps_its_id(&self) -> bool {
        false
    }

    async fn prepare(&self, world: &World) {
        world.client(Side::Primary).make_folder("/Production").await.unwrap();
    }

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64) {
        put_file(client, name, format!("version {version}\n")).await;
    }

    async fn change(&self, world: &World, side: Side, name: &str, version: i64) {
        self.create(world.client(side), name, version).await;
    }

    async fn delete(&self, client: &WorkspaceClient, name: &str) {
        client.delete_path(name, false).await.unwrap();
    }

    async fn all(&self, client: &WorkspaceClient) -> Vec<Found> {
        all_with_content(client, "FILE").await
    }

    async fn break_a_reference(&self, world: &World) -> Option<Broken> {
        take_the_place(world).await;
        let client = world.client(Side::Primary);
        client.make_folder(TAKEN).await.unwrap();
        self.create(client, "/Taken/report.csv", BROKEN).await;
        Some(Broken { of: &Files, name: "/Taken/report.csv", why: TAKEN })
    }

    async fn mend_the_reference(&self, world: &World) {
        leave_the_place(world).await;
    }
}

/// What was deleted by hand on the passive side stays so: its access control list is nothing for which
/// a folder would have to come again.
#[tokio::test]
async fn a_folder_that_may_stay_deleted_stays_so() {
    let mut world = World::with(Content::Empty).await;
    world.client(Side::Primary).make_folder("/Production").await.unwrap();
    world.sync().await;
    let settings = ReplicationSettings { on_drift: OnDrift::Keep, ..ReplicationSettings::default() };
    world.ctx.settings = Arc::new(settings);
    world.client(Side::Secondary).delete_path("/Production", false).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(to_apply(&plan), [], "{}", render_text(&plan));
    let why = item(&plan, "/Production").reason.as_deref();
    assert_eq!(why, Some("it was deleted in secondary only, and stays deleted there"));
}

/// Whatever the primary has at the path.
#[tokio::test]
async fn what_somebody_has_put_in_the_place_is_told_and_stays() {
    for specimen in [&Folders as &dyn Specimen, &Notebooks] {
        let world = World::with(Content::Empty).await;
        take_the_place(&world).await;
        specimen.create(world.client(Side::Primary), TAKEN, 1).await;
        let (_, sink) = world.apply(&world.plan().await).await;
        let failed = sink.failed();
        let told = failed.iter().find(|told| told.name == TAKEN).expect("an outcome");
        let why = format!("something that is no {} is at its path", specimen.kind().singular());
        assert!(told.error.as_ref().unwrap().contains(&why), "{told:#?}");
        let there = world.client(Side::Secondary);
        assert_eq!(there.export(TAKEN, ContentFormat::Raw).await.unwrap(), b"mine");
    }
}
