//! What was changed by hand on the passive side: overwritten, kept, or asked about.

use std::{collections::BTreeMap, sync::Arc};

use farshore_model::{
    group::Side,
    kind::ObjectKind,
    plan::{PlanAction, SyncPlan},
    replication_settings::{OnDrift, ReplicationSettings},
    sync_run::OutcomeState,
};
use farshore_sync::{SyncPolicy, render_text};
use serde_json::json;

use crate::world::{World, item, to_apply};

const LOAD: &str = "/Production/load";

/// A pair that was equal, in which a notebook and a job were changed and a cluster was deleted on the passive side.
async fn drifted(on_drift: OnDrift) -> World {
    let mut world = World::start().await;
    world.sync().await;
    world.ctx.settings = Arc::new(ReplicationSettings { on_drift, ..ReplicationSettings::default() });
    let there = world.client(Side::Secondary);
    there.import_notebook(LOAD, "PYTHON", b"print('by hand')".to_vec()).await.unwrap();
    let files = world.job_id("files", Side::Secondary).await;
    there.update_job(files, &json!({"timeout_seconds": 42}), &[]).await.unwrap();
    let idle = world.id(ObjectKind::Clusters, "Idle", Side::Secondary).await;
    there.permanent_delete_cluster(&idle).await.unwrap();
    world
}

async fn change_the_source(world: &World) {
    let here = world.client(Side::Primary);
    here.import_notebook(LOAD, "PYTHON", b"print('newer')".to_vec()).await.unwrap();
}

async fn load(world: &World) -> Vec<u8> {
    world.client(Side::Secondary).export_notebook(LOAD).await.unwrap()
}

fn actions(plan: &SyncPlan) -> [PlanAction; 3] {
    [LOAD, "files", "Idle"].map(|name| item(plan, name).action)
}

#[tokio::test]
async fn drift_is_overwritten_unless_the_group_says_otherwise() {
    let world = drifted(OnDrift::Overwrite).await;
    let plan = world.sync().await;
    assert_eq!(actions(&plan), [PlanAction::Update, PlanAction::Update, PlanAction::Create]);
    world.assert_in_sync().await;
}

#[tokio::test]
async fn drift_that_is_kept_is_shown_and_holds_nothing_back_until_the_source_changes_too() {
    let world = drifted(OnDrift::Keep).await;
    let by_hand = load(&world).await;
    for _ in 0..2 {
        let plan = world.sync().await;
        assert_eq!(actions(&plan), [PlanAction::Skip; 3], "{}", render_text(&plan));
        // Neither a failure nor a conflict: the replication point moves.
        assert_eq!((plan.counts.conflict, plan.counts.blocked, plan.counts.to_apply()), (0, 0, 0));
        assert!(!item(&plan, LOAD).changes.is_empty() && !item(&plan, "files").changes.is_empty());
    }
    assert_eq!(load(&world).await, by_hand);

    change_the_source(&world).await;
    let plan = world.plan().await;
    assert_eq!(actions(&plan), [PlanAction::Conflict, PlanAction::Skip, PlanAction::Skip]);
    world.apply(&plan).await;
    assert_eq!(load(&world).await, by_hand, "nothing that was made by hand is overwritten unasked");
    let choices = BTreeMap::from([(item(&plan, LOAD).object.clone(), Side::Primary)]);
    let policy = SyncPolicy { choices, ..SyncPolicy::forward() };
    let plan = world.try_plan(Side::Primary, &policy).await.unwrap();
    assert_eq!(to_apply(&plan), [(PlanAction::Update, ObjectKind::Notebooks, LOAD.to_owned())]);
    world.apply(&plan).await;
    assert_ne!(load(&world).await, by_hand);
}

#[tokio::test]
async fn what_is_known_to_differ_is_noted_before_anything_is_applied() {
    let world = drifted(OnDrift::Keep).await;
    let plan = world.plan().await;
    assert_eq!(plan.counts.to_apply(), 0, "nothing of it is ever applied");
    let entries = world.entries().await;
    for name in [LOAD, "files", "Idle"] {
        let item = item(&plan, name);
        let entry = entries.iter().find(|entry| entry.object == item.object).expect("was carried");
        assert_eq!(
            (entry.last_outcome, &entry.last_error),
            (Some(OutcomeState::Skipped), &item.reason),
            "{name}"
        );
    }

    // A choice holds once it is applied, and not because a plan has shown what it would do.
    let choice = (item(&plan, LOAD).object.clone(), Side::Secondary);
    change_the_source(&world).await;
    let policy = SyncPolicy { choices: [choice.clone()].into(), ..SyncPolicy::forward() };
    let shown = world.try_plan(Side::Primary, &policy).await.unwrap();
    assert_eq!(item(&shown, LOAD).action, PlanAction::Skip);
    assert_eq!(item(&world.plan().await, LOAD).action, PlanAction::Conflict);
}

