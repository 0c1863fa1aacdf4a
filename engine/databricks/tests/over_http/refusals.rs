//! Every shape of an error, and what only looks like an answer.

use farshore_databricks::{ApiError, ErrorKind};
use serde_json::json;

use crate::scripted::{Reply, Scripted, TOKEN, once};

async fn error_of(reply: impl Fn() -> Reply + Send + Sync + 'static) -> ApiError {
    let server = Scripted::start(move |_| reply()).await;
    let error = server.client(once()).list_jobs().await.unwrap_err();
    assert_eq!(error.endpoint(), "jobs/list");
    error
}

#[tokio::test]
async fn each_shape_is_understood() {
    let standard = error_of(|| Reply::error(403, "PERMISSION_DENIED", "only admins")).await;
    assert_eq!(standard.kind(), ErrorKind::Forbidden);
    assert_eq!((standard.status(), standard.code()), (Some(403), Some("PERMISSION_DENIED")));
    assert_eq!(standard.message(), "only admins");

    let scim = error_of(|| {
        let schema = "urn:ietf:params:scim:api:messages:2.0:Error";
        Reply::status(404, json!({"schemas": [schema], "detail": "no such user", "status": "404"}))
    })
    .await;
    assert_eq!((scim.kind(), scim.message()), (ErrorKind::NotFound, "no such user"));

    let api_1_2 = error_of(|| Reply::status(400, json!({"error": "ContextStatusNotFound"}))).await;
    assert_eq!((api_1_2.kind(), api_1_2.message()), (ErrorKind::Invalid, "ContextStatusNotFound"));

    let text = error_of(|| Reply::text(409, "text/plain", "ABORTED: somebody was faster")).await;
    assert_eq!((text.kind(), text.message()), (ErrorKind::Conflict, "somebody was faster"));

    let wrapped = error_of(|| Reply::page(403, "<html><pre>Invalid access token.</pre></html>")).await;
    assert_eq!(wrapped.kind(), ErrorKind::Unauthenticated);

    let page = error_of(|| Reply::page(502, "<html><title>Bad gateway</title></html>")).await;
    assert_eq!((page.kind(), page.message()), (ErrorKind::Server, "Bad gateway"));

    let empty = error_of(|| Reply::text(401, "text/plain", "")).await;
    assert_eq!(
        (empty.kind(), empty.message()),
        (ErrorKind::Unauthenticated, "HTTP 401 without a description")
    );
}

#[tokio::test]
async fn a_login_page_is_not_a_workspace() {
    let page = "<!DOCTYPE html><html><head><title>Sign in to Databricks</title></head></html>";
    let login = error_of(move || Reply::page(200, page)).await;
    assert_eq!(login.kind(), ErrorKind::NotDatabricks);
    assert!(login.message().contains("Sign in to Databricks"), "{login}");
    assert!(login.remedy().contains("Nothing was changed and nothing was lost."), "{}", login.remedy());

    // Some servers call everything JSON.
    let disguised = error_of(|| Reply::text(200, "application/json", "<html>login</html>")).await;
    assert_eq!(disguised.kind(), ErrorKind::NotDatabricks);

    let prose = error_of(|| Reply::text(200, "text/plain", "It works!")).await;
    assert_eq!(prose.kind(), ErrorKind::NotDatabricks);
}

#[tokio::test]
async fn a_login_page_in_answer_to_a_create_means_that_nothing_was_created() {
    let server = Scripted::start(|_| Reply::page(200, "<html>login</html>")).await;
    let error = server.client(once()).create_job(&json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotDatabricks);
    assert!(!error.may_have_taken_effect());
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_token_stays_here() {
    let elsewhere = Scripted::start(|_| Reply::json(json!({"jobs": []}))).await;
    let target = format!("{}/login.html?next=secret-state", elsewhere.address);
    let server =
        Scripted::start(move |_| Reply::text(302, "text/html", "").with_header("location", &target)).await;
    let error = server.client(once()).list_jobs().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotDatabricks);
    assert!(error.message().contains("/login.html"), "{error}");
    assert!(!error.message().contains("secret-state"), "{error}");
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn a_missing_object_answers_400_and_is_not_found_all_the_same() {
    let server = Scripted::start(|asked| match asked.what.as_str() {
        "GET /api/2.1/clusters/get" => {
            Reply::error(400, "INVALID_PARAMETER_VALUE", "Cluster 0101-120000-abc does not exist")
        }
        "GET /api/2.2/jobs/get" => Reply::error(400, "INVALID_PARAMETER_VALUE", "Job 42 does not exist."),
        "GET /api/2.2/jobs/runs/get" => Reply::error(400, "INVALID_PARAMETER_VALUE", "Run 7 does not exist."),
        _ => Reply::error(400, "INVALID_PARAMETER_VALUE", "Cluster 0101-120000-abc does not exist"),
    })
    .await;
    let client = server.client(once());
    let kind = |error: ApiError| error.kind();
    assert_eq!(client.get_cluster("0101-120000-abc").await.map_err(kind), Err(ErrorKind::NotFound));
    assert_eq!(client.get_job(42).await.map_err(kind), Err(ErrorKind::NotFound));
    assert_eq!(client.get_run(7).await.map_err(kind), Err(ErrorKind::NotFound));
    assert_eq!(
        client.create_job(&json!({"tasks": []})).await.map_err(kind),
        Err(ErrorKind::Invalid),
        "a job that names a missing cluster is wrong, not missing"
    );
}

#[tokio::test]
async fn a_token_that_is_repeated_to_us_is_blackened() {
    let server = Scripted::start(|asked| {
        let message = format!("cannot parse {}", asked.headers["authorization"]);
        Reply::error(401, "UNAUTHENTICATED", &message)
    })
    .await;
    let error = server.client(once()).me().await.unwrap_err();
    for text in [error.to_string(), format!("{error:?}"), error.remedy()] {
        assert!(!text.contains(TOKEN), "{text}");
    }
    assert_eq!(error.message(), "cannot parse Bearer [redacted]");
}
