//! The order in which a workspace lists its objects is nobody's business.

use farshore_model::group::Side;
use farshore_simulator::Content;
use farshore_sync::render_text;
use serde_json::json;

use crate::world::World;

/// A workspace in which the same was made, the last one first or the first one first.
async fn filled(is_reversed: bool) -> World {
    let world = World::with(Content::Empty).await;
    let here = world.client(Side::Primary);
    let mut numbers: Vec<i64> = (1..=5).collect();
    if is_reversed {
        numbers.reverse();
    }
    for number in &numbers {
        let path = format!("/Shared/{number}");
        here.import_notebook(&path, "SQL", format!("SELECT {number}").into_bytes()).await.unwrap();
        let pool = json!({"instance_pool_name": format!("pool {number}"), "node_type_id": "m5d.large", "max_capacity": number});
        let pool = here.create_pool(&pool).await.unwrap();
        let cluster = json!({
            "cluster_name": format!("cluster {number}"), "spark_version": "15.4.x-scala2.12", "num_workers": number,
            "instance_pool_id": pool,
        });
        let cluster = here.create_cluster(&cluster).await.unwrap();
        here.terminate_cluster(&cluster).await.unwrap();
        let task = json!({"task_key": "t", "existing_cluster_id": cluster, "notebook_task": {"notebook_path": path}});
        // Of one name, as jobs may be.
        here.create_job(&json!({"name": "nightly", "timeout_seconds": number, "tasks": [task]}))
            .await
            .unwrap();
    }
    world
}

#[tokio::test]
async fn the_order_of_listing_does_not_matter() {
    let (one, other) = (filled(false).await, filled(true).await);
    assert_eq!(render_text(&one.plan().await), render_text(&other.plan().await));
    for world in [one, other] {
        world.sync().await;
        world.assert_in_sync().await;
    }
}
