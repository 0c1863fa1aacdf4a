//! Nothing is deleted because one listing left it out.

use farshore_databricks::{ContentFormat, Credential, ImportTarget, PrincipalKind, WorkspaceClient};
use farshore_model::{
    group::Side,
    kind::ObjectKind,
    plan::{PlanAction, SyncPlan},
};
use farshore_simulator::Content;
use farshore_sync::render_text;
use serde_json::json;

use crate::world::{World, fault, impatient, item, refusal};

const NOTEBOOK: &str = "/Shared/etl";

async fn write(client: &WorkspaceClient) {
    let target = ImportTarget {
        path: NOTEBOOK,
        format: ContentFormat::Source,
        language: Some("PYTHON"),
        is_overwriting: true,
    };
    client.import(target, b"print(1)\n".to_vec()).await.unwrap();
}

/// A pair that was equal, and a plan that was made while the source did not list its notebook.
async fn with_a_notebook_to_delete() -> (World, SyncPlan) {
    let world = World::with(Content::Empty).await;
    write(world.client(Side::Primary)).await;
    world.sync().await;
    world.client(Side::Primary).delete_path(NOTEBOOK, false).await.unwrap();
    let plan = world.plan().await;
    assert_eq!(item(&plan, NOTEBOOK).action, PlanAction::Delete, "{}", render_text(&plan));
    (world, plan)
}

/// Why the deletion failed, with the copy still there.
async fn refused(world: &World, plan: &SyncPlan) -> String {
    let (report, sink) = world.apply(plan).await;
    assert_eq!(report.failed, 1, "{:#?}", sink.outcomes());
    world.client(Side::Secondary).get_path(NOTEBOOK).await.unwrap();
    sink.failed().remove(0).error.unwrap()
}

#[tokio::test]
async fn what_the_source_has_is_not_deleted_whatever_its_listing_said() {
    let (world, plan) = with_a_notebook_to_delete().await;
    write(world.client(Side::Primary)).await;
    let why = refused(&world, &plan).await;
    assert!(why.contains("still in primary") && why.contains("nothing was deleted"), "{why}");
    world.sync().await;
    world.assert_in_sync().await;
}

#[tokio::test]
async fn what_cannot_be_looked_for_on_the_source_is_not_deleted() {
    let (world, plan) = with_a_notebook_to_delete().await;
    let forbidden = fault("/api/2.0/workspace/get-status", None, refusal(403, "PERMISSION_DENIED"));
    world.primary.control().set_faults(vec![forbidden]);
    let why = refused(&world, &plan).await;
    assert!(why.contains("nothing was deleted") && why.contains("on purpose"), "{why}");
    world.primary.control().set_faults(Vec::new());
    world.sync().await;
    assert!(world.client(Side::Secondary).get_path(NOTEBOOK).await.is_err());
    world.assert_in_sync().await;
}

#[tokio::test]
async fn what_a_credential_without_administration_does_not_see_is_not_deleted() {
    let mut world = World::with(Content::Empty).await;
    let admin = world.client(Side::Primary).clone();
    admin.create_principal(PrincipalKind::Group, &json!({"displayName": "etl"})).await.unwrap();
    let credential = Credential::ClientSecret {
        client_id: "b7c1de0a-panel".to_owned(),
        client_secret: "dapi-test".into(),
    };
    world.ctx.primary.client =
        WorkspaceClient::new(world.primary.url().parse().unwrap(), credential, impatient()).unwrap();
    let own = world.client(Side::Primary).me().await.unwrap().id.unwrap();
    world.sync().await;

    // It is in the group `etl` instead of the group `admins`.
    let groups = admin.list_principals(PrincipalKind::Group, None).await.unwrap();
    let id_of = |name: &str| {
        let group = groups.iter().find(|group| group["displayName"] == name).unwrap();
        group["id"].as_str().unwrap().to_owned()
    };
    let join = json!({"op": "add", "path": "members", "value": [{"value": own}]});
    let leave = json!({"op": "remove", "path": format!("members[value eq \"{own}\"]")});
    admin.patch_principal(PrincipalKind::Group, &id_of("etl"), &[join]).await.unwrap();
    admin.patch_principal(PrincipalKind::Group, &id_of("admins"), &[leave]).await.unwrap();
    assert!(!world.client(Side::Primary).me().await.unwrap().is_admin);

    let job = json!({"name": "gone", "tasks": []});
    let job = admin.create_job(&job).await.unwrap();
    world.sync().await;
    admin.delete_job(job).await.unwrap();
    let plan = world.plan().await;
    let gone = item(&plan, "gone");
    assert_eq!(
        (gone.action, gone.object.kind),
        (PlanAction::Skip, ObjectKind::Jobs),
        "{}",
        render_text(&plan)
    );
    assert!(gone.reason.as_ref().unwrap().contains("not in the group admins"), "{:?}", gone.reason);
    world.apply(&plan).await;
    assert_eq!(world.client(Side::Secondary).list_jobs().await.unwrap().len(), 1);

    // An administrator sees that it has gone.
    world.ctx.primary.client = admin;
    let plan = world.sync().await;
    assert_eq!(item(&plan, "gone").action, PlanAction::Delete, "{}", render_text(&plan));
    assert_eq!(world.client(Side::Secondary).list_jobs().await.unwrap(), [] as [serde_json::Value; 0]);
}
