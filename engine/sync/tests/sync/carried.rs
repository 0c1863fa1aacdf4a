//! What a sync has just carried is known without being read again, and still no change by hand is missed.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use farshore_model::{Clock, Timestamp, group::Side, kind::ObjectKind, plan::PlanAction};
use farshore_simulator::{Content, Effect, Fault, Fill};
use farshore_sync::apply_plan;

use crate::world::{Sink, World, to_apply};

const NOTEBOOKS: usize = 60;
const HOUR_MS: i64 = 3_600_000;

/// A source that is a minute old, and an empty target where writing the grants of pools takes so long that the last
/// notebook was written long before the end of a first copy.
async fn world() -> World {
    let world = World::with(Content::Empty).await.patient();
    world.primary.control().fill(&Fill { notebooks: NOTEBOOKS, pools: 1, ..Fill::default() });
    world.primary.control().advance_clock(60_000);
    world.secondary.control().set_faults(vec![Fault {
        method: Some("PUT".to_owned()),
        path_prefix: Some("/api/2.0/permissions/instance-pools".to_owned()),
        times: Some(1),
        rate: None,
        effect: Effect::Latency { ms: 4_000 },
    }]);
    world
}

fn path(number: usize) -> String {
    format!("/Fill/Notebooks/000/00000/notebook {number:06}")
}

async fn edit(world: &World, side: Side, number: usize) {
    let source = b"print('by hand')".to_vec();
    world.client(side).import_notebook(&path(number), "PYTHON", source).await.unwrap();
}

/// How often content and lists were read.
fn reads(world: &World, side: Side) -> Vec<(String, u64)> {
    let counts = world.simulator(side).control().calls();
    let reads = ["workspace/export", "permissions/get"];
    let read = counts.endpoints.into_iter().filter(|counted| reads.contains(&counted.endpoint.as_str()));
    read.map(|counted| (counted.endpoint, counted.calls)).collect()
}

#[tokio::test]
async fn a_sync_right_after_the_first_copy_only_lists() {
    let world = world().await;
    world.sync().await;
    for _ in 0..2 {
        for side in [Side::Primary, Side::Secondary] {
            world.simulator(side).control().clear_calls();
        }
        world.assert_in_sync().await;
        for side in [Side::Primary, Side::Secondary] {
            // One list tells whether there are lists at all.
            assert_eq!(reads(&world, side), [("permissions/get".to_owned(), 1)]);
        }
    }
}

/// What changes less than a moment before a sync may have changed in it.
async fn some_time() {
    tokio::time::sleep(Duration::from_millis(400)).await;
}

/// One after the other, each carries something else: what the earlier ones have carried is known as well.
#[tokio::test]
async fn a_sync_right_after_several_others_only_lists() {
    let world = world().await;
    world.sync().await;
    for number in [3, 4] {
        edit(&world, Side::Primary, number).await;
        some_time().await;
        world.sync().await;
    }
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().clear_calls();
    }
    world.assert_in_sync().await;
    for side in [Side::Primary, Side::Secondary] {
        assert_eq!(reads(&world, side), [("permissions/get".to_owned(), 1)], "{side:?}");
    }
}

/// A workspace tells its time to the second, and all of it takes less.
#[tokio::test]
async fn a_first_copy_of_a_moment_is_known_as_well() {
    let world = World::with(Content::Empty).await.patient();
    world.primary.control().fill(&Fill { notebooks: 3, ..Fill::default() });
    some_time().await;
    world.sync().await;
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().clear_calls();
    }
    world.assert_in_sync().await;
    for side in [Side::Primary, Side::Secondary] {
        let exported = reads(&world, side).into_iter().find(|(read, _)| read == "workspace/export");
        assert_eq!(exported, None, "{side:?}");
    }
}

#[tokio::test]
async fn a_change_right_after_the_first_copy_is_found_on_either_side() {
    for side in [Side::Primary, Side::Secondary] {
        let world = world().await;
        world.sync().await;
        edit(&world, side, 7).await;
        let plan = world.plan().await;
        assert_eq!(to_apply(&plan), [(PlanAction::Update, ObjectKind::Notebooks, path(7))], "{side:?}");
        // The second time, everything else was carried longer ago.
        world.apply(&plan).await;
        edit(&world, side, 8).await;
        assert_eq!(to_apply(&world.plan().await), [(PlanAction::Update, ObjectKind::Notebooks, path(8))]);
    }
}

/// The time of the panel, an hour and a second from now.
struct Later(Arc<dyn Clock>);

impl Clock for Later {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.now().0 + (HOUR_MS + 1_000) * 1_000)
    }
}

#[tokio::test]
async fn a_change_in_the_middle_of_a_first_copy_is_found_within_an_hour() {
    let mut world = world().await;
    let plan = world.plan().await;
    let (sink, done) = (Sink::default(), BTreeSet::new());
    let by_hand = async {
        while world.client(Side::Secondary).get_path(&path(NOTEBOOKS - 1)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        edit(&world, Side::Secondary, 7).await;
    };
    let (report, ()) = tokio::join!(apply_plan(&world.ctx, &plan, &done, &sink), by_hand);
    assert_eq!(report.unwrap().failed, 0, "{:#?}", sink.failed());

    world.plan().await;
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().advance_clock(HOUR_MS + 1_000);
    }
    world.ctx.clock = Arc::new(Later(Arc::clone(&world.ctx.clock)));
    assert_eq!(to_apply(&world.plan().await), [(PlanAction::Update, ObjectKind::Notebooks, path(7))]);
    world.sync().await;
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().clear_calls();
    }
    world.plan().await;
    let read = reads(&world, Side::Primary).into_iter().find(|(read, _)| read == "workspace/export");
    // The one that has just been written again may be, as a workspace tells its time to the second.
    assert!(read.is_none_or(|(_, calls)| calls == 1), "read once more, and not again");
}
