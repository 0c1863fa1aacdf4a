//! What other tools got wrong, each as a test of its own.

use std::collections::BTreeSet;

use farshore_databricks::WorkspaceClient;
use farshore_model::{group::Side, kind::ObjectKind, plan::PlanAction};
use farshore_simulator::Content;
use farshore_sync::{SilentLog, activation, render_text};
use serde_json::Value;

use crate::{
    content::{current_activations, own_activations},
    world::{World, item, to_apply},
};

fn names(jobs: &[Value]) -> Vec<String> {
    let mut names: Vec<String> =
        jobs.iter().map(|job| job["settings"]["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// Re-running an import duplicated every job.
#[tokio::test]
async fn mistake_1_running_it_again_duplicates_nothing() {
    let world = World::start().await;
    let before = names(&world.client(Side::Primary).list_jobs().await.unwrap());
    let first = world.plan().await;
    world.apply(&first).await;
    let created = world.done_to(Side::Secondary);
    // The same plan once more, a new plan, and a new plan by a panel that has lost its memory.
    world.apply(&first).await;
    world.sync().await;
    assert_eq!(world.done_to(Side::Secondary), created);
    let (entries, lease) = (world.entries().await, world.ctx.lease);
    let keys: Vec<_> = entries.into_iter().map(|entry| entry.object).collect();
    farshore_sync::LedgerStore::remove(&*world.ledger, &lease, world.ctx.pair_id, &keys).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(plan.counts.create, 0, "{}", render_text(&plan));
    let there = world.client(Side::Secondary);
    assert_eq!(names(&there.list_jobs().await.unwrap()), before);
    assert_eq!((there.list_clusters().await.unwrap().len(), there.list_pools().await.unwrap().len()), (2, 2));
}

/// Continuous and triggered jobs arrived running on the passive side; the pause state that each job had before
/// was lost.
#[tokio::test]
async fn mistake_2_triggered_jobs_arrive_paused_and_get_their_own_state_back() {
    let world = World::start().await;
    world.sync().await;
    let there = world.client(Side::Secondary);
    for (name, activation) in current_activations(there).await {
        assert_eq!(activation["max_concurrent_runs"], 0, "{name}");
        for (trigger, pause) in activation["pause"].as_object().into_iter().flatten() {
            assert_eq!(pause, "PAUSED", "{trigger} of {name}");
        }
    }
    for job in there.list_jobs().await.unwrap() {
        assert_eq!(world.secondary.control().fire_job(job["job_id"].as_i64().unwrap()), None, "{job}");
    }
    let runs = world.secondary.control().runs();
    assert!(runs.iter().all(|run| run.life_cycle_state == "SKIPPED"), "nothing has ever run there: {runs:?}");

    activation::release_jobs(&world.ctx.side(Side::Secondary), &SilentLog).await.unwrap();
    assert_eq!(current_activations(there).await, own_activations());
}

/// Every id by which something else may name a pool, a policy, a cluster or a job.
async fn ids(client: &WorkspaceClient) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for (objects, field) in [
        (client.list_pools().await.unwrap(), "instance_pool_id"),
        (client.list_policies().await.unwrap(), "policy_id"),
        (client.list_clusters().await.unwrap(), "cluster_id"),
        (client.list_jobs().await.unwrap(), "job_id"),
    ] {
        ids.extend(objects.iter().map(|object| object[field].to_string().trim_matches('"').to_owned()));
    }
    ids
}

/// Every value of a field that names another object, wherever it is, and texts that are JSON themselves.
fn named(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                let is_reference = matches!(
                    field.as_str(),
                    "existing_cluster_id"
                        | "instance_pool_id"
                        | "driver_instance_pool_id"
                        | "policy_id"
                        | "job_id"
                );
                if is_reference && (value.is_string() || value.is_number()) {
                    found.insert(value.to_string().trim_matches('"').to_owned());
                } else if field == "definition" {
                    texts(&serde_json::from_str(value.as_str().unwrap()).unwrap(), found);
                } else if !matches!(field.as_str(), "base_parameters" | "job_parameters" | "custom_tags") {
                    named(value, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| named(item, found)),
        _ => {}
    }
}

fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::String(text) => {
            found.insert(text.clone());
        }
        _ => {}
    }
}

