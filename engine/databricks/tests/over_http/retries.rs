//! What is tried again, how often, and what everybody else does meanwhile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use farshore_databricks::{ApiError, ClientOptions, ErrorKind};
use futures::future::join_all;
use serde_json::json;

use crate::scripted::{Reply, Scripted};

const CREATE_JOB: &str = "POST /api/2.2/jobs/create";
const LIST_FOLDER: &str = "GET /api/2.0/workspace/list";

/// A fixed and short jitter.
fn patient() -> ClientOptions {
    ClientOptions { jitter_seed: Some(4), ..ClientOptions::default() }
}

#[tokio::test]
async fn a_throttled_create_is_repeated_after_the_wait_that_was_asked_for() {
    let server = Scripted::start(|asked| match asked.earlier {
        0 => Reply::throttled(Some(1)),
        _ => Reply::json(json!({"job_id": 11})),
    })
    .await;
    let began_at = Instant::now();
    assert_eq!(server.client(patient()).create_job(&json!({"name": "etl"})).await.unwrap(), 11);
    assert!(began_at.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.count(CREATE_JOB), 2);
    assert_eq!(server.asked()[1].json(), json!({"name": "etl"}), "the body travels again");
}

#[tokio::test]
async fn throttling_without_a_wait_is_answered_by_backing_off() {
    let server = Scripted::start(|asked| match asked.earlier {
        0 | 1 => Reply::throttled(None),
        _ => Reply::json(json!({"cluster_id": "c"})),
    })
    .await;
    assert_eq!(server.client(patient()).create_cluster(&json!({})).await.unwrap(), "c");
    assert_eq!(server.count("POST /api/2.1/clusters/create"), 3);
}

