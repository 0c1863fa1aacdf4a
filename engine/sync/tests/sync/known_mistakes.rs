//! What other tools got wrong, each as a test of its own.

use std::collections::BTreeSet;

use farshore_databricks::{PermissionType as Of, PrincipalKind, WorkspaceClient};
use farshore_model::{group::Side, kind::ObjectKind, plan::PlanAction};
use farshore_simulator::{Content, Fault};
use farshore_sync::{SilentLog, activation, passive, render_text};
use serde_json::{Value, json};

use crate::{
    content::{current_activations, own_activations},
    permissions::{ANN, direct, guarded, lists, put, refused, user},
    world::{World, fault, item, refusal, to_apply},
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

/// One job whose owner was missing stopped the whole run.
#[tokio::test]
async fn mistake_3_a_job_whose_owner_is_missing_stops_nothing_else() {
    let world = guarded().await;
    let here = world.client(Side::Primary);
    let late = json!({"userName": "late@farshore.example"});
    here.create_principal(PrincipalKind::User, &late).await.unwrap();
    put(here, Of::Jobs, "files", &[user("late@farshore.example", "IS_OWNER")]).await;
    world.secondary.control().set_faults(vec![refused("/api/2.0/preview/scim/v2/Users")]);
    let (_, sink) = world.apply(&world.plan().await).await;
    let failed: Vec<_> =
        sink.failed().into_iter().map(|outcome| (outcome.object.kind, outcome.name)).collect();
    let late = "late@farshore.example".to_owned();
    let home = format!("/Users/{late}");
    let expected = [(ObjectKind::Users, late), (ObjectKind::Permissions, home)];
    assert_eq!(
        failed, expected,
        "the owner and the list of the owner's home, and neither the job nor any other"
    );

    let report = activation::release_jobs(&world.ctx.side(Side::Secondary), &SilentLog).await.unwrap();
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    assert_eq!(current_activations(world.client(Side::Secondary)).await, own_activations());
}

/// An import of all access control lists took hours, and a single 500 threw it away.
#[tokio::test]
async fn mistake_4_one_server_error_throws_no_access_control_list_away() {
    let world = guarded().await;
    let broken = Fault {
        method: Some("PUT".to_owned()),
        ..fault("/api/2.0/permissions/notebooks", None, refusal(500, "INTERNAL_ERROR"))
    };
    world.secondary.control().set_faults(vec![broken]);
    let (_, sink) = world.apply(&world.plan().await).await;
    let failed: Vec<String> = sink.failed().into_iter().map(|outcome| outcome.name).collect();
    assert!(failed.iter().any(|name| name == "/Production/load"), "{failed:?}");
    let there = world.client(Side::Secondary);
    assert_eq!(direct(there, Of::Clusters, "Idle").await, [user(ANN, "CAN_RESTART")]);

    world.secondary.control().set_faults(Vec::new());
    let again = world.sync().await;
    let again: Vec<&str> = lists(&again).into_iter().map(|item| &*item.name).collect();
    assert_eq!(again, failed, "and no other is written again");
    assert_eq!(direct(there, Of::Notebooks, "/Production/load").await, [user(ANN, "CAN_EDIT")]);
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

/// A tier without access control lists crashed the tool.
#[tokio::test]
async fn mistake_7_a_tier_without_access_control_lists_is_copied_without_them() {
    let world = guarded().await;
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().set_acls(false);
    }
    let plan = world.sync().await;
    assert_eq!(item(&plan, "All access control lists").action, PlanAction::Skip);
    assert_eq!(world.client(Side::Secondary).list_jobs().await.unwrap().len(), 7);
    world.assert_in_sync().await;
}

/// A failover needed storage in the region that was lost.
#[tokio::test]
async fn mistake_8_a_failover_asks_nothing_of_the_lost_region() {
    let world = World::start().await;
    world.sync().await;
    let (side, there) = (world.ctx.side(Side::Secondary), world.client(Side::Secondary));
    let release = async || {
        for report in [
            activation::release_pools(&side, &SilentLog).await.unwrap(),
            activation::release_clusters(&side, &SilentLog).await.unwrap(),
            activation::release_jobs(&side, &SilentLog).await.unwrap(),
        ] {
            assert_eq!(report.problems, []);
        }
        assert_eq!(current_activations(there).await, own_activations());
    };
    world.primary.control().set_down();
    release().await;
    assert!(there.export_notebook("/Production/load").await.is_ok(), "what jobs run has been there before");

    // Nor would it be asked if it answered.
    world.primary.control().set_up(0);
    passive::fence(&side, &SilentLog).await.unwrap();
    world.primary.control().clear_calls();
    release().await;
    assert_eq!(world.primary.control().calls().calls, 0);
}
