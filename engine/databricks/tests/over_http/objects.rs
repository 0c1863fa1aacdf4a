//! Clusters, pools and policies: where each call goes and what it carries.

use farshore_databricks::ErrorKind;
use serde_json::{Value, json};

use crate::scripted::{Reply, Scripted, once};

#[tokio::test]
async fn clusters_of_jobs_and_pipelines_are_left_out() {
    let server = Scripted::start(|_| {
        let of = |id: &str, source: &str| json!({"cluster_id": id, "cluster_source": source});
        Reply::json(json!({"clusters": [
            of("ui", "UI"), of("job", "JOB"), of("api", "API"), of("dlt", "PIPELINE"), of("sql", "SQL"),
            of("maintenance", "PIPELINE_MAINTENANCE"), of("models", "MODELS"), {"cluster_id": "unsaid"},
        ]}))
    })
    .await;
    let clusters = server.client(once()).list_clusters().await.unwrap();
    let ids: Vec<_> = clusters.iter().filter_map(|cluster| cluster["cluster_id"].as_str()).collect();
    assert_eq!(ids, ["ui", "api", "unsaid"]);
}

#[tokio::test]
async fn each_call_goes_to_its_endpoint() {
    let server = Scripted::start(|asked| {
        Reply::json(match asked.what.rsplit_once('/').map(|(_, last)| last) {
            Some("create") => json!({"cluster_id": "c", "instance_pool_id": "p", "policy_id": "q"}),
            Some("get") => json!({"found": true}),
            Some("list") => {
                json!({"instance_pools": [{"instance_pool_id": "p"}], "policies": [{"policy_id": "q"}]})
            }
            _ => json!({}),
        })
    })
    .await;
    let client = server.client(once());
    let cluster = json!({"cluster_id": "c"});
    let pool = json!({"instance_pool_id": "p"});
    let policy = json!({"policy_id": "q"});

    assert_eq!(client.create_cluster(&cluster).await.unwrap(), "c");
    assert_eq!(client.get_cluster("c").await.unwrap(), json!({"found": true}));
    client.edit_cluster(&cluster).await.unwrap();
    client.start_cluster("c").await.unwrap();
    client.terminate_cluster("c").await.unwrap();
    client.permanent_delete_cluster("c").await.unwrap();
    client.pin_cluster("c").await.unwrap();
    client.unpin_cluster("c").await.unwrap();
    assert_eq!(client.create_pool(&pool).await.unwrap(), "p");
    assert_eq!(client.get_pool("p").await.unwrap(), json!({"found": true}));
    assert_eq!(client.list_pools().await.unwrap(), std::slice::from_ref(&pool));
    client.edit_pool(&pool).await.unwrap();
    client.delete_pool("p").await.unwrap();
    assert_eq!(client.create_policy(&policy).await.unwrap(), "q");
    assert_eq!(client.get_policy("q").await.unwrap(), json!({"found": true}));
    assert_eq!(client.list_policies().await.unwrap(), std::slice::from_ref(&policy));
    client.edit_policy(&policy).await.unwrap();
    client.delete_policy("q").await.unwrap();

    let asked = server.asked();
    let sent: Vec<_> = asked
        .iter()
        .map(|asked| {
            let argument = if asked.body.is_empty() { json!(asked.query) } else { asked.json() };
            (asked.what.as_str(), argument)
        })
        .collect();
    let expected: [(&str, &Value); 18] = [
        ("POST /api/2.1/clusters/create", &cluster),
        ("GET /api/2.1/clusters/get", &cluster),
        ("POST /api/2.1/clusters/edit", &cluster),
        ("POST /api/2.1/clusters/start", &cluster),
        ("POST /api/2.1/clusters/delete", &cluster),
        ("POST /api/2.1/clusters/permanent-delete", &cluster),
        ("POST /api/2.1/clusters/pin", &cluster),
        ("POST /api/2.1/clusters/unpin", &cluster),
        ("POST /api/2.0/instance-pools/create", &pool),
        ("GET /api/2.0/instance-pools/get", &pool),
        ("GET /api/2.0/instance-pools/list", &json!({})),
        ("POST /api/2.0/instance-pools/edit", &pool),
        ("POST /api/2.0/instance-pools/delete", &pool),
        ("POST /api/2.0/policies/clusters/create", &policy),
        ("GET /api/2.0/policies/clusters/get", &policy),
        ("GET /api/2.0/policies/clusters/list", &json!({})),
        ("POST /api/2.0/policies/clusters/edit", &policy),
        ("POST /api/2.0/policies/clusters/delete", &policy),
    ];
    assert_eq!(sent.iter().map(|(what, sent)| (*what, sent)).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn states_and_names_that_are_in_the_way_are_told_apart() {
    let server = Scripted::start(|asked| match asked.what.as_str() {
        "POST /api/2.1/clusters/start" => {
            Reply::error(400, "INVALID_STATE", "Cluster c is in unexpected state Running.")
        }
        "POST /api/2.0/policies/clusters/create" => {
            Reply::error(400, "RESOURCE_ALREADY_EXISTS", "A policy with that name exists")
        }
        _ => Reply::error(404, "RESOURCE_DOES_NOT_EXIST", "Can't find an instance pool with id: p"),
    })
    .await;
    let client = server.client(once());
    assert_eq!(client.start_cluster("c").await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(client.create_policy(&json!({})).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
    let edit = client.edit_pool(&json!({"instance_pool_id": "p"})).await;
    assert_eq!(edit.unwrap_err().kind(), ErrorKind::NotFound);
}