#[tokio::test]
async fn an_unavailable_workspace_is_asked_again_for_what_may_be_done_twice() {
    let server = Scripted::start(|asked| match asked.earlier {
        0 => Reply::page(503, "<html>maintenance</html>").with_header("retry-after", "0"),
        _ => Reply::json(json!({})),
    })
    .await;
    let client = server.client(patient());
    client.edit_pool(&json!({"instance_pool_id": "p"})).await.unwrap();
    assert!(client.list_policies().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_create_that_failed_unclearly_is_not_repeated() {
    for reply in [
        || Reply::error(500, "INTERNAL_ERROR", "oops"),
        || Reply::BreakOff(r#"{"job_"#),
        || Reply::text(504, "text/plain", ""),
        || Reply::page(503, "<html>maintenance</html>").with_header("retry-after", "0"),
        || Reply::error(503, "TEMPORARILY_UNAVAILABLE", "later"),
    ] {
        let server = Scripted::start(move |_| reply()).await;
        let error = server.client(patient()).create_job(&json!({})).await.unwrap_err();
        assert!(error.may_have_taken_effect(), "{error}");
        assert!(error.remedy().contains("nothing is created twice"), "{}", error.remedy());
        assert_eq!(server.count(CREATE_JOB), 1);
    }
}

#[tokio::test]
async fn a_create_whose_answer_lacks_the_id_may_have_taken_effect() {
    let server = Scripted::start(|_| Reply::json(json!({}))).await;
    let error = server.client(patient()).create_job(&json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HalfAnswer);
    assert!(error.may_have_taken_effect());
    assert_eq!(server.count(CREATE_JOB), 1);
}

#[tokio::test]
async fn what_may_be_done_twice_is_repeated() {
    let server = Scripted::start(|asked| match (asked.earlier, asked.what.as_str()) {
        (0, "POST /api/2.2/jobs/reset") => Reply::BreakOff("{"),
        (0, _) => Reply::error(500, "INTERNAL_ERROR", "oops"),
        (_, "POST /api/2.2/jobs/run-now") => Reply::json(json!({"run_id": 5})),
        _ => Reply::json(json!({})),
    })
    .await;
    let client = server.client(patient());
    assert_eq!(client.run_job_now(1, "token-of-this-run").await.unwrap(), 5);
    client.reset_job(1, &json!({})).await.unwrap();
    client.make_folder("/a").await.unwrap();
    client.import_notebook("/a/n", "PYTHON", b"1".to_vec()).await.unwrap();
    client.edit_pool(&json!({"instance_pool_id": "p"})).await.unwrap();
    assert!(client.list_policies().await.unwrap().is_empty());
    let asked = server.asked();
    assert_eq!(asked.len(), 12);
    let tokens = asked.iter().filter(|asked| asked.what.ends_with("run-now"));
    assert!(tokens.into_iter().all(|asked| asked.json()["idempotency_token"] == "token-of-this-run"));
}

#[tokio::test]
async fn a_delete_that_failed_and_worked_is_done() {
    let server = Scripted::start(|asked| match asked.earlier {
        0 => Reply::error(500, "INTERNAL_ERROR", "oops"),
        _ if asked.what.contains("/jobs/") => {
            Reply::error(400, "INVALID_PARAMETER_VALUE", "Job 3 does not exist.")
        }
        _ => Reply::error(404, "RESOURCE_DOES_NOT_EXIST", "it is gone"),
    })
    .await;
    let client = server.client(patient());
    let outcomes = tokio::join!(
        client.delete_job(3),
        client.delete_path("/a", true),
        client.delete_pool("p"),
        client.delete_policy("q"),
        client.permanent_delete_cluster("c"),
    );
    assert!(matches!(outcomes, (Ok(()), Ok(()), Ok(()), Ok(()), Ok(()))), "{outcomes:?}");
    assert_eq!(server.asked().len(), 10);
}

#[tokio::test]
async fn a_delete_is_not_done_because_some_web_server_knows_no_such_page() {
    for reply in [
        || Reply::page(404, "<html><title>404</title></html>"),
        || Reply::text(404, "text/plain", ""),
        || Reply::error(404, "ENDPOINT_NOT_FOUND", "No API found"),
    ] {
        let server = Scripted::start(move |_| reply()).await;
        assert!(server.client(patient()).delete_pool("p").await.is_err());
    }
}

#[tokio::test]
async fn a_clear_refusal_is_not_repeated() {
    let server = Scripted::start(|_| Reply::error(403, "PERMISSION_DENIED", "no")).await;
    server.client(patient()).list_clusters().await.unwrap_err();
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_probe_tries_once() {
    let server = Scripted::start(|_| Reply::throttled(Some(1))).await;
    let client = server.client(ClientOptions::probe());
    assert_eq!(client.me().await.unwrap_err().kind(), ErrorKind::Throttled);
    assert_eq!(server.asked().len(), 1);
    assert_eq!(client.me().await.unwrap_err().kind(), ErrorKind::Throttled, "and keeps to the wait");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn in_a_storm_one_429_stops_everybody_and_nobody_fails() {
    let server = Scripted::start(|asked| match asked.earlier {
        0..20 => Reply::throttled(Some(1)),
        _ => Reply::json(json!({"objects": []})),
    })
    .await;
    let client = server.client(patient());
    let clones: Vec<_> = (0..60).map(|_| client.clone()).collect();
    let outcomes = join_all(clones.iter().map(|client| client.list_folder("/", None))).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(server.count(LIST_FOLDER), 80, "each of the twenty that were under way came back once");
}

#[tokio::test]
async fn a_storm_that_does_not_end_is_an_error_and_never_an_empty_list() {
    let server = Scripted::start(|_| Reply::throttled(Some(1))).await;
    let client = server.client(ClientOptions { max_retries: 1, max_retry_wait_ms: 2_000, ..patient() });
    let outcomes = join_all((0..40).map(|_| client.list_folder("/", None))).await;
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Throttled);
        assert!(error.remedy().contains("nothing was lost"), "{}", error.remedy());
    }
}

#[tokio::test]
async fn a_wait_that_nobody_has_time_for_fails_at_once_and_spares_the_workspace() {
    let server = Scripted::start(|_| Reply::throttled(Some(3_600))).await;
    let client = server.client(patient());
    let began_at = Instant::now();
    for _ in 0..3 {
        let error: ApiError = client.list_folder("/", None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Throttled);
        assert!(error.retry_after().unwrap() > Duration::from_secs(3_000));
    }
    assert!(began_at.elapsed() < Duration::from_secs(5));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn twenty_requests_are_under_way_at_most() {
    let under_way = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let server = Scripted::start({
        let (under_way, most) = (under_way.clone(), most.clone());
        move |_| {
            most.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // Counted back when the answer is as good as sent.
            let under_way = under_way.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                under_way.fetch_sub(1, Ordering::SeqCst);
            });
            Reply::Late(Duration::from_millis(40), Box::new(Reply::json(json!({}))))
        }
    })
    .await;
    let client = server.client(patient());
    let outcomes = join_all((0..100).map(|_| client.list_folder("/", None))).await;
    assert!(outcomes.iter().all(Result::is_ok));
    let most = most.load(Ordering::SeqCst);
    assert!((2..=20).contains(&most), "{most}");
}

#[tokio::test]
async fn published_limits_are_kept_without_being_told() {
    let server = Scripted::start(|_| Reply::json(json!({"job_id": 1}))).await;
    let client = server.client(patient());
    let began_at = Instant::now();
    join_all((0..21).map(|_| client.create_job(&serde_json::Value::Null))).await;
    assert!(began_at.elapsed() >= Duration::from_millis(950), "{:?}", began_at.elapsed());
}
