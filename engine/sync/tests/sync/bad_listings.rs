//! A listing that is not complete is no listing: never an empty side, never deletions.

use farshore_model::group::Side;
use farshore_simulator::Effect;
use farshore_sync::SyncPolicy;

use crate::world::{World, fault, refusal};

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
