//! A listing that is not complete is no listing: never an empty side, never deletions.

use farshore_model::{group::Side, plan::PlanAction};
use farshore_simulator::Effect;
use farshore_sync::SyncPolicy;
use serde_json::json;

use crate::world::{World, fault, item, refusal, to_apply};

const LISTINGS: [&str; 6] = [
    "/api/2.0/workspace/list",
    "/api/2.0/policies/clusters/list",
    "/api/2.0/instance-pools/list",
    "/api/2.1/clusters/list",
    "/api/2.0/libraries/all-cluster-statuses",
    "/api/2.2/jobs/list",
];

#[tokio::test]
async fn a_failed_listing_gives_no_plan_and_changes_nothing() {
    let world = World::start().await;
    world.sync().await;
    for side in [Side::Primary, Side::Secondary] {
        for path in LISTINGS {
            let effects = [
                refusal(500, "INTERNAL_ERROR"),
                refusal(403, "PERMISSION_DENIED"),
                refusal(404, "RESOURCE_DOES_NOT_EXIST"),
                Effect::Truncate,
                Effect::LoginPage,
                Effect::Refuse,
            ];
            for effect in effects {
                assert_no_plan(&world, side, path, effect).await;
            }
        }
    }
    // Last, because the client goes on sparing an endpoint that has asked for it.
    for path in LISTINGS {
        assert_no_plan(&world, Side::Primary, path, Effect::Throttle { retry_after_s: Some(60) }).await;
    }
}

async fn assert_no_plan(world: &World, side: Side, path: &str, effect: Effect) {
    let entries = world.entries().await;
    let control = world.simulator(side).control();
    control.set_faults(vec![fault(path, None, effect.clone())]);
    let plan = world.try_plan(Side::Primary, &SyncPolicy::forward()).await;
    control.set_faults(Vec::new());
    let error = plan.expect_err(&format!("{side} {path} {effect:?}"));
    let text = error.to_string();
    assert!(text.contains(side.as_str()) && text.contains("nothing counts as deleted"), "{text}");
    assert!(!error.remedy().is_empty());
    assert_eq!(world.entries().await, entries, "{path} {effect:?}");
}

#[tokio::test]
async fn one_folder_of_many_is_enough_to_stop() {
    let world = World::start().await;
    world.sync().await;
    world.primary.control().set_faults(vec![farshore_simulator::Fault {
        rate: Some(0.5),
        ..fault("/api/2.0/workspace/list", None, refusal(500, "INTERNAL_ERROR"))
    }]);
    world.try_plan(Side::Primary, &SyncPolicy::forward()).await.unwrap_err();
    world.primary.control().set_faults(Vec::new());
    world.assert_in_sync().await;
}

/// What not every workspace has, and how a plan calls all of it.
const OF_SOME: [(&str, &str); 2] = [
    ("/api/2.0/instance-profiles/list", "All instance profiles"),
    ("/api/2.0/global-init-scripts", "All global init scripts"),
];

#[tokio::test]
async fn what_a_workspace_has_no_address_for_is_left_out_and_never_empty() {
    let world = World::start().await;
    let script = json!({"name": "start", "script": "ZWNobw==", "enabled": true});
    world.client(Side::Primary).create_global_init_script(&script).await.unwrap();
    world.sync().await;
    // What is read once more is agreed later.
    let known = async || -> Vec<_> {
        world
            .entries()
            .await
            .into_iter()
            .map(|entry| (entry.object, entry.secondary_id, entry.base_hash))
            .collect()
    };
    let before = known().await;
    for side in [Side::Primary, Side::Secondary] {
        for (path, all) in OF_SOME {
            for status in [400, 403, 404, 405] {
                let control = world.simulator(side).control();
                control.set_faults(vec![fault(path, None, refusal(status, ""))]);
                let plan = world.plan().await;
                assert_eq!(to_apply(&plan), [], "{side} {path} {status}");
                let left_out = item(&plan, all);
                assert_eq!(left_out.action, PlanAction::Skip);
                assert!(left_out.reason.as_ref().unwrap().contains(&status.to_string()), "{left_out:?}");
                assert_eq!(known().await, before, "{side} {path} {status}");
                // Whatever else answers like this may be no workspace.
                let other = fault("/api/2.2/jobs/list", None, refusal(404, ""));
                control.set_faults(vec![fault(path, None, refusal(status, "")), other]);
                world.try_plan(Side::Primary, &SyncPolicy::forward()).await.unwrap_err();
            }
            assert_no_plan(&world, side, path, refusal(403, "PERMISSION_DENIED")).await;
            assert_no_plan(&world, side, path, refusal(500, "INTERNAL_ERROR")).await;
            assert_no_plan(&world, side, path, Effect::LoginPage).await;
        }
    }
}
