//! Workspaces that know less of the API than is spoken here.

use farshore_databricks::{ContentFormat, ErrorKind};
use serde_json::json;

use crate::scripted::{Asked, Reply, Scripted, once};

/// The ways in which nobody answers under a path.
fn nobody(how: usize) -> Reply {
    match how {
        0 => Reply::error(404, "ENDPOINT_NOT_FOUND", "No API found for 'GET /jobs/list'"),
        1 => Reply::text(404, "text/plain", "404: Not Found"),
        2 => Reply::status(404, json!({"detail": "Not Found"})),
        3 => Reply::page(404, "<html><title>404</title></html>"),
        _ => Reply::text(404, "text/plain", ""),
    }
}

#[tokio::test]
async fn where_a_version_is_not_known_the_one_before_is_spoken_and_remembered() {
    for how in 0..5 {
        let server = Scripted::start(move |asked| match asked.what.as_str() {
            "GET /api/2.1/jobs/list" => {
                assert_eq!(asked.query["expand_tasks"], "true");
                Reply::json(json!({"jobs": [{"job_id": 7, "settings": {"tasks": [{"task_key": "a"}]}}]}))
            }
            "POST /api/2.1/jobs/create" => Reply::json(json!({"job_id": 8})),
            "GET /api/2.0/clusters/list" => Reply::json(json!({"clusters": [{"cluster_id": "c"}]})),
            "POST /api/2.0/clusters/create" => Reply::json(json!({"cluster_id": "d"})),
            _ => nobody(how),
        })
        .await;
        let client = server.client(once());
        assert_eq!(client.list_jobs().await.unwrap().len(), 1);
        assert_eq!(client.clone().create_job(&json!({"name": "x"})).await.unwrap(), 8);
        assert_eq!(client.list_clusters().await.unwrap().len(), 1);
        assert_eq!(client.create_cluster(&json!({"cluster_name": "x"})).await.unwrap(), "d");
        let asked: Vec<String> = server.asked().into_iter().map(|asked| asked.what).collect();
        let expected = [
            "GET /api/2.2/jobs/list",
            "GET /api/2.1/jobs/list",
            "POST /api/2.1/jobs/create",
            "GET /api/2.1/clusters/list",
            "GET /api/2.0/clusters/list",
            "POST /api/2.0/clusters/create",
        ];
        assert_eq!(asked, expected, "{how}");
    }
}

#[tokio::test]
async fn a_create_finds_the_version_as_well_and_is_made_once() {
    let server = Scripted::start(|asked| match asked.what.as_str() {
        "POST /api/2.1/jobs/create" => Reply::json(json!({"job_id": 8})),
        _ => nobody(0),
    })
    .await;
    assert_eq!(server.client(once()).create_job(&json!({"name": "x"})).await.unwrap(), 8);
    assert_eq!(
        server.asked().iter().map(Asked::json).collect::<Vec<_>>(),
        [json!({"name": "x"}), json!({"name": "x"})]
    );
}

#[tokio::test]
async fn a_version_that_has_answered_is_never_left_for_an_older_one() {
    let server = Scripted::start(|asked| match (asked.what.as_str(), asked.earlier) {
        ("GET /api/2.2/jobs/list", 0) => Reply::json(json!({})),
        ("GET /api/2.2/jobs/get", _) => Reply::error(404, "RESOURCE_DOES_NOT_EXIST", "Job 7 does not exist."),
        _ => nobody(0),
    })
    .await;
    let client = server.client(once());
    assert_eq!(client.get_job(7).await.unwrap_err().kind(), ErrorKind::NotFound, "that is said of a job");
    assert_eq!(client.list_jobs().await.unwrap().len(), 0);
    assert_eq!(client.list_jobs().await.unwrap_err().kind(), ErrorKind::FeatureDisabled);
    assert!(server.asked().iter().all(|asked| asked.what.contains("/2.2/")));
    // One that knows neither is told by its first words.
    let error = client.list_clusters().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FeatureDisabled);
    assert_eq!(server.count("GET /api/2.0/clusters/list"), 1);
}

#[tokio::test]
async fn where_what_is_kept_cannot_be_asked_for_another_format_is() {
    for status in [400, 404] {
        let server = Scripted::start(move |asked| match asked.query["format"].as_str() {
            "AUTO" if status == 400 => {
                Reply::error(400, "INVALID_PARAMETER_VALUE", "Unsupported format AUTO")
            }
            "AUTO" => Reply::error(404, "RESOURCE_DOES_NOT_EXIST", "no such thing"),
            "RAW" => Reply::text(200, "application/octet-stream", "raw"),
            _ => Reply::json(json!({"content": "AQID"})),
        })
        .await;
        let client = server.client(once());
        for _ in 0..2 {
            assert_eq!(client.export_as_kept("/n", ContentFormat::Source).await.unwrap(), [1, 2, 3]);
        }
        let mut download = client.download_as_kept("/f", ContentFormat::Raw).await.unwrap();
        assert_eq!(download.next().await.unwrap().unwrap(), "raw");
        let formats: Vec<String> = server.asked().iter().map(|asked| asked.query["format"].clone()).collect();
        assert_eq!(formats, ["AUTO", "SOURCE", "SOURCE", "RAW"]);
    }
}

#[tokio::test]
async fn a_refusal_that_is_not_about_the_format_stays_what_it_is() {
    let server = Scripted::start(|asked| match asked.query["path"].as_str() {
        "/gone" => Reply::error(404, "RESOURCE_DOES_NOT_EXIST", "Path (/gone) doesn't exist."),
        "/bad" if asked.query["format"] == "AUTO" => Reply::error(400, "INVALID_PARAMETER_VALUE", "broken"),
        _ => Reply::json(json!({"content": "AQID"})),
    })
    .await;
    let client = server.client(once());
    let kind = async |path| client.export_as_kept(path, ContentFormat::Source).await.unwrap_err().kind();
    assert_eq!(kind("/gone").await, ErrorKind::NotFound);
    assert_eq!(client.export_as_kept("/n", ContentFormat::Source).await.unwrap(), [1, 2, 3]);
    // It has shown that it knows the format.
    assert_eq!(kind("/bad").await, ErrorKind::Invalid);
}
