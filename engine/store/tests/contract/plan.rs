use farshore_control::store::{OutcomeStore, PlanHead, PlanStore, StoreError, SyncRunStore};
use farshore_model::{
    PlanId, SyncRunId,
    kind::ObjectKind,
    plan::{KindCount, PlanAction, PlanCounts, PlanItem, SyncPlan},
    sync_run::{OutcomeState, SyncRunState},
    view::PlanFilter,
};

use crate::{
    database::TestDatabase,
    fixtures::{Paired, id, keep_paired, lease, outcome, plan, plan_item, sync_run},
};

on_both_engines!(
    a_plan_of_five_thousand_items_is_read_back,
    items_are_paged_and_filtered,
    failed_items_are_those_of_the_run,
    a_head_counts_by_kind,
    a_plan_is_never_changed,
    a_plan_is_kept_whole_or_not_at_all,
);

fn five_thousand(paired: &Paired) -> SyncPlan {
    let items = (0..5_000).map(|index| {
        let kind = if index < 4_000 { ObjectKind::Notebooks } else { ObjectKind::Jobs };
        let action = if index % 10 == 0 { PlanAction::Update } else { PlanAction::Create };
        plan_item(index, kind, action, &format!("/Shared/Größe_{index:04} 100%"))
    });
    plan(50, paired, items.collect())
}

fn indexes(items: &[PlanItem]) -> Vec<u32> {
    items.iter().map(|item| item.index).collect()
}

async fn a_plan_of_five_thousand_items_is_read_back(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let lease = lease(&db.store, id(1)).await;
    let stored = five_thousand(&sales);
    db.store.insert_plan(&lease, &stored).await.unwrap();
    assert!(db.store.plan(stored.id).await.unwrap().as_ref() == Some(&stored), "the plan has changed");
    let empty = plan(51, &sales, vec![]);
    db.store.insert_plan(&lease, &empty).await.unwrap();
    assert_eq!(db.store.plan(empty.id).await.unwrap(), Some(empty));
    assert_eq!(db.store.plan(PlanId(id(9))).await.unwrap(), None);
}

async fn items_are_paged_and_filtered(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let stored = five_thousand(&sales);
    db.store.insert_plan(&lease(&db.store, id(1)).await, &stored).await.unwrap();
    let page = async |filter: PlanFilter| {
        let (items, count) = db.store.plan_items(stored.id, SyncRunId(id(9)), &filter, 100).await.unwrap();
        for item in &items {
            assert_eq!(item, &stored.items[item.index as usize]);
        }
        (indexes(&items), count)
    };
    let all = PlanFilter::default();
    assert_eq!(page(all.clone()).await, ((0..100).collect(), 5_000));
    assert_eq!(page(PlanFilter { page: 50, ..all.clone() }).await, ((4_900..5_000).collect(), 5_000));
    assert_eq!(page(PlanFilter { page: 51, ..all.clone() }).await, (vec![], 5_000));

    let jobs = PlanFilter { kind: Some(ObjectKind::Jobs), ..all.clone() };
    assert_eq!(page(PlanFilter { page: 2, ..jobs.clone() }).await, ((4_100..4_200).collect(), 1_000));
    let updated_jobs = PlanFilter { action: Some(PlanAction::Update), ..jobs };
    assert_eq!(page(updated_jobs).await, ((4_000..5_000).step_by(10).collect(), 100));

    let text = |text: &str| PlanFilter { text: Some(text.to_owned()), ..PlanFilter::default() };
    assert_eq!(page(text("größe_123")).await, ((1_230..1_240).collect(), 10));
    assert_eq!(page(text("SHARED")).await.1, 5_000);
    assert_eq!(page(text("0%")).await.1, 5_000);
    assert_eq!(page(text("1%0")).await.1, 0);
    assert_eq!(page(text("'; DROP TABLE sync_plans; --")).await.1, 0);
    let failed = PlanFilter { is_failed_only: true, ..all };
    assert_eq!(page(failed).await, (vec![], 0));
}

