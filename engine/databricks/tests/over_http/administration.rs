//! Init scripts, libraries, instance profiles, switches and cluster events: where each call goes.

use std::collections::BTreeMap;

use farshore_databricks::ErrorKind;
use serde_json::{Value, json};

use crate::scripted::{Asked, Reply, Scripted, once};

fn sent(asked: &[Asked]) -> Vec<(&str, Value)> {
    asked.iter().map(|asked| (asked.what.as_str(), asked.json())).collect()
}

#[tokio::test]
async fn global_init_scripts() {
    let server = Scripted::start(|asked| match asked.what.as_str() {
        "GET /api/2.0/global-init-scripts" => {
            Reply::json(json!({"scripts": [{"script_id": "A", "position": 0, "enabled": true}]}))
        }
        "POST /api/2.0/global-init-scripts" => Reply::json(json!({"script_id": "B"})),
        "GET /api/2.0/global-init-scripts/A" => Reply::json(json!({"script_id": "A", "script": "AQID"})),
        "DELETE /api/2.0/global-init-scripts/A" => {
            Reply::error(404, "RESOURCE_DOES_NOT_EXIST", "The global init script with ID A does not exist.")
        }
        _ => Reply::json(json!({})),
    })
    .await;
    let client = server.client(once());
    assert_eq!(client.list_global_init_scripts().await.unwrap()[0]["script_id"], "A");
    assert_eq!(client.get_global_init_script("A").await.unwrap()["script"], "AQID");
    let script = json!({"name": "s", "script": "AQID", "position": 1, "enabled": false});
    assert_eq!(client.create_global_init_script(&script).await.unwrap(), "B");
    client.update_global_init_script("B", &script).await.unwrap();
    client.delete_global_init_script("A").await.unwrap();
    let asked = server.asked();
    assert_eq!(
        sent(&asked)[2..],
        [
            ("POST /api/2.0/global-init-scripts", script.clone()),
            ("PATCH /api/2.0/global-init-scripts/B", script),
            ("DELETE /api/2.0/global-init-scripts/A", Value::Null),
        ]
    );
}

#[tokio::test]
async fn libraries() {
    let library = json!({"library": {"pypi": {"package": "x"}}, "status": "INSTALLED"});
    let listed = library.clone();
    let server = Scripted::start(move |asked| match asked.what.as_str() {
        "GET /api/2.0/libraries/all-cluster-statuses" => {
            Reply::json(json!({"statuses": [{"cluster_id": "c", "library_statuses": [listed]}]}))
        }
        "GET /api/2.0/libraries/cluster-status" if asked.query["cluster_id"] == "gone" => {
            Reply::error(400, "INVALID_PARAMETER_VALUE", "Cluster gone does not exist")
        }
        "GET /api/2.0/libraries/cluster-status" => {
            Reply::json(json!({"cluster_id": "c", "library_statuses": [listed]}))
        }
        _ => Reply::json(json!({})),
    })
    .await;
    let client = server.client(once());
    assert_eq!(client.list_all_cluster_libraries().await.unwrap()[0]["cluster_id"], "c");
    assert_eq!(client.list_cluster_libraries("c").await.unwrap(), [library]);
    assert_eq!(client.list_cluster_libraries("gone").await.unwrap_err().kind(), ErrorKind::NotFound);
    let libraries = [json!({"jar": "dbfs:/x.jar"})];
    client.install_libraries("c", &libraries).await.unwrap();
    client.uninstall_libraries("c", &libraries).await.unwrap();
    let body = json!({"cluster_id": "c", "libraries": libraries});
    let asked = server.asked();
    assert_eq!(
        sent(&asked)[3..],
        [("POST /api/2.0/libraries/install", body.clone()), ("POST /api/2.0/libraries/uninstall", body)]
    );
}

#[tokio::test]
async fn instance_profiles() {
    const ARN: &str = "arn:aws:iam::123456789012:instance-profile/p";
    let server = Scripted::start(|asked| match asked.what.rsplit('/').next() {
        Some("list") => Reply::json(json!({"instance_profiles": [{"instance_profile_arn": ARN}]})),
        Some("add") => Reply::error(400, "RESOURCE_ALREADY_EXISTS", "The instance profile has been added."),
        Some("remove") => Reply::error(404, "RESOURCE_DOES_NOT_EXIST", "no such profile"),
        _ => Reply::json(json!({})),
    })
    .await;
    let client = server.client(once());
    let profile = json!({"instance_profile_arn": ARN, "skip_validation": true});
    assert_eq!(client.list_instance_profiles().await.unwrap(), [json!({"instance_profile_arn": ARN})]);
    assert_eq!(client.add_instance_profile(&profile).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
    client.edit_instance_profile(&profile).await.unwrap();
    client.remove_instance_profile(ARN).await.unwrap();
    let asked = server.asked();
    assert_eq!(
        sent(&asked)[1..],
        [
            ("POST /api/2.0/instance-profiles/add", profile.clone()),
            ("POST /api/2.0/instance-profiles/edit", profile),
            ("POST /api/2.0/instance-profiles/remove", json!({"instance_profile_arn": ARN})),
        ]
    );
}

#[tokio::test]
async fn switches_of_a_workspace() {
    let server = Scripted::start(|asked| match asked.what.as_str() {
        "GET /api/2.0/workspace-conf" if asked.query["keys"] == "enableX,enableY" => {
            Reply::json(json!({"enableX": "true", "enableY": null}))
        }
        "GET /api/2.0/workspace-conf" => Reply::error(400, "BAD_REQUEST", "Invalid keys: [\"nonsense\"]"),
        _ => Reply::text(204, "application/json", ""),
    })
    .await;
    let client = server.client(once());
    let values = client.get_workspace_conf(&["enableX", "enableY"]).await.unwrap();
    assert_eq!(values["enableX"].as_deref(), Some("true"));
    assert_eq!(values["enableY"], None);
    assert_eq!(client.get_workspace_conf(&["nonsense"]).await.unwrap_err().kind(), ErrorKind::Invalid);
    let values = BTreeMap::from([("enableX".to_owned(), "false".to_owned())]);
    client.set_workspace_conf(&values).await.unwrap();
    assert_eq!(sent(&server.asked())[2], ("PATCH /api/2.0/workspace-conf", json!({"enableX": "false"})));
}

#[tokio::test]
async fn the_latest_cluster_events_are_read_page_by_page() {
    let server = Scripted::start(|asked| {
        let body = asked.json();
        let offset = body["offset"].as_u64().unwrap_or_default();
        let events: Vec<_> = (offset..offset + 2).map(|number| json!({"timestamp": number})).collect();
        let mut next = body.clone();
        next["offset"] = json!(offset + 2);
        Reply::json(if offset < 4 {
            json!({"events": events, "next_page": next, "total_count": 6})
        } else {
            json!({"events": events, "total_count": 6})
        })
    })
    .await;
    let client = server.client(once());
    assert_eq!(client.list_cluster_events("c", &[], 100).await.unwrap().len(), 6);
    let three = client.list_cluster_events("c", &["RUNNING"], 3).await.unwrap();
    assert_eq!(three.last(), Some(&json!({"timestamp": 2})));
    let asked = server.asked();
    assert_eq!(
        asked[3].json(),
        json!({"cluster_id": "c", "order": "DESC", "limit": 3, "event_types": ["RUNNING"]})
    );
    assert_eq!(asked.len(), 5);
}
