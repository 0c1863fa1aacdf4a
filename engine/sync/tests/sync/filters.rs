//! What a group leaves out by path, name, tag and owner.

use std::sync::Arc;

use farshore_model::{
    group::Side,
    kind::ObjectKind,
    plan::PlanAction,
    replication_settings::{FilterBy, ReplicationSettings, ScopeFilter},
};
use farshore_sync::render_text;
use serde_json::json;

use crate::world::{World, item, to_apply};

fn filters(
    filters: impl IntoIterator<Item = (Option<ObjectKind>, FilterBy, bool)>,
) -> Arc<ReplicationSettings> {
    let filter = |(kind, by, is_included)| ScopeFilter { kind, by, is_included };
    let filters = filters.into_iter().map(filter).collect();
    Arc::new(ReplicationSettings { filters, ..ReplicationSettings::default() })
}

fn path(path: &str) -> FilterBy {
    FilterBy::Path { path: path.to_owned() }
}

fn name(pattern: &str) -> FilterBy {
    FilterBy::Name { pattern: pattern.to_owned() }
}

async fn is_there(world: &World, path: &str) -> bool {
    world.client(Side::Secondary).get_path(path).await.is_ok()
}

#[tokio::test]
async fn the_first_filter_that_fits_decides_and_needed_folders_are_made() {
    let mut world = World::start().await;
    world.ctx.settings = filters([
        (None, path("/Production/silver/score"), false),
        (None, path("/Production/silver"), true),
        (None, path("/"), false),
    ]);
    let plan = world.sync().await;
    assert!(is_there(&world, "/Production/silver/clean").await);
    for left_out in ["/Production/silver/score", "/Production/load", "/Production/empty", "/Shared/report"] {
        assert!(!is_there(&world, left_out).await, "{left_out}");
    }
    let row = item(&plan, "3 notebooks are out of scope");
    assert_eq!(row.action, PlanAction::Skip);
    let reason = row.reason.as_ref().unwrap();
    assert!(reason.contains("/Production/load, /Production/silver/score, /Shared/report"), "{reason}");
    assert!(world.job_id("cron", Side::Secondary).await > 0, "what has no path is not meant");
    world.assert_in_sync().await;
}

#[tokio::test]
async fn what_is_out_of_scope_is_neither_written_nor_deleted_and_is_read_again_when_it_is_back() {
    let mut world = World::start().await;
    world.sync().await;
    let here = world.client(Side::Primary).clone();
    world.ctx.settings =
        filters([(None, name("load"), false), (Some(ObjectKind::Jobs), name("cron*"), false)]);
    here.import_notebook("/Production/load", "PYTHON", b"print('later')".to_vec()).await.unwrap();
    let cron = world.job_id("cron", Side::Primary).await;
    here.update_job(cron, &json!({"timeout_seconds": 7}), &[]).await.unwrap();
    here.delete_job(world.job_id("cron paused", Side::Primary).await).await.unwrap();
    // The second one has nothing left that would tell when the notebook was changed.
    for _ in 0..2 {
        let plan = world.sync().await;
        assert_eq!(to_apply(&plan), [], "{}", render_text(&plan));
        item(&plan, "2 jobs are out of scope");
        item(&plan, "1 notebook is out of scope");
    }
    world.ctx.settings = Arc::default();
    let plan = world.sync().await;
    let expected = [
        (PlanAction::Update, ObjectKind::Notebooks, "/Production/load".to_owned()),
        (PlanAction::Update, ObjectKind::Jobs, "cron".to_owned()),
        (PlanAction::Delete, ObjectKind::Jobs, "cron paused".to_owned()),
    ];
    assert_eq!(to_apply(&plan), expected, "{}", render_text(&plan));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_reference_to_what_is_left_out_is_mapped_by_name_or_told() {
    let mut world = World::start().await;
    let tagged = FilterBy::Tag { key: "team".to_owned(), value: "dat*".to_owned() };
    world.ctx.settings = filters([(None, tagged, false)]);
    let plan = world.plan().await;
    item(&plan, "1 cluster is out of scope");
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 5, "{:#?}", sink.failed());
    let why = sink.failed()[0].error.clone().unwrap();
    assert!(why.contains("it refers to the cluster \"ETL\", which a filter leaves out"), "{why}");

    let there = world.client(Side::Secondary);
    let own = json!({"cluster_name": "ETL", "spark_version": "14.3.x-scala2.12", "node_type_id": "m5d.large", "num_workers": 9});
    let id = there.create_cluster(&own).await.unwrap();
    world.sync().await;
    let cron = there.get_job(world.job_id("cron", Side::Secondary).await).await.unwrap();
    assert_eq!(cron["settings"]["tasks"][0]["existing_cluster_id"], json!(id));
    assert_eq!(there.get_cluster(&id).await.unwrap()["num_workers"], 9, "and stays what it is");
    world.assert_in_sync().await;
}

/// A copy belongs to whoever syncs: that it was somebody else's on the source is remembered.
#[tokio::test]
async fn what_an_owner_leaves_out_stays_when_it_has_gone_from_the_source() {
    let mut world = World::start().await;
    world.sync().await;
    let here = world.client(Side::Primary).clone();
    let jobs = here.list_jobs().await.unwrap();
    let owner = jobs[0]["creator_user_name"].as_str().unwrap().to_owned();
    let by_owner = FilterBy::Owner { pattern: format!("{}*", &owner[..3]) };
    world.ctx.settings =
        filters([(Some(ObjectKind::Jobs), name("files"), true), (Some(ObjectKind::Jobs), by_owner, false)]);
    let plan = world.sync().await;
    item(&plan, "6 jobs are out of scope");
    for name in ["by hand", "cron", "files"] {
        let id = world.job_id(name, Side::Primary).await;
        if name == "by hand" {
            here.delete_job(world.job_id("starts others", Side::Primary).await).await.unwrap();
        }
        here.delete_job(id).await.unwrap();
    }
    let plan = world.sync().await;
    let expected = [(PlanAction::Delete, ObjectKind::Jobs, "files".to_owned())];
    assert_eq!(to_apply(&plan), expected, "{}", render_text(&plan));
    assert_eq!(world.client(Side::Secondary).list_jobs().await.unwrap().len(), 6);
    world.assert_in_sync().await;
}