async fn failed_items_are_those_of_the_run(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let run = sync_run(1, &sales, SyncRunState::Applying);
    db.store.insert_sync_run(&run).await.unwrap();
    let lease = lease(&db.store, run.id.0).await;
    let items = (0..4).map(|index| plan_item(index, ObjectKind::Jobs, PlanAction::Create, "job"));
    let stored = plan(50, &sales, items.collect());
    db.store.insert_plan(&lease, &stored).await.unwrap();
    for (index, state) in [(0, OutcomeState::Succeeded), (1, OutcomeState::Failed), (3, OutcomeState::Failed)]
    {
        db.store.record_outcome(&lease, run.id, &outcome(index, state, None)).await.unwrap();
    }
    let filter = PlanFilter { is_failed_only: true, ..PlanFilter::default() };
    let (items, count) = db.store.plan_items(stored.id, run.id, &filter, 1).await.unwrap();
    assert_eq!((indexes(&items), count), (vec![1], 2));
    let other_run = SyncRunId(id(2));
    assert_eq!(db.store.plan_items(stored.id, other_run, &filter, 10).await.unwrap(), (vec![], 0));
}

async fn a_head_counts_by_kind(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let items = vec![
        plan_item(0, ObjectKind::Folders, PlanAction::Create, "/a"),
        plan_item(1, ObjectKind::Jobs, PlanAction::Create, "b"),
        plan_item(2, ObjectKind::Jobs, PlanAction::Conflict, "c"),
        plan_item(3, ObjectKind::Jobs, PlanAction::Create, "d"),
    ];
    let stored = plan(50, &sales, items);
    db.store.insert_plan(&lease(&db.store, id(1)).await, &stored).await.unwrap();
    let folders = PlanCounts { create: 1, ..PlanCounts::default() };
    let jobs = PlanCounts { create: 2, conflict: 1, ..PlanCounts::default() };
    let expected = PlanHead {
        id: stored.id,
        hash: stored.hash,
        created_at: stored.created_at,
        listing_began_at: stored.listing_began_at,
        counts: stored.counts,
        kinds: vec![
            KindCount { kind: ObjectKind::Folders, counts: folders },
            KindCount { kind: ObjectKind::Jobs, counts: jobs },
        ],
    };
    assert_eq!(db.store.plan_head(stored.id).await.unwrap(), Some(expected));
    assert_eq!(db.store.plan_head(PlanId(id(9))).await.unwrap(), None);
}

async fn a_plan_is_never_changed(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let lease = lease(&db.store, id(1)).await;
    let item = plan_item(0, ObjectKind::Jobs, PlanAction::Create, "job");
    let stored = plan(50, &sales, vec![item]);
    db.store.insert_plan(&lease, &stored).await.unwrap();
    db.store.insert_plan(&lease, &stored).await.unwrap();
    let other = SyncPlan { hash: "another".to_owned(), items: vec![], ..stored.clone() };
    let refused = db.store.insert_plan(&lease, &other).await;
    assert!(matches!(refused, Err(StoreError::NotNow)), "{refused:?}");
    assert_eq!(db.store.plan(stored.id).await.unwrap(), Some(stored));
}

async fn a_plan_is_kept_whole_or_not_at_all(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let lease = lease(&db.store, id(1)).await;
    let mut broken = five_thousand(&sales);
    broken.items[4_999].index = 0;
    let refused = db.store.insert_plan(&lease, &broken).await;
    assert!(matches!(refused, Err(StoreError::Backend(..))), "{refused:?}");
    assert_eq!(db.store.plan_head(broken.id).await.unwrap(), None);
    let any = PlanFilter::default();
    assert_eq!(db.store.plan_items(broken.id, SyncRunId(id(9)), &any, 10).await.unwrap(), (vec![], 0));
}
