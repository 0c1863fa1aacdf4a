use std::time::Duration;

use farshore_model::{PairId, group::Side, kind::ObjectKind, plan::PlanAction};
use farshore_simulator::Effect;
use farshore_sync::{FenceError, LedgerStore, SideContext, SilentLog, activation, passive, render_text};
use serde_json::json;
use uuid::Uuid;

use crate::{
    content::{current_activations, own_activations},
    world::{World, fault, item, refusal},
};

/// Releases everything on a side, and answers what that changed.
async fn release(world: &World, side: Side) -> u32 {
    let ctx = world.ctx.side(side);
    let reports = [
        activation::release_pools(&ctx, &SilentLog).await.unwrap(),
        activation::release_clusters(&ctx, &SilentLog).await.unwrap(),
        activation::release_jobs(&ctx, &SilentLog).await.unwrap(),
    ];
    for report in &reports {
        assert_eq!(report.problems, []);
    }
    reports.iter().map(|report| report.changed).sum()
}

async fn running(world: &World, side: Side) -> Vec<String> {
    let clusters = world.client(side).list_clusters().await.unwrap();
    let is_up = |state: &str| matches!(state, "PENDING" | "RUNNING");
    let up = clusters.iter().filter(|cluster| is_up(cluster["state"].as_str().unwrap()));
    up.map(|cluster| cluster["cluster_name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_release_and_a_fence_give_each_job_its_own_and_take_it_again() {
    let world = World::start().await;
    world.sync().await;
    let (there, passive_form) =
        (world.client(Side::Secondary), current_activations(world.client(Side::Secondary)).await);

    // The primary is not needed for anything of this.
    world.primary.control().set_down();
    let changed = release(&world, Side::Secondary).await;
    assert_eq!(changed, 1 + 1 + 7, "one pool keeps instances, one cluster ran, seven jobs");
    assert_eq!(current_activations(there).await, own_activations());
    assert_eq!(running(&world, Side::Secondary).await, ["ETL"]);
    let held = world.entries().await.into_iter().filter(|entry| entry.awaits_release_on(Side::Secondary));
    assert_eq!(held.map(|entry| entry.name.to_string()).collect::<Vec<_>>(), Vec::<String>::new());
    world.secondary.control().clear_changes();
    assert_eq!(release(&world, Side::Secondary).await, 0);
    assert_eq!(world.done_to(Side::Secondary), Vec::<String>::new());

    let recorded = async || -> Vec<_> {
        world.entries().await.into_iter().map(|entry| (entry.object, entry.activation)).collect()
    };
    let before = recorded().await;
    let report = passive::fence(&world.ctx.side(Side::Secondary), &SilentLog).await.unwrap();
    assert!(report.holds());
    assert_eq!((report.jobs_held, report.pools_emptied, report.clusters_terminated), (7, 1, 1));
    assert_eq!(current_activations(there).await, passive_form);
    assert_eq!(running(&world, Side::Secondary).await, Vec::<String>::new());
    assert_eq!(recorded().await, before, "everything was known already");

    let entries = world.entries().await;
    world.secondary.control().clear_changes();
    let again = passive::fence(&world.ctx.side(Side::Secondary), &SilentLog).await.unwrap();
    assert_eq!((again.changed(), again.already), (0, 7 + 2 + 2));
    assert_eq!(world.done_to(Side::Secondary), Vec::<String>::new());
    assert_eq!(world.entries().await, entries);
}

#[tokio::test]
async fn what_no_sync_has_seen_is_fenced_and_gets_its_own_back() {
    let world = World::start().await;
    let here = world.client(Side::Primary);
    let before = current_activations(here).await;
    let report = passive::fence(&world.ctx.side(Side::Primary), &SilentLog).await.unwrap();
    assert_eq!(report.changed(), 7 + 1 + 1);
    assert!(
        current_activations(here).await.iter().all(|(_, activation)| activation["max_concurrent_runs"] == 0)
    );
    let entry = world.entry(ObjectKind::Jobs, "cron").await;
    assert_eq!((entry.secondary_id, entry.base_hash), (None, None));
    assert_eq!(*entry.object.key, *format!("{}:{}", world.ctx.primary.org_id, entry.primary_id.unwrap()));

    release(&world, Side::Primary).await;
    assert_eq!(current_activations(here).await, before);
    assert_eq!(running(&world, Side::Primary).await, ["ETL"]);
    // And a first copy finds the entries that the fence has made.
    world.sync().await;
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_fence_that_is_interrupted_keeps_what_it_takes_away() {
    let world = World::start().await;
    let here = world.client(Side::Primary);
    let before = current_activations(here).await;
    world.primary.control().set_faults(vec![
        fault("/api/2.2/jobs/update", Some(3), Effect::RefuseAfterEffect),
        fault("/api/2.0/instance-pools/edit", Some(1), refusal(400, "INVALID_STATE")),
    ]);
    for _ in 0..4 {
        match passive::fence(&world.ctx.side(Side::Primary), &SilentLog).await {
            Ok(report) if report.holds() => break,
            Ok(report) => assert_eq!(report.problems.len(), 1),
            Err(error) => assert!(matches!(error, FenceError::Unanswered { .. }), "{error}"),
        }
    }
    let held = passive::fence(&world.ctx.side(Side::Primary), &SilentLog).await.unwrap();
    assert!(held.holds() && held.changed() == 0);
    release(&world, Side::Primary).await;
    assert_eq!(current_activations(here).await, before);
}

#[tokio::test]
async fn runs_under_way_are_cancelled() {
    let world = World::start().await;
    let job = world.client(Side::Primary).list_jobs().await.unwrap();
    let job =
        job.iter().find(|job| job["settings"]["name"] == "by hand").unwrap()["job_id"].as_i64().unwrap();
    let run = world.client(Side::Primary).run_job_now(job, "token").await.unwrap();
    let report = passive::fence(&world.ctx.side(Side::Primary), &SilentLog).await.unwrap();
    assert!(report.cancelled.iter().any(|stopped| stopped.run_id == run && stopped.job_id == Some(job)));
    let again = passive::fence(&world.ctx.side(Side::Primary), &SilentLog).await.unwrap();
    assert_eq!(again.cancelled, []);
}

#[tokio::test]
async fn what_starts_while_the_fence_looks_is_fenced_too() {
    let world = World::start().await;
    let here = world.client(Side::Primary);
    let slowly = |path: &str| fault(path, Some(1), Effect::Latency { ms: 600 });
    world
        .primary
        .control()
        .set_faults(vec![slowly("/api/2.2/jobs/update"), slowly("/api/2.1/clusters/delete")]);
    let clusters = here.list_clusters().await.unwrap();
    let idle = clusters.iter().find(|cluster| cluster["cluster_name"] == "Idle").unwrap();
    let side = world.ctx.side(Side::Primary);
    let meddle = async {
        // Jobs are listed, and one of them is not held yet.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let task = json!({"task_key": "t", "notebook_task": {"notebook_path": "/x"}});
        here.create_job(&json!({"name": "late", "max_concurrent_runs": 5, "tasks": [task]})).await.unwrap();
        // Clusters are listed, and one of them is not terminated yet.
        tokio::time::sleep(Duration::from_millis(600)).await;
        here.start_cluster(idle["cluster_id"].as_str().unwrap()).await.unwrap();
    };
    let (report, ()) = tokio::join!(passive::fence(&side, &SilentLog), meddle);
    let report = report.unwrap();
    assert!(report.holds(), "{report:?}");
    assert_eq!((report.jobs_held, report.clusters_terminated), (8, 2));
    assert_eq!(running(&world, Side::Primary).await, Vec::<String>::new());
    let late = world.entry(ObjectKind::Jobs, "late").await;
    assert_eq!(late.activation, Some(json!({"max_concurrent_runs": 5})));
    assert_eq!(passive::fence(&side, &SilentLog).await.unwrap().changed(), 0);
}

#[tokio::test]
async fn a_workspace_that_keeps_starting_things_is_not_called_fenced() {
    let world = World::start().await;
    let here = world.client(Side::Primary);
    let side = world.ctx.side(Side::Primary);
    let job = here.list_jobs().await.unwrap().remove(0)["job_id"].as_i64().unwrap();
    let wake = async {
        loop {
            let _ = here.update_job(job, &json!({"max_concurrent_runs": 2}), &[]).await;
        }
    };
    let report = tokio::select! {
        report = passive::fence(&side, &SilentLog) => report.unwrap(),
        () = wake => unreachable!(),
    };
    assert!(!report.holds());
    assert!(report.problems[0].1.contains("keeps starting things"), "{report:?}");
}

#[tokio::test]
async fn a_side_that_cannot_be_listed_is_not_called_fenced() {
    let world = World::start().await;
    for path in [
        "/api/2.2/jobs/list",
        "/api/2.0/instance-pools/list",
        "/api/2.1/clusters/list",
        "/api/2.2/jobs/runs/list",
    ] {
        world.primary.control().set_faults(vec![fault(path, None, refusal(500, "INTERNAL_ERROR"))]);
        let error = passive::fence(&world.ctx.side(Side::Primary), &SilentLog).await.unwrap_err();
        assert!(error.to_string().contains("not known to be fenced"), "{error}");
    }
    let error = activation::release_jobs(&world.ctx.side(Side::Secondary), &SilentLog).await;
    assert_eq!(error.unwrap().changed, 0, "an empty ledger releases nothing");
}

#[tokio::test]
async fn what_is_gone_is_a_problem_of_the_release_and_stops_nothing() {
    let world = World::start().await;
    world.sync().await;
    let there = world.client(Side::Secondary);
    there.delete_job(world.job_id("cron", Side::Secondary).await).await.unwrap();
    let report = activation::release_jobs(&world.ctx.side(Side::Secondary), &SilentLog).await.unwrap();
    assert_eq!(report.changed, 6);
    assert_eq!(report.problems.len(), 1);
    assert_eq!(report.problems[0].0, "cron");
    let jobs = there.list_jobs().await.unwrap();
    assert!(jobs.iter().any(|job| job["settings"]["max_concurrent_runs"] == json!(3)));
}

#[tokio::test]
async fn a_release_touches_only_what_a_fence_has_put_to_rest() {
    let world = World::start().await;
    world.sync().await;
    let here = world.client(Side::Primary);
    let job = async |name: &str| world.job_id(name, Side::Primary).await;
    let cron = here.get_job(job("cron").await).await.unwrap();
    let mut schedule = cron["settings"]["schedule"].clone();
    schedule["pause_status"] = json!("PAUSED");
    for (name, change) in [
        ("by hand", json!({"max_concurrent_runs": 9})),
        ("cron", json!({"schedule": schedule})),
        ("starts others", json!({"max_concurrent_runs": 0})),
    ] {
        here.update_job(job(name).await, &change, &[]).await.unwrap();
    }
    let mut pool =
        here.get_pool(&world.id(ObjectKind::InstancePools, "Small", Side::Primary).await).await.unwrap();
    pool["min_idle_instances"] = json!(5);
    here.edit_pool(&pool).await.unwrap();
    let by_hand = current_activations(here).await;
    world.primary.control().clear_changes();

    let side = world.ctx.side(Side::Primary);
    let jobs = activation::release_jobs(&side, &SilentLog).await.unwrap();
    assert_eq!((jobs.changed, jobs.already, jobs.left_at_rest), (0, 6, 1), "{jobs:?}");
    let pools = activation::release_pools(&side, &SilentLog).await.unwrap();
    assert_eq!((pools.changed, pools.already), (0, 2), "{pools:?}");
    assert_eq!(world.done_to(Side::Primary), Vec::<String>::new());
    assert_eq!(current_activations(here).await, by_hand);

    // A fence notes what a person has made of them, and that is what they get back.
    passive::fence(&side, &SilentLog).await.unwrap();
    release(&world, Side::Primary).await;
    assert_eq!(current_activations(here).await, by_hand);
}

#[tokio::test]
async fn what_a_release_left_out_keeps_what_it_did() {
    let world = World::start().await;
    world.sync().await;
    let here = world.client(Side::Primary);
    let before = current_activations(here).await;
    let side = world.ctx.side(Side::Primary);
    passive::fence(&side, &SilentLog).await.unwrap();
    world.primary.control().set_faults(vec![
        fault("/api/2.2/jobs/update", None, refusal(400, "INVALID_STATE")),
        fault("/api/2.0/instance-pools/edit", None, refusal(400, "INVALID_STATE")),
    ]);
    assert_eq!(activation::release_jobs(&side, &SilentLog).await.unwrap().problems.len(), 7);
    assert_eq!(activation::release_pools(&side, &SilentLog).await.unwrap().problems.len(), 1);
    world.primary.control().set_faults(Vec::new());

    // Syncs find them at rest, again and again, and say what is kept.
    for _ in 0..2 {
        let plan = world.sync().await;
        let job = item(&plan, "cron");
        assert_eq!(job.action, PlanAction::Skip, "{}", render_text(&plan));
        let why = "it was never released in primary; its recorded max_concurrent_runs 1, pause.schedule UNPAUSED is kept";
        assert_eq!(job.reason.as_deref(), Some(why));
        assert!(item(&plan, "Small").reason.as_ref().unwrap().contains("min_idle_instances 2"));
        world.assert_in_sync().await;
    }

    // One is put to work by a person, in their own way; the others are released later.
    let by_hand = world.job_id("by hand", Side::Primary).await;
    here.update_job(by_hand, &json!({"max_concurrent_runs": 4}), &[]).await.unwrap();
    world.sync().await;
    let entry = world.entry(ObjectKind::Jobs, "by hand").await;
    assert_eq!(entry.activation, Some(json!({"max_concurrent_runs": 4})));
    assert!(!entry.awaits_release_on(Side::Primary) && entry.awaits_release_on(Side::Secondary));
    assert_eq!(release(&world, Side::Primary).await, 6 + 1 + 1, "six jobs, a pool and a cluster");
    let mut expected = before;
    expected.iter_mut().find(|(name, _)| name == "by hand").unwrap().1 = json!({"max_concurrent_runs": 4});
    assert_eq!(current_activations(here).await, expected);
    let plan = world.sync().await;
    assert!(
        plan.items.iter().all(|item| item.reason.as_ref().is_none_or(|why| !why.contains("never released")))
    );

    // What is put to rest now is a person's wish.
    here.update_job(by_hand, &json!({"max_concurrent_runs": 0}), &[]).await.unwrap();
    world.sync().await;
    let entry = world.entry(ObjectKind::Jobs, "by hand").await;
    assert_eq!(entry.activation, Some(json!({"max_concurrent_runs": 0})));
}

#[tokio::test]
async fn a_release_whose_answer_was_lost_is_found_done() {
    let world = World::start().await;
    world.sync().await;
    let side = world.ctx.side(Side::Primary);
    passive::fence(&side, &SilentLog).await.unwrap();
    world.primary.control().set_faults(vec![fault("/api/2.2/jobs/update", None, Effect::RefuseAfterEffect)]);
    activation::release_jobs(&side, &SilentLog).await.unwrap_err();
    world.primary.control().set_faults(Vec::new());
    assert!(world.entry(ObjectKind::Jobs, "cron").await.awaits_release_on(Side::Primary));
    world.sync().await;
    assert!(!world.entry(ObjectKind::Jobs, "cron").await.awaits_release_on(Side::Primary));
    assert_eq!(current_activations(world.client(Side::Primary)).await, own_activations());
}

#[tokio::test]
async fn a_fence_and_a_release_are_noted_for_every_pair_of_the_workspace() {
    let world = World::start().await;
    world.sync().await;
    let other = PairId(Uuid::from_u128(77));
    let mut copies = world.entries().await;
    copies.iter_mut().for_each(|entry| entry.pair_id = other);
    world.ledger.put(&world.ctx.lease, &copies).await.unwrap();
    let side = SideContext { other_pairs: vec![other], ..world.ctx.side(Side::Primary) };
    let awaiting = async |pair: PairId| {
        let entries = world.ledger.load(pair).await.unwrap();
        entries.iter().filter(|entry| entry.awaits_release_on(Side::Primary)).count()
    };
    passive::fence(&side, &SilentLog).await.unwrap();
    assert_eq!((awaiting(world.ctx.pair_id).await, awaiting(other).await), (9, 9));
    activation::release_jobs(&side, &SilentLog).await.unwrap();
    assert_eq!((awaiting(world.ctx.pair_id).await, awaiting(other).await), (2, 2));
}
