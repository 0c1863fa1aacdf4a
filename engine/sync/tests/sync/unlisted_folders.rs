//! A folder of which one side does not tell what is in it costs what lies in it, and nothing else.

use std::sync::Arc;

use farshore_model::{
    group::Side,
    kind::ObjectKind,
    plan::PlanAction,
    replication_settings::{FilterBy, ReplicationSettings, ScopeFilter},
    sync_run::OutcomeState,
};
use farshore_simulator::{Effect, Fault};
use farshore_sync::{SyncPolicy, render_text};

use crate::world::{World, fault, item, refusal, to_apply};

const FOLDER: &str = "/Production/silver";

fn unlisted(folder: &str, effect: Effect) -> Fault {
    let path = folder.replace('/', "%2F");
    fault(&format!("/api/2.0/workspace/list?path={path}"), None, effect)
}

async fn source_of(world: &World, side: Side, path: &str) -> String {
    let source = world.client(side).export_notebook(path).await.unwrap();
    String::from_utf8(source).unwrap()
}

#[tokio::test]
async fn what_lies_in_a_folder_that_cannot_be_listed_stays_and_all_else_is_carried() {
    for side in [Side::Primary, Side::Secondary] {
        for effect in [
            refusal(403, "PERMISSION_DENIED"),
            refusal(404, "RESOURCE_DOES_NOT_EXIST"),
            refusal(500, "INTERNAL_ERROR"),
            Effect::Truncate,
        ] {
            let world = World::start().await;
            world.sync().await;
            let here = world.client(Side::Primary);
            let import = async |path: &str, source: &str| {
                here.import_notebook(path, "PYTHON", source.as_bytes().to_vec()).await.unwrap();
            };
            import("/Production/load", "print('later')").await;
            import("/Production/silver/new", "print('new')").await;
            world.simulator(side).control().set_faults(vec![unlisted(FOLDER, effect.clone())]);
            let before = world.entry(ObjectKind::Notebooks, "/Production/silver/clean").await;

            let plan = world.plan().await;
            let expected = [
                (PlanAction::Update, ObjectKind::Folders, FOLDER.to_owned()),
                (PlanAction::Update, ObjectKind::Notebooks, "/Production/load".to_owned()),
            ];
            assert_eq!(to_apply(&plan), expected, "{side} {effect:?}: {}", render_text(&plan));
            let (report, sink) = world.apply(&plan).await;
            assert_eq!((report.failed, report.succeeded), (1, 1), "{side} {effect:?}");
            let outcome = &sink.failed()[0];
            let error = outcome.error.as_ref().unwrap();
            assert!(error.contains(&format!("could not be listed in {side}")), "{error}");
            assert!(outcome.remedy.as_ref().unwrap().contains("nothing counts as deleted"), "{outcome:?}");
            let now = world.entry(ObjectKind::Notebooks, "/Production/silver/clean").await;
            assert_eq!((&now.base_hash, &now.secondary_id), (&before.base_hash, &before.secondary_id));
            assert_eq!(now.last_outcome, Some(OutcomeState::Skipped));

            world.simulator(side).control().set_faults(Vec::new());
            let plan = world.sync().await;
            let expected = [
                (PlanAction::Create, ObjectKind::Notebooks, "/Production/silver/new".to_owned()),
                (PlanAction::Create, ObjectKind::Permissions, "/Production/silver/new".to_owned()),
            ];
            assert_eq!(to_apply(&plan), expected, "{side} {effect:?}: {}", render_text(&plan));
            world.assert_in_sync().await;
        }
    }
}

/// Its listing does not tell any more that it was changed in the meantime.
#[tokio::test]
async fn what_was_changed_out_of_sight_is_found_when_the_folder_is_listed_again() {
    let world = World::start().await;
    world.sync().await;
    let path = "/Production/silver/clean";
    let here = world.client(Side::Primary);
    here.import_notebook(path, "SQL", b"SELECT 2".to_vec()).await.unwrap();
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().set_faults(vec![unlisted(FOLDER, refusal(500, "INTERNAL_ERROR"))]);
    }
    for _ in 0..3 {
        // Long after the change, by the clock of the workspace.
        for side in [Side::Primary, Side::Secondary] {
            world.simulator(side).control().advance_clock(3_600_000);
        }
        let plan = world.plan().await;
        assert_eq!(to_apply(&plan).len(), 1, "{}", render_text(&plan));
        world.apply(&plan).await;
    }
    assert!(!source_of(&world, Side::Secondary, path).await.contains("SELECT 2"));
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().set_faults(Vec::new());
    }
    world.sync().await;
    assert!(source_of(&world, Side::Secondary, path).await.contains("SELECT 2"));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn nothing_is_deleted_in_or_with_a_folder_that_cannot_be_listed() {
    let world = World::start().await;
    world.sync().await;
    world.client(Side::Primary).delete_path("/Production", true).await.unwrap();
    world.secondary.control().set_faults(vec![unlisted(FOLDER, refusal(403, "PERMISSION_DENIED"))]);
    let plan = world.plan().await;
    for folder in ["/Production", FOLDER] {
        assert_eq!(item(&plan, folder).action, PlanAction::Skip, "{}", render_text(&plan));
    }
    world.apply(&plan).await;
    assert!(source_of(&world, Side::Secondary, "/Production/silver/clean").await.contains("SELECT 1"));
    world.secondary.control().set_faults(Vec::new());
    world.sync().await;
    world.client(Side::Secondary).get_path("/Production").await.unwrap_err();
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_folder_that_is_left_out_need_not_be_listed() {
    let mut world = World::start().await;
    world.sync().await;
    world.primary.control().set_faults(vec![unlisted(FOLDER, refusal(403, "PERMISSION_DENIED"))]);
    let by = FilterBy::Path { path: FOLDER.to_owned() };
    let filters = vec![ScopeFilter { kind: None, by, is_included: false }];
    world.ctx.settings = Arc::new(ReplicationSettings { filters, ..ReplicationSettings::default() });
    let plan = world.plan().await;
    assert_eq!(to_apply(&plan), [], "{}", render_text(&plan));
    world.ctx.settings = Arc::default();
    world.primary.control().set_faults(Vec::new());
    world.sync().await;
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_workspace_that_fails_at_its_tree_is_not_taken_for_one_with_bad_folders() {
    let world = World::start().await;
    for number in 0..12 {
        world.client(Side::Primary).make_folder(&format!("/Many/{number:02}")).await.unwrap();
    }
    world.sync().await;
    // What every workspace has.
    for fault in [
        unlisted("/Shared", refusal(500, "INTERNAL_ERROR")),
        unlisted("/Many/", refusal(500, "INTERNAL_ERROR")),
        unlisted(FOLDER, Effect::Refuse),
        unlisted(FOLDER, Effect::LoginPage),
        unlisted(FOLDER, refusal(401, "UNAUTHENTICATED")),
    ] {
        world.primary.control().set_faults(vec![fault.clone()]);
        let error = world.try_plan(Side::Primary, &SyncPolicy::forward()).await.unwrap_err();
        assert!(error.to_string().contains("nothing counts as deleted"), "{fault:?}: {error}");
    }
    world.primary.control().set_faults(Vec::new());
    world.assert_in_sync().await;
}
