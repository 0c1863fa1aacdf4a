//! Users, service principals and groups.

use std::{collections::BTreeSet, sync::Arc};

use farshore_databricks::{ClientOptions, Credential, PrincipalKind, WorkspaceClient};
use farshore_model::{
    group::Side,
    kind::ObjectKind,
    people::{PeopleDifference, WhatDiffers},
    plan::PlanAction,
    replication_settings::{FilterBy, ReplicationSettings, ScopeFilter},
};
use farshore_simulator::{Content, Effect, Fault};
use farshore_sync::{apply_plan, compare_people, list_people, render_text};
use serde_json::{Value, json};

use crate::world::{Sink, World, client, fault, impatient, item, refusal, to_apply};

use PrincipalKind::{Group, ServicePrincipal, User};

const CREATES: [(ObjectKind, &str); 3] = [
    (ObjectKind::Users, "/api/2.0/preview/scim/v2/Users"),
    (ObjectKind::ServicePrincipals, "/api/2.0/preview/scim/v2/ServicePrincipals"),
    (ObjectKind::Groups, "/api/2.0/preview/scim/v2/Groups"),
];

/// Two users, a machine, and three groups inside one another; the outermost comes first by name.
struct Staff {
    ada: String,
    bo: String,
    runner: String,
    inner: String,
    outer: String,
}

async fn made(client: &WorkspaceClient, kind: PrincipalKind, principal: Value) -> String {
    let made = client.create_principal(kind, &principal).await.unwrap();
    made["id"].as_str().unwrap().to_owned()
}

async fn employ(client: &WorkspaceClient) -> Staff {
    let ada = json!({
        "userName": "ada@farshore.example", "name": {"givenName": "Ada", "familyName": "L"},
        "entitlements": [{"value": "allow-cluster-create"}], "roles": [{"value": "arn:aws:iam::1:instance-profile/etl"}],
    });
    let ada = made(client, User, ada).await;
    let bo = made(client, User, json!({"userName": "bo@farshore.example", "displayName": "Bo"})).await;
    let runner = json!({"displayName": "runner", "entitlements": [{"value": "workspace-access"}]});
    let runner = made(client, ServicePrincipal, runner).await;
    let inner = json!({"displayName": "c-inner", "members": [{"value": ada}, {"value": runner}]});
    let inner = made(client, Group, inner).await;
    let middle = made(client, Group, json!({"displayName": "b-middle", "members": [{"value": inner}]})).await;
    let outer = json!({
        "displayName": "a-outer", "members": [{"value": middle}, {"value": bo}],
        "entitlements": [{"value": "databricks-sql-access"}],
    });
    let outer = made(client, Group, outer).await;
    Staff { ada, bo, runner, inner, outer }
}

async fn staffed() -> (World, Staff) {
    let world = World::with(Content::Empty).await;
    let staff = employ(world.client(Side::Primary)).await;
    world.primary.control().clear_changes();
    (world, staff)
}

async fn patch(client: &WorkspaceClient, kind: PrincipalKind, id: &str, operations: Value) {
    client.patch_principal(kind, id, operations.as_array().unwrap()).await.unwrap();
}

/// The one of that name, on the secondary.
async fn copy(world: &World, kind: PrincipalKind, name: &str) -> Value {
    let field = if kind == User { "userName" } else { "displayName" };
    let all = world.client(Side::Secondary).list_principals(kind, None).await.unwrap();
    all.into_iter()
        .find(|one| one[field].as_str().is_some_and(|found| found.eq_ignore_ascii_case(name)))
        .unwrap_or_else(|| panic!("{name} is not in secondary"))
}

