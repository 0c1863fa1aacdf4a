use farshore_model::{group::Side, plan::PlanAction};
use farshore_simulator::Content;
use farshore_sync::render_text;

use crate::world::{World, to_apply};

/// What the newcomer sees: the first copy of the demo is complete, and the second one has nothing to do.
#[tokio::test]
async fn the_demo_is_copied_whole() {
    let world = World::with(Content::Demo).await;
    let plan = world.plan().await;
    let left_out =
        plan.items.iter().filter(|item| item.action == PlanAction::Conflict || item.reason.is_some());
    let left_out: Vec<_> = left_out.map(|item| (&item.name, &item.reason)).collect();
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 0, "{:#?}\n{left_out:#?}", sink.failed());
    world.assert_in_sync().await;

    let change = world.primary.control().demo_change();
    let plan = world.plan().await;
    let names: Vec<_> = to_apply(&plan).into_iter().map(|(_, _, name)| name).collect();
    assert_eq!(names, [change.notebook_path, change.job_name], "{}", render_text(&plan));
    world.apply(&plan).await;
    world.assert_in_sync().await;
    assert_eq!(world.done_to(Side::Primary), Vec::<String>::new());
}