/// Ids in cluster references, pools, policies and job tasks were left pointing at the other workspace.
#[tokio::test]
async fn mistake_5_no_id_points_at_the_other_workspace() {
    for content in [Content::Empty, Content::Demo] {
        let world = if content == Content::Demo { World::with(content).await } else { World::start().await };
        let plan = world.plan().await;
        world.apply(&plan).await;
        let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
        let (ids_here, ids_there) = (ids(here).await, ids(there).await);
        assert!(ids_here.is_disjoint(&ids_there), "the test can tell the two apart");
        let (mut named_here, mut named_there) = (BTreeSet::new(), BTreeSet::new());
        for (client, found) in [(here, &mut named_here), (there, &mut named_there)] {
            let lists = [
                client.list_pools().await.unwrap(),
                client.list_policies().await.unwrap(),
                client.list_clusters().await.unwrap(),
                client.list_jobs().await.unwrap(),
            ];
            lists.iter().flatten().for_each(|object| named(object, found));
        }
        let foreign: Vec<&String> = named_there.intersection(&ids_here).collect();
        assert_eq!(foreign, Vec::<&String>::new());
        let own = |named: &BTreeSet<String>, ids: &BTreeSet<String>| named.intersection(ids).count();
        assert_eq!(
            own(&named_there, &ids_there),
            own(&named_here, &ids_here),
            "as many as on the active side"
        );
    }
}

/// Deletions were never propagated, because an incremental export cannot see them.
#[tokio::test]
async fn mistake_6_deletions_are_propagated() {
    let world = World::start().await;
    world.sync().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    // In this order, because a workspace keeps what is in use.
    for job in here.list_jobs().await.unwrap() {
        here.delete_job(job["job_id"].as_i64().unwrap()).await.unwrap();
    }
    for cluster in here.list_clusters().await.unwrap() {
        let id = cluster["cluster_id"].as_str().unwrap();
        here.unpin_cluster(id).await.unwrap();
        here.permanent_delete_cluster(id).await.unwrap();
    }
    for policy in here.list_policies().await.unwrap() {
        here.delete_policy(policy["policy_id"].as_str().unwrap()).await.unwrap();
    }
    for pool in here.list_pools().await.unwrap() {
        here.delete_pool(pool["instance_pool_id"].as_str().unwrap()).await.unwrap();
    }
    here.delete_path("/Shared/report", false).await.unwrap();
    here.delete_path("/Production", true).await.unwrap();
    there.import_notebook("/Shared/of this side", "SQL", b"SELECT 1".to_vec()).await.unwrap();

    let plan = world.plan().await;
    assert!(
        to_apply(&plan).iter().all(|(action, ..)| *action == PlanAction::Delete),
        "{}",
        render_text(&plan)
    );
    for (kind, expected) in [
        (ObjectKind::Jobs, 7),
        (ObjectKind::Clusters, 2),
        (ObjectKind::ClusterPolicies, 1),
        (ObjectKind::InstancePools, 2),
        (ObjectKind::Notebooks, 4),
        (ObjectKind::Folders, 3),
    ] {
        let count = to_apply(&plan).iter().filter(|(_, of, _)| *of == kind).count();
        assert_eq!(count, expected, "{}", kind.plural());
    }
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    assert_eq!(ids(there).await, BTreeSet::new());
    assert!(there.list_folder("/Production", None).await.is_err());
    // And nothing that the source never had goes with them.
    assert!(there.export_notebook("/Shared/of this side").await.is_ok());
    assert_eq!(to_apply(&world.plan().await), []);
    assert_eq!(item(&world.plan().await, "1 notebook only in secondary").action, PlanAction::Skip);
}
