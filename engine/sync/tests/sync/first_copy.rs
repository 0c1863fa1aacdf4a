use farshore_model::{group::Side, kind::ObjectKind, plan::PlanAction};
use serde_json::json;

use crate::{
    content::{self, NOTEBOOKS},
    world::{World, item, to_apply},
};

#[tokio::test]
async fn the_first_copy_brings_everything_passively() {
    let world = World::start().await;
    let plan = world.sync().await;
    let objects = 4 + 4 + 2 + 1 + 2 + 7;
    assert_eq!(plan.counts.create, objects * 2, "each with its list: {}", farshore_sync::render_text(&plan));
    let people = 1 + 2;
    assert_eq!(
        plan.counts.adopt,
        people + 4,
        "the administrator's home and the shared folder are on both sides, with their lists"
    );
    assert_eq!(item(&plan, "/Production/load").desired, Some(json!({"language": "PYTHON"})));

    let there = world.client(Side::Secondary);
    for (path, _, source) in NOTEBOOKS {
        let copy = there.export_notebook(path).await.unwrap();
        assert_eq!(String::from_utf8(copy).unwrap().trim_end(), source);
    }
    for (_, activation) in content::current_activations(there).await {
        assert_eq!(activation["max_concurrent_runs"], 0);
        assert!(!activation.to_string().contains("UNPAUSED"), "{activation}");
    }
    assert!(there.list_pools().await.unwrap().iter().all(|pool| pool["min_idle_instances"] == 0));
    for cluster in there.list_clusters().await.unwrap() {
        let state = cluster["state"].as_str().unwrap();
        assert!(matches!(state, "TERMINATED" | "TERMINATING"), "{state}");
        assert_eq!(cluster["pinned_by_user_name"].is_string(), cluster["cluster_name"] == "ETL");
    }
    for (name, own) in content::activations() {
        assert_eq!(world.entry(ObjectKind::Jobs, name).await.activation, Some(own), "{name}");
    }
    world.assert_in_sync().await;
    world.assert_in_sync().await;
}

#[tokio::test]
async fn every_reference_points_to_the_own_workspace() {
    let world = World::start().await;
    world.sync().await;
    let id = async |kind, name| world.id(kind, name, Side::Secondary).await;
    let pool = id(ObjectKind::InstancePools, "Small").await;
    let drivers = id(ObjectKind::InstancePools, "Drivers").await;
    let policy = id(ObjectKind::ClusterPolicies, "On small").await;
    let etl = id(ObjectKind::Clusters, "ETL").await;

    let there = world.client(Side::Secondary);
    let definition = there.get_policy(&policy).await.unwrap()["definition"].as_str().unwrap().to_owned();
    assert!(definition.contains(&pool), "{definition}");
    let cluster = there.get_cluster(&etl).await.unwrap();
    assert_eq!(cluster["instance_pool_id"], json!(pool));
    assert_eq!(cluster["driver_instance_pool_id"], json!(drivers));
    assert_eq!(cluster["policy_id"], json!(policy));
    let idle = there.get_cluster(&id(ObjectKind::Clusters, "Idle").await).await.unwrap();
    assert_eq!(idle["aws_attributes"]["zone_id"], "auto");

    let job = async |name| there.get_job(world.job_id(name, Side::Secondary).await).await.unwrap();
    assert_eq!(job("cron").await["settings"]["tasks"][0]["existing_cluster_id"], json!(etl));
    let by_hand = job("by hand").await;
    let spec = &by_hand["settings"]["job_clusters"][0]["new_cluster"];
    assert_eq!(spec["instance_pool_id"], json!(pool));
    assert_eq!(spec["policy_id"], json!(policy));
    assert_eq!(by_hand["settings"]["tasks"][0]["notebook_task"]["base_parameters"]["policy_id"], "mine");
    let started = &job("starts others").await["settings"]["tasks"][0]["run_job_task"]["job_id"];
    assert_eq!(*started, by_hand["job_id"]);
}

#[tokio::test]
async fn what_is_there_already_is_taken_over_and_not_made_twice() {
    let world = World::start().await;
    let there = world.client(Side::Secondary);
    let pool = json!({"instance_pool_name": "Small", "node_type_id": "m5d.large", "min_idle_instances": 4});
    there.create_pool(&pool).await.unwrap();
    let task = json!({"task_key": "t", "notebook_task": {"notebook_path": "/x"}});
    let job = |name: &str| json!({"name": name, "tasks": [task]});
    there.create_job(&job("cron")).await.unwrap();
    for _ in 0..2 {
        there.create_job(&job("files")).await.unwrap();
    }
    there.create_job(&job("of this side")).await.unwrap();
    there.make_folder("/Production").await.unwrap();
    there.import_notebook("/Production/load", "PYTHON", b"print('older')".to_vec()).await.unwrap();

    let plan = world.plan().await;
    for name in ["Small", "cron", "/Production", "/Production/load"] {
        assert_eq!(item(&plan, name).action, PlanAction::Adopt, "{name}");
    }
    let unclear = item(&plan, "files");
    assert!(unclear.is_blocked(), "{unclear:?}");
    let why = unclear.reason.as_ref().unwrap();
    assert!(why.contains("1 job in primary and 2 jobs in secondary") && why.contains("rename them"), "{why}");
    let (report, sink) = world.apply(&plan).await;
    // It is not on the other side, and nothing may claim that it is.
    assert_eq!(report.failed, 1, "{:#?}", sink.failed());
    assert_eq!(&*sink.failed()[0].name, "files");

    let pools = there.list_pools().await.unwrap();
    assert_eq!(pools.len(), 2);
    assert!(pools.iter().all(|pool| pool["min_idle_instances"] == 0 && pool["max_capacity"] == 10));
    let jobs = there.list_jobs().await.unwrap();
    let named = |name: &str| jobs.iter().filter(|job| job["settings"]["name"] == name).count();
    assert_eq!((named("cron"), named("files"), named("of this side")), (1, 2, 1));
    let again = world.plan().await;
    let expected = [(PlanAction::Create, ObjectKind::Jobs, "files".to_owned())];
    assert_eq!(to_apply(&again), expected, "{}", farshore_sync::render_text(&again));
    // One of the two goes, and the other one is it.
    let mut namesakes = jobs.iter().filter(|job| job["settings"]["name"] == "files");
    there.delete_job(namesakes.next_back().unwrap()["job_id"].as_i64().unwrap()).await.unwrap();
    assert_eq!(item(&world.sync().await, "files").action, PlanAction::Adopt);
    world.assert_in_sync().await;
}

#[tokio::test]
async fn two_plans_of_the_same_state_have_one_hash() {
    let world = World::start().await;
    let (first, second) = (world.plan().await, world.plan().await);
    assert_ne!(first.id, second.id);
    assert_eq!(first.hash, second.hash);
    world.primary.control().demo_change();
    assert_eq!(world.plan().await.counts.create, first.counts.create);
}
