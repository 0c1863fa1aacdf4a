//! Who we are, and where the workspace is.

use farshore_databricks::{ErrorKind, GroupOfMe, Me, detect_cloud_and_region};
use serde_json::{Value, json};

use crate::scripted::{Reply, Scripted, TOKEN, once};

#[tokio::test]
async fn the_credential_s_owner_and_the_workspace_s_id_are_read() {
    let me = json!({
        "id": "1", "userName": "ada@example.com", "displayName": "Ada", "active": true,
        "groups": [{"display": "users", "value": "1"}, {"display": "admins", "value": "2"}],
    });
    let server =
        Scripted::start(move |_| Reply::json(me.clone()).with_header("x-databricks-org-id", "7405611111"))
            .await;
    let group = |id: &str, name: &str| GroupOfMe { id: id.to_owned(), name: name.to_owned() };
    let expected = Me {
        id: Some("1".to_owned()),
        user_name: "ada@example.com".to_owned(),
        display_name: "Ada".to_owned(),
        is_admin: true,
        groups: vec![group("1", "users"), group("2", "admins")],
        org_id: Some("7405611111".to_owned()),
    };
    assert_eq!(server.client(once()).me().await.unwrap(), expected);
    let asked = &server.asked()[0];
    assert_eq!(asked.what, "GET /api/2.0/preview/scim/v2/Me");
    assert_eq!(asked.headers["authorization"], format!("Bearer {TOKEN}"));
    assert!(asked.headers["user-agent"].starts_with("farshore/"));
}

#[tokio::test]
async fn what_is_missing_is_not_made_up() {
    let server =
        Scripted::start(|_| Reply::json(json!({"userName": "bot", "groups": [{"display": "users"}]}))).await;
    let me = server.client(once()).me().await.unwrap();
    assert_eq!((me.display_name.as_str(), me.is_admin, me.org_id), ("bot", false, None));

    // JSON from somewhere else.
    let server = Scripted::start(|_| Reply::json(json!({"status": "ok"}))).await;
    assert_eq!(server.client(once()).me().await.unwrap_err().kind(), ErrorKind::HalfAnswer);
}

#[tokio::test]
async fn cloud_and_region_come_from_what_a_workspace_answers() {
    let server = Scripted::start(|asked| {
        Reply::json(match asked.what.as_str() {
            "GET /api/2.1/clusters/list-zones" => {
                json!({"zones": ["us-east-1a", "us-east-1b"], "default_zone": "us-east-1a"})
            }
            "GET /api/2.1/unity-catalog/metastore_summary" => {
                json!({"name": "main", "metastore_id": "m", "cloud": "aws", "region": "us-east-1", "owner": "x"})
            }
            _ => Value::Null,
        })
    })
    .await;
    let client = server.client(once());
    let zones = client.zones().await.unwrap();
    let metastore = client.metastore_summary().await.unwrap();
    assert_eq!(zones.default_zone.as_deref(), Some("us-east-1a"));
    assert_eq!((metastore.name.as_str(), metastore.region.as_deref()), ("main", Some("us-east-1")));
    let detected = detect_cloud_and_region(client.host(), Some(&zones), Some(&metastore));
    assert_eq!((detected.cloud.as_deref(), detected.region.as_deref()), (Some("aws"), Some("us-east-1")));
}

#[tokio::test]
async fn a_workspace_without_a_metastore_says_so() {
    let server =
        Scripted::start(|_| Reply::error(404, "METASTORE_DOES_NOT_EXIST", "No metastore assigned")).await;
    assert_eq!(server.client(once()).metastore_summary().await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn who_we_are_may_be_a_question_that_nobody_answers() {
    for reply in [
        || Reply::status(404, json!({"schemas": [], "detail": "not found", "status": "404"})),
        || Reply::error(404, "ENDPOINT_NOT_FOUND", "No API found for 'GET /preview/scim/v2/Me'"),
        || Reply::status(404, json!({"detail": "Not Found"})),
        || Reply::text(404, "text/plain", "404 page not found"),
    ] {
        let server = Scripted::start(move |_| reply()).await;
        assert_eq!(server.client(once()).me_if_told().await.unwrap(), None);
    }
    for (reply, expected) in [
        ((|| Reply::status(401, json!({"error_code": 401}))) as fn() -> Reply, ErrorKind::Unauthenticated),
        (|| Reply::error(500, "INTERNAL_ERROR", "oops"), ErrorKind::Server),
        (|| Reply::page(200, "<html><title>Sign in</title></html>"), ErrorKind::NotDatabricks),
    ] {
        let server = Scripted::start(move |_| reply()).await;
        assert_eq!(server.client(once()).me_if_told().await.unwrap_err().kind(), expected);
    }
}