fn members(group: &Value) -> BTreeSet<&str> {
    let members = group["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    members.iter().filter_map(|member| member["display"].as_str()).collect()
}

async fn differences(world: &World) -> Vec<PeopleDifference> {
    let (here, there) =
        tokio::join!(list_people(world.client(Side::Primary)), list_people(world.client(Side::Secondary)));
    compare_people(&here.unwrap(), &there.unwrap())
}

#[tokio::test]
async fn people_come_with_all_they_have_and_groups_inside_groups() {
    let (world, staff) = staffed().await;
    let plan = world.sync().await;
    assert_eq!(item(&plan, "admins").action, PlanAction::Adopt);

    let ada = copy(&world, User, "ada@farshore.example").await;
    assert_eq!(ada["name"], json!({"givenName": "Ada", "familyName": "L"}));
    assert_eq!(ada["entitlements"], json!([{"value": "allow-cluster-create"}]));
    assert_eq!(ada["roles"][0]["value"], "arn:aws:iam::1:instance-profile/etl");
    let own = world.client(Side::Primary).get_principal(ServicePrincipal, &staff.runner).await.unwrap();
    let runner = copy(&world, ServicePrincipal, "runner").await;
    assert_eq!(runner["applicationId"], own["applicationId"], "the account knows it by one id");
    assert_eq!(members(&copy(&world, Group, "c-inner").await), BTreeSet::from(["Ada L", "runner"]));
    assert_eq!(members(&copy(&world, Group, "a-outer").await), BTreeSet::from(["Bo", "b-middle"]));
    world.assert_in_sync().await;
    assert_eq!(differences(&world).await, []);
}

#[tokio::test]
async fn only_what_changed_is_written() {
    let (world, staff) = staffed().await;
    world.sync().await;
    world.secondary.control().clear_changes();
    let here = world.client(Side::Primary);
    let renamed = json!([{"op": "replace", "path": "displayName", "value": "Ada Lovelace"}]);
    patch(here, User, &staff.ada, renamed).await;
    patch(
        here,
        Group,
        &staff.inner,
        json!([
            {"op": "replace", "path": "displayName", "value": "d-inner"},
            {"op": "remove", "path": format!("members[value eq \"{}\"]", staff.runner)},
            {"op": "add", "path": "members", "value": [{"value": staff.bo}]},
            {"op": "add", "path": "entitlements", "value": [{"value": "workspace-access"}]},
        ]),
    )
    .await;
    let off = json!([{"op": "replace", "path": "active", "value": "false"}]);
    patch(here, ServicePrincipal, &staff.runner, off).await;

    let plan = world.plan().await;
    let update = |kind, name: &str| (PlanAction::Update, kind, name.to_owned());
    let expected = [
        update(ObjectKind::Users, "ada@farshore.example"),
        update(ObjectKind::ServicePrincipals, "runner"),
        update(ObjectKind::Groups, "d-inner"),
    ];
    assert_eq!(to_apply(&plan), expected, "{}", render_text(&plan));
    let paths = |name: &str| -> BTreeSet<String> {
        item(&plan, name).changes.iter().map(|change| change.path.clone()).collect()
    };
    assert!(paths("d-inner").contains("displayName"), "{:?}", paths("d-inner"));
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    assert_eq!(world.done_to(Side::Secondary).len(), 3, "{:?}", world.done_to(Side::Secondary));
    assert_eq!(members(&copy(&world, Group, "d-inner").await), BTreeSet::from(["Ada Lovelace", "Bo"]));
    assert_eq!(copy(&world, ServicePrincipal, "runner").await["active"], false);
    world.assert_in_sync().await;
    assert_eq!(differences(&world).await, []);
}

#[tokio::test]
async fn groups_that_change_places_need_no_circle_on_the_way() {
    let (world, staff) = staffed().await;
    world.sync().await;
    let here = world.client(Side::Primary);
    // Outer over middle over inner becomes inner over outer, and middle stays alone.
    let clear = json!([{"op": "remove", "path": "members"}]);
    for name in ["a-outer", "b-middle", "c-inner"] {
        let id = world.id(ObjectKind::Groups, name, Side::Primary).await;
        patch(here, Group, &id, clear.clone()).await;
    }
    let turned = json!([{"op": "add", "path": "members", "value": [{"value": staff.outer}]}]);
    patch(here, Group, &staff.inner, turned).await;
    world.sync().await;
    assert_eq!(members(&copy(&world, Group, "c-inner").await), BTreeSet::from(["a-outer"]));
    assert_eq!(members(&copy(&world, Group, "a-outer").await), BTreeSet::new());
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_deleted_user_is_deactivated_and_a_deleted_group_goes() {
    let (world, staff) = staffed().await;
    world.sync().await;
    let here = world.client(Side::Primary);
    here.delete_principal(User, &staff.bo).await.unwrap();
    here.delete_principal(Group, &staff.inner).await.unwrap();
    here.delete_principal(ServicePrincipal, &staff.runner).await.unwrap();

    let plan = world.plan().await;
    for name in ["bo@farshore.example", "c-inner", "runner"] {
        assert_eq!(item(&plan, name).action, PlanAction::Delete, "{name}");
    }
    let why = item(&plan, "bo@farshore.example").reason.clone().unwrap();
    assert!(why.contains("deactivated"), "{why}");
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    let bo = copy(&world, User, "bo@farshore.example").await;
    assert_eq!(bo["active"], false);
    let groups = world.client(Side::Secondary).list_principals(Group, None).await.unwrap();
    assert_eq!(groups.len(), 4, "two of every workspace and two of ours");
    assert_eq!(
        world.client(Side::Secondary).list_principals(ServicePrincipal, None).await.unwrap(),
        [] as [Value; 0]
    );
    // The ledger knows, and nobody is told of it as of a stranger.
    world.assert_in_sync().await;
    let again = world.plan().await;
    assert!(again.items.iter().all(|item| item.object.kind != ObjectKind::Users), "{}", render_text(&again));
    let entry = world.entry(ObjectKind::Users, "bo@farshore.example").await;
    assert_eq!(entry.secondary_id.as_deref(), bo["id"].as_str());

    // Reactivated by hand, it is deactivated again; back on the source, it is the same one.
    let on = json!([{"op": "replace", "path": "active", "value": "true"}]);
    patch(world.client(Side::Secondary), User, bo["id"].as_str().unwrap(), on).await;
    world.sync().await;
    assert_eq!(copy(&world, User, "bo@farshore.example").await["active"], false);
    made(here, User, json!({"userName": "bo@farshore.example", "displayName": "Bo"})).await;
    let plan = world.sync().await;
    assert_eq!(item(&plan, "bo@farshore.example").action, PlanAction::Adopt, "{}", render_text(&plan));
    let back = copy(&world, User, "bo@farshore.example").await;
    assert_eq!((&back["id"], &back["active"]), (&bo["id"], &json!(true)));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn whoever_was_deactivated_is_not_made_again_where_they_were_deleted() {
    let (world, staff) = staffed().await;
    world.sync().await;
    world.client(Side::Primary).delete_principal(User, &staff.bo).await.unwrap();
    world.sync().await;
    let plan = world.try_plan(Side::Secondary, &farshore_sync::SyncPolicy::forward()).await.unwrap();
    assert_eq!(to_apply(&plan), [], "{}", render_text(&plan));
}

#[tokio::test]
async fn what_was_changed_by_hand_on_the_passive_side_is_undone() {
    let (world, _) = staffed().await;
    world.sync().await;
    let there = world.client(Side::Secondary);
    let stranger = made(there, User, json!({"userName": "cy@farshore.example"})).await;
    let id = async |kind, name| world.id(kind, name, Side::Secondary).await;
    let bo = id(ObjectKind::Users, "bo@farshore.example").await;
    let joined = json!([{"op": "add", "path": "members", "value": [{"value": stranger}, {"value": bo}]}]);
    patch(there, Group, &id(ObjectKind::Groups, "c-inner").await, joined).await;
    let off = json!([{"op": "replace", "path": "active", "value": "false"}]);
    patch(there, User, &id(ObjectKind::Users, "ada@farshore.example").await, off).await;
    there.delete_principal(Group, &id(ObjectKind::Groups, "b-middle").await).await.unwrap();
    assert_eq!(differences(&world).await.len(), 6, "{:#?}", differences(&world).await);

    let plan = world.plan().await;
    let reason = |name: &str| item(&plan, name).reason.clone().unwrap();
    assert_eq!(reason("c-inner"), "it was changed by hand in secondary");
    assert_eq!(reason("ada@farshore.example"), "it was changed by hand in secondary");
    assert_eq!(reason("b-middle"), "it was deleted by hand in secondary");
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    world.assert_in_sync().await;
    let only_there = WhatDiffers::OnlyOn { side: Side::Secondary };
    let left: Vec<_> = differences(&world).await.into_iter().map(|left| (left.name, left.what)).collect();
    assert_eq!(left.len(), 2, "the stranger, who belongs to c-inner: {left:#?}");
    assert!(left.contains(&("cy@farshore.example".to_owned(), only_there)), "{left:#?}");
    let inner = copy(&world, Group, "c-inner").await;
    assert_eq!(members(&inner).len(), 3, "Ada, the machine and the stranger: {inner:#}");
}

#[tokio::test]
async fn whoever_is_on_the_target_alone_stays_in_their_groups() {
    let (world, staff) = staffed().await;
    let there = world.client(Side::Secondary);
    let breaker =
        made(there, User, json!({"userName": "break-glass@farshore.example", "displayName": "Glass"})).await;
    let admins = copy(&world, Group, "admins").await["id"].as_str().unwrap().to_owned();
    let joined = json!([{"op": "add", "path": "members", "value": [{"value": breaker}]}]);
    patch(there, Group, &admins, joined).await;
    world.sync().await;
    world.assert_in_sync().await;
    assert!(members(&copy(&world, Group, "admins").await).contains("Glass"));
    // Also when something else about the group changes.
    let group = world.id(ObjectKind::Groups, "admins", Side::Primary).await;
    let joined = json!([{"op": "add", "path": "members", "value": [{"value": staff.ada}]}]);
    patch(world.client(Side::Primary), Group, &group, joined).await;
    world.sync().await;
    let admins = copy(&world, Group, "admins").await;
    assert!(members(&admins).contains("Glass") && members(&admins).contains("Ada L"), "{admins:#}");
    world.assert_in_sync().await;
}

#[tokio::test]
async fn whoever_a_filter_leaves_out_keeps_nobody_out_of_a_group_and_is_taken_out_of_none() {
    let (mut world, staff) = staffed().await;
    let by = FilterBy::Name { pattern: "bo@*".to_owned() };
    let home = FilterBy::Path { path: "/Users/bo@farshore.example".to_owned() };
    let filters = vec![
        ScopeFilter { kind: Some(ObjectKind::Users), by, is_included: false },
        ScopeFilter { kind: None, by: home, is_included: false },
    ];
    world.ctx.settings = Arc::new(ReplicationSettings { filters, ..ReplicationSettings::default() });
    let plan = world.sync().await;
    assert_eq!(item(&plan, "a-outer").action, PlanAction::Create, "{}", render_text(&plan));
    assert_eq!(members(&copy(&world, Group, "a-outer").await), BTreeSet::from(["b-middle"]));
    world.assert_in_sync().await;

    // They are there by other means, and in another group than on the source.
    let there = world.client(Side::Secondary);
    let bo = made(there, User, json!({"userName": "bo@farshore.example", "displayName": "Bo"})).await;
    let joined = json!([{"op": "add", "path": "members", "value": [{"value": bo}]}]);
    patch(there, Group, &world.id(ObjectKind::Groups, "c-inner", Side::Secondary).await, joined).await;
    world.assert_in_sync().await;
    let left = json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", staff.runner)}]);
    patch(world.client(Side::Primary), Group, &staff.inner, left).await;
    world.sync().await;
    assert_eq!(members(&copy(&world, Group, "c-inner").await), BTreeSet::from(["Ada L", "Bo"]));
    world.assert_in_sync().await;

    // Back in the scope, they belong where the source says.
    world.ctx.settings = Arc::default();
    world.sync().await;
    world.assert_in_sync().await;
    assert_eq!(members(&copy(&world, Group, "c-inner").await), BTreeSet::from(["Ada L"]));
    assert_eq!(members(&copy(&world, Group, "a-outer").await), BTreeSet::from(["b-middle", "Bo"]));
}

/// A machine of the secondary's account, and a job that runs as its counterpart.
#[tokio::test]
async fn a_job_runs_as_the_machine_of_its_own_side() {
    let (world, staff) = staffed().await;
    let there = world.client(Side::Secondary);
    made(there, ServicePrincipal, json!({"displayName": "runner"})).await;
    let here = world.client(Side::Primary);
    let application = async |client: &WorkspaceClient, id: &str| {
        client.get_principal(ServicePrincipal, id).await.unwrap()["applicationId"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let own = application(here, &staff.runner).await;
    let job = json!({
        "name": "nightly", "run_as": {"service_principal_name": own},
        "tasks": [{"task_key": "t", "notebook_task": {"notebook_path": "/x"}}],
    });
    here.create_job(&job).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(item(&plan, "runner").action, PlanAction::Adopt, "{}", render_text(&plan));
    let copied = there.get_job(world.job_id("nightly", Side::Secondary).await).await.unwrap();
    let runner = copy(&world, ServicePrincipal, "runner").await;
    assert_eq!(copied["settings"]["run_as"], json!({"service_principal_name": runner["applicationId"]}));
    assert_ne!(runner["applicationId"], json!(own));
    world.assert_in_sync().await;

    // Whose machine is gone, that job is not carried; everything else is.
    here.delete_principal(ServicePrincipal, &staff.runner).await.unwrap();
    let job = world.job_id("nightly", Side::Primary).await;
    here.update_job(job, &json!({"timeout_seconds": 9}), &[]).await.unwrap();
    let plan = world.plan().await;
    assert!(item(&plan, "nightly").is_blocked(), "{}", render_text(&plan));
    let why = item(&plan, "nightly").reason.clone().unwrap();
    assert!(why.contains("service principal") && why.contains("does not exist"), "{why}");
}

#[tokio::test]
async fn one_who_cannot_be_created_keeps_back_only_the_groups_they_are_in() {
    let (world, _) = staffed().await;
    let refused = Fault {
        method: Some("POST".to_owned()),
        ..fault(CREATES[0].1, Some(1), refusal(400, "BAD_REQUEST"))
    };
    world.secondary.control().set_faults(vec![refused]);
    let plan = world.plan().await;
    let (report, sink) = world.apply(&plan).await;
    let failed = sink.failed();
    let lost = failed.iter().find(|outcome| outcome.object.kind == ObjectKind::Users).unwrap();
    assert!(
        failed.iter().any(|outcome| outcome.object.kind == ObjectKind::Groups
            && outcome.error.as_ref().unwrap().contains(&lost.name)),
        "{failed:#?}"
    );
    assert!(report.succeeded > 0);
    world.sync().await;
    world.assert_in_sync().await;
    assert_eq!(differences(&world).await, []);
}

/// The secondary is written with the credential of a machine that the primary does not know.
async fn with_a_machine_of_its_own() -> (World, String) {
    let (mut world, _) = staffed().await;
    let credential = Credential::ClientSecret {
        client_id: "b7c1de0a-panel".to_owned(),
        client_secret: "dapi-test".into(),
    };
    world.ctx.secondary.client =
        WorkspaceClient::new(world.secondary.url().parse().unwrap(), credential, impatient()).unwrap();
    world.client(Side::Secondary).me().await.unwrap();
    let own = copy(&world, ServicePrincipal, "b7c1de0a-panel").await;
    (world, own["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_principal_of_the_credential_stays_an_administrator() {
    let (world, own) = with_a_machine_of_its_own().await;
    let here = world.client(Side::Primary);
    world.sync().await;
    world.assert_in_sync().await;
    let admins = copy(&world, Group, "admins").await;
    let is_admin = |group: &Value, id: &str| {
        group["members"].as_array().unwrap().iter().any(|member| member["value"] == id)
    };
    assert!(is_admin(&admins, &own));
    // Also when something else about the group changes.
    let ada = world.id(ObjectKind::Users, "ada@farshore.example", Side::Primary).await;
    let group = world.id(ObjectKind::Groups, "admins", Side::Primary).await;
    patch(here, Group, &group, json!([{"op": "add", "path": "members", "value": [{"value": ada}]}])).await;
    world.sync().await;
    let admins = copy(&world, Group, "admins").await;
    let ada = world.id(ObjectKind::Users, "ada@farshore.example", Side::Secondary).await;
    assert!(is_admin(&admins, &own) && is_admin(&admins, &ada), "{admins:#}");
    world.assert_in_sync().await;
}

/// The primary is read with the credential of a machine that is an administrator of the secondary as well.
#[tokio::test]
async fn the_principal_of_the_other_credential_stays_an_administrator_too() {
    let (mut world, staff) = staffed().await;
    let credential = Credential::ClientSecret {
        client_id: "b7c1de0a-panel".to_owned(),
        client_secret: "dapi-test".into(),
    };
    world.ctx.primary.client =
        WorkspaceClient::new(world.primary.url().parse().unwrap(), credential, impatient()).unwrap();
    world.client(Side::Primary).me().await.unwrap();
    world.sync().await;
    let there = world.client(Side::Secondary);
    let panel = copy(&world, ServicePrincipal, "b7c1de0a-panel").await["id"].as_str().unwrap().to_owned();
    let admins = world.id(ObjectKind::Groups, "admins", Side::Secondary).await;
    patch(there, Group, &admins, json!([{"op": "add", "path": "members", "value": [{"value": panel}]}]))
        .await;
    world.assert_in_sync().await;

    let group = world.id(ObjectKind::Groups, "admins", Side::Primary).await;
    let joined = json!([{"op": "add", "path": "members", "value": [{"value": staff.ada}]}]);
    patch(world.client(Side::Primary), Group, &group, joined).await;
    world.sync().await;
    let admins = copy(&world, Group, "admins").await;
    assert_eq!(members(&admins).len(), 3, "the administrator, the machine and Ada: {admins:#}");
    assert!(members(&admins).contains("b7c1de0a-panel"), "{admins:#}");
    world.assert_in_sync().await;
}

#[tokio::test]
async fn the_principal_of_the_credential_is_neither_deactivated_nor_deleted() {
    let (mut world, own) = with_a_machine_of_its_own().await;
    let here = world.client(Side::Primary).clone();
    let known = json!({"displayName": "b7c1de0a-panel", "applicationId": "b7c1de0a-panel"});
    let known = made(&here, ServicePrincipal, known).await;
    let plan = world.sync().await;
    assert_eq!(item(&plan, "b7c1de0a-panel").action, PlanAction::Adopt);
    patch(&here, ServicePrincipal, &known, json!([{"op": "replace", "path": "active", "value": "false"}]))
        .await;
    let plan = world.plan().await;
    let skipped = item(&plan, "b7c1de0a-panel");
    assert_eq!(skipped.action, PlanAction::Skip, "{}", render_text(&plan));
    world.apply(&plan).await;
    here.delete_principal(ServicePrincipal, &known).await.unwrap();
    let plan = world.plan().await;
    let skipped = item(&plan, "b7c1de0a-panel");
    assert_eq!(skipped.action, PlanAction::Skip, "{}", render_text(&plan));
    assert!(skipped.reason.as_ref().unwrap().contains("credential"), "{:?}", skipped.reason);

    // A plan that was made with another credential does not reach it either.
    let panel = world.ctx.secondary.client.clone();
    world.ctx.secondary.client = client(&world.secondary, impatient());
    let plan = world.plan().await;
    assert_eq!(item(&plan, "b7c1de0a-panel").action, PlanAction::Delete, "{}", render_text(&plan));
    world.ctx.secondary.client = panel;
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 1, "{:#?}", sink.failed());
    let there = world.client(Side::Secondary).get_principal(ServicePrincipal, &own).await.unwrap();
    assert_eq!(there["active"], true);
}

#[tokio::test]
async fn a_killed_create_makes_nobody_twice() {
    for (_, path) in CREATES {
        let (world, _) = staffed().await;
        let plan = world.plan().await;
        let hang = Fault { method: Some("POST".to_owned()), ..fault(path, Some(1), Effect::HangAfterEffect) };
        world.secondary.control().set_faults(vec![hang]);
        let mut ctx = world.ctx.clone();
        ctx.secondary.client =
            client(&world.secondary, ClientOptions { request_timeout_ms: 60_000, ..impatient() });
        let (none, sink) = (BTreeSet::new(), Sink::default());
        let control = world.secondary.control();
        let killed = async {
            while !control.faults().is_empty() {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            biased;
            () = killed => {}
            _ = apply_plan(&ctx, &plan, &none, &sink) => panic!("nothing hung in {path}"),
        }
        world.sync().await;
        world.assert_in_sync().await;
        assert_eq!(differences(&world).await, [], "{path}");
        assert!(world.entries().await.iter().all(|entry| entry.intent.is_none()));
    }
}

#[tokio::test]
async fn a_lost_answer_makes_nobody_twice() {
    let (world, _) = staffed().await;
    let lost = CREATES.map(|(_, path)| Fault {
        method: Some("POST".to_owned()),
        ..fault(path, Some(1), Effect::RefuseAfterEffect)
    });
    world.secondary.control().set_faults(lost.to_vec());
    world.sync().await;
    world.assert_in_sync().await;
    assert_eq!(differences(&world).await, []);
}

#[tokio::test]
async fn a_list_of_groups_that_lags_behind_makes_no_work() {
    let (world, staff) = staffed().await;
    let lag = fault("/api/2.0/preview/scim", None, Effect::StaleGroupLists { ms: 600_000 });
    world.secondary.control().set_faults(vec![lag]);
    world.sync().await;
    let before = world.done_to(Side::Secondary);
    world.sync().await;
    assert_eq!(world.done_to(Side::Secondary), before);
    let renamed = json!([{"op": "replace", "path": "displayName", "value": "d-inner"}]);
    patch(world.client(Side::Primary), Group, &staff.inner, renamed).await;
    world.sync().await;
    assert_eq!(world.done_to(Side::Secondary).len(), before.len() + 1);
}

/// What the newcomer sees: 25 users, 4 service principals and 8 groups, each kind in one call.
#[tokio::test]
async fn the_people_of_the_demo_are_listed_in_three_calls_and_compared() {
    let world = World::with(Content::Demo).await;
    world.primary.control().clear_calls();
    let here = list_people(world.client(Side::Primary)).await.unwrap();
    assert_eq!(world.primary.control().calls().calls, 3);
    let there = list_people(world.client(Side::Secondary)).await.unwrap();
    let differences = compare_people(&here, &there);
    let only_here = WhatDiffers::OnlyOn { side: Side::Primary };
    let count =
        |kind| differences.iter().filter(|found| found.kind == kind && found.what == only_here).count();
    let counts = [ObjectKind::Users, ObjectKind::ServicePrincipals, ObjectKind::Groups].map(count);
    assert_eq!(counts, [24, 4, 8], "all but the administrator: {differences:#?}");
    world.sync().await;
    assert_eq!(self::differences(&world).await, []);
    assert!(compare_people(&here, &there).is_sorted());
}

#[tokio::test]
async fn where_nobody_tells_who_we_are_everything_but_the_deletion_of_principals_goes_on() {
    let (world, staff) = staffed().await;
    for side in [Side::Primary, Side::Secondary] {
        let unknown = fault("/api/2.0/preview/scim/v2/Me", None, refusal(404, "ENDPOINT_NOT_FOUND"));
        world.simulator(side).control().set_faults(vec![unknown]);
    }
    let here = world.client(Side::Primary);
    let gone = here.create_job(&json!({"name": "gone"})).await.unwrap();
    world.sync().await;
    here.delete_principal(ServicePrincipal, &staff.runner).await.unwrap();
    here.delete_job(gone).await.unwrap();
    let plan = world.sync().await;
    let deleted: Vec<_> =
        to_apply(&plan).into_iter().filter(|(action, ..)| *action == PlanAction::Delete).collect();
    assert_eq!(
        deleted,
        [(PlanAction::Delete, ObjectKind::Jobs, "gone".to_owned())],
        "{}",
        render_text(&plan)
    );
    let why = item(&plan, "runner").reason.clone().unwrap();
    assert!(why.contains("does not tell whose credential"), "{why}");
    copy(&world, ServicePrincipal, "runner").await;
}