#[tokio::test]
async fn drift_that_is_asked_about_waits_for_a_choice_which_lasts() {
    let world = drifted(OnDrift::Ask).await;
    let by_hand = load(&world).await;
    let plan = world.plan().await;
    assert_eq!(actions(&plan), [PlanAction::Conflict; 3], "{}", render_text(&plan));
    world.apply(&plan).await;
    assert_eq!(load(&world).await, by_hand);

    let choice = |name: &str, side: Side| (item(&plan, name).object.clone(), side);
    let choices =
        [choice(LOAD, Side::Secondary), choice("files", Side::Primary), choice("Idle", Side::Secondary)];
    let policy = SyncPolicy { choices: choices.into(), ..SyncPolicy::forward() };
    let chosen = world.try_plan(Side::Primary, &policy).await.unwrap();
    assert_eq!(to_apply(&chosen), [(PlanAction::Update, ObjectKind::Jobs, "files".to_owned())]);
    world.apply(&chosen).await;
    // Nobody is asked again.
    let plan = world.sync().await;
    assert_eq!((plan.counts.conflict, to_apply(&plan)), (0, Vec::new()), "{}", render_text(&plan));
    assert_eq!(load(&world).await, by_hand);

    change_the_source(&world).await;
    assert_eq!(item(&world.plan().await, LOAD).action, PlanAction::Conflict);
}

/// Asked for by a person, in a sync that does nothing else.
async fn choose_the_target(world: &World, names: &[&str]) {
    let plan = world.plan().await;
    let choices = names.iter().map(|name| (item(&plan, name).object.clone(), Side::Secondary)).collect();
    let policy = SyncPolicy { choices, ..SyncPolicy::forward() };
    let chosen = world.try_plan(Side::Primary, &policy).await.unwrap();
    assert_eq!(to_apply(&chosen), [], "{}", render_text(&chosen));
    world.apply(&chosen).await;
}

#[tokio::test]
async fn a_choice_lasts_where_the_source_had_changed_or_deleted_the_object_before_it() {
    let world = drifted(OnDrift::Ask).await;
    let by_hand = load(&world).await;
    change_the_source(&world).await;
    let here = world.client(Side::Primary);
    let files = world.job_id("files", Side::Primary).await;
    here.delete_job(files).await.unwrap();
    let idle = world.id(ObjectKind::Clusters, "Idle", Side::Primary).await;
    let mut settings = here.get_cluster(&idle).await.unwrap();
    settings["autotermination_minutes"] = json!(77);
    world.edit_cluster(Side::Primary, &settings).await;
    let plan = world.plan().await;
    assert_eq!(actions(&plan), [PlanAction::Conflict; 3], "{}", render_text(&plan));

    choose_the_target(&world, &[LOAD, "files", "Idle"]).await;
    for _ in 0..2 {
        let plan = world.sync().await;
        assert_eq!((actions(&plan), plan.counts.conflict), ([PlanAction::Skip; 3], 0));
    }
    assert_eq!(load(&world).await, by_hand);

    here.import_notebook(LOAD, "PYTHON", b"print('newest')".to_vec()).await.unwrap();
    let plan = world.plan().await;
    assert_eq!(actions(&plan), [PlanAction::Conflict, PlanAction::Skip, PlanAction::Skip]);
}

/// That its version on the target stays is no answer to whether it stays at all.
#[tokio::test]
async fn a_choice_is_a_question_again_when_the_source_deletes_the_object() {
    let world = drifted(OnDrift::Ask).await;
    choose_the_target(&world, &["files"]).await;
    assert_eq!(item(&world.plan().await, "files").action, PlanAction::Skip);
    let files = world.job_id("files", Side::Primary).await;
    world.client(Side::Primary).delete_job(files).await.unwrap();
    assert_eq!(item(&world.plan().await, "files").action, PlanAction::Conflict);
}

#[tokio::test]
async fn what_a_chosen_version_is_to_do_is_noted_and_the_choice_lasts() {
    let world = drifted(OnDrift::Ask).await;
    choose_the_target(&world, &["files"]).await;
    let files = world.job_id("files", Side::Primary).await;
    let busier = json!({"max_concurrent_runs": 9});
    world.client(Side::Primary).update_job(files, &busier, &[]).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(item(&plan, "files").action, PlanAction::Held, "{}", render_text(&plan));
    assert_eq!(item(&world.plan().await, "files").action, PlanAction::Skip);
}

/// Whatever is kept, the passive side stays passive.
#[tokio::test]
async fn what_was_put_to_work_by_hand_is_put_to_rest_again_or_asked_about() {
    let world = drifted(OnDrift::Keep).await;
    let there = world.client(Side::Secondary);
    let awake = json!({"max_concurrent_runs": 3});
    for name in ["files", "by hand"] {
        there.update_job(world.job_id(name, Side::Secondary).await, &awake, &[]).await.unwrap();
    }
    let plan = world.plan().await;
    assert_eq!(item(&plan, "by hand").action, PlanAction::Update, "only its activation was changed");
    let files = item(&plan, "files");
    assert_eq!(files.action, PlanAction::Conflict);
    assert!(files.reason.as_ref().unwrap().contains("at work"), "{files:#?}");
}
