//! A list is whole, or it is an error.

use farshore_databricks::{ClientOptions, ErrorKind, RunFilter};
use serde_json::{Value, json};

use crate::scripted::{Asked, Reply, Scripted, once};

const LIST_CLUSTERS: &str = "GET /api/2.1/clusters/list";

fn page_of(asked: &Asked) -> &str {
    asked.query.get("page_token").map_or("first", String::as_str)
}

async fn kind_of_clusters(
    reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
) -> Result<usize, ErrorKind> {
    let server = Scripted::start(reply).await;
    let clusters = server.client(once()).list_clusters().await;
    clusters.map(|clusters| clusters.len()).map_err(|error| error.kind())
}

#[tokio::test]
async fn all_pages_are_read_also_empty_ones() {
    let server = Scripted::start(|asked| {
        Reply::json(match page_of(asked) {
            "first" => {
                json!({"runs": [{"run_id": 1}, {"run_id": 2}], "next_page_token": "b", "has_more": true})
            }
            "b" => json!({"next_page_token": "c", "has_more": true}),
            "c" => json!({"runs": [], "next_page_token": "d"}),
            _ => json!({"runs": [{"run_id": 3}], "next_page_token": "", "has_more": false}),
        })
    })
    .await;
    let filter = RunFilter { job_id: Some(9), is_active_only: true, started_from_ms: Some(1_700) };
    let runs = server.client(once()).list_runs(filter).await.unwrap();
    assert_eq!(runs, [json!({"run_id": 1}), json!({"run_id": 2}), json!({"run_id": 3})]);
    let asked = server.asked();
    assert_eq!(asked.iter().map(page_of).collect::<Vec<_>>(), ["first", "b", "c", "d"]);
    for asked in asked {
        assert_eq!(asked.query["job_id"], "9");
        assert_eq!(asked.query["active_only"], "true");
        assert_eq!(asked.query["start_time_from"], "1700");
    }
}

#[tokio::test]
async fn a_missing_field_is_empty_only_in_a_successful_object() {
    assert_eq!(kind_of_clusters(|_| Reply::json(json!({}))).await, Ok(0));
    assert_eq!(kind_of_clusters(|_| Reply::json(json!({"clusters": null}))).await, Ok(0));
    assert_eq!(kind_of_clusters(|_| Reply::json(json!([]))).await, Err(ErrorKind::HalfAnswer));
    assert_eq!(kind_of_clusters(|_| Reply::json(json!({"clusters": {}}))).await, Err(ErrorKind::HalfAnswer));
    assert_eq!(kind_of_clusters(|_| Reply::json(json!({"clusters": [1]}))).await, Err(ErrorKind::HalfAnswer));
    assert_eq!(kind_of_clusters(|_| Reply::status(429, json!({}))).await, Err(ErrorKind::Throttled));
    assert_eq!(kind_of_clusters(|_| Reply::status(500, json!({}))).await, Err(ErrorKind::Server));
    let masked = |_: &Asked| Reply::error(200, "REQUEST_LIMIT_EXCEEDED", "slow down");
    assert_eq!(kind_of_clusters(masked).await, Err(ErrorKind::HalfAnswer));
}

#[tokio::test]
async fn a_page_that_fails_fails_the_whole_list() {
    let two_pages = |second: fn() -> Reply| {
        move |asked: &Asked| match page_of(asked) {
            "first" => Reply::json(json!({"clusters": [{"cluster_id": "a"}], "next_page_token": "b"})),
            _ => second(),
        }
    };
    for (second, kind) in [
        ((|| Reply::throttled(None)) as fn() -> Reply, ErrorKind::Throttled),
        (|| Reply::error(500, "INTERNAL_ERROR", "oops"), ErrorKind::Server),
        (|| Reply::BreakOff(r#"{"clusters": ["#), ErrorKind::HalfAnswer),
        (|| Reply::page(200, "<html>login</html>"), ErrorKind::NotDatabricks),
        (|| Reply::json(json!({"clusters": "none"})), ErrorKind::HalfAnswer),
    ] {
        assert_eq!(kind_of_clusters(two_pages(second)).await, Err(kind));
    }
}

#[tokio::test]
async fn a_page_that_fails_once_is_read_again_and_nothing_is_lost() {
    let server = Scripted::start(|asked| match (page_of(asked), asked.earlier) {
        ("first", 0) => Reply::BreakOff(r#"{"clusters": [{"cluster_id": "a"}"#),
        ("first", _) => Reply::json(json!({"clusters": [{"cluster_id": "a"}], "next_page_token": "b"})),
        (_, 2) => Reply::error(502, "INTERNAL_ERROR", "oops"),
        _ => Reply::json(json!({"clusters": [{"cluster_id": "b"}]})),
    })
    .await;
    let options = ClientOptions { jitter_seed: Some(4), ..ClientOptions::default() };
    let clusters = server.client(options).list_clusters().await.unwrap();
    assert_eq!(clusters, [json!({"cluster_id": "a"}), json!({"cluster_id": "b"})]);
    assert_eq!(server.count(LIST_CLUSTERS), 4);
}

#[tokio::test]
async fn a_list_that_would_never_end_is_half_an_answer() {
    let circle = |asked: &Asked| {
        let next = if page_of(asked) == "b" { "c" } else { "b" };
        Reply::json(json!({"clusters": [{"cluster_id": "a"}], "next_page_token": next}))
    };
    assert_eq!(kind_of_clusters(circle).await, Err(ErrorKind::HalfAnswer));
    let lost = |_: &Asked| Reply::json(json!({"clusters": [], "has_more": true}));
    assert_eq!(kind_of_clusters(lost).await, Err(ErrorKind::HalfAnswer));
    let strange = |_: &Asked| Reply::json(json!({"clusters": [], "next_page_token": 7}));
    assert_eq!(kind_of_clusters(strange).await, Err(ErrorKind::HalfAnswer));
}

#[tokio::test]
async fn unknown_fields_survive() {
    let cluster = json!({"cluster_id": "a", "a_field_of_next_year": {"deep": [1, null, 1.5]}});
    let listed = cluster.clone();
    let server = Scripted::start(move |_| Reply::json(json!({"clusters": [listed]}))).await;
    let clusters: Vec<Value> = server.client(once()).list_clusters().await.unwrap();
    assert_eq!(clusters, [cluster]);
}
