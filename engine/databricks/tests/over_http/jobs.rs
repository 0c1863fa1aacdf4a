//! Jobs and runs whose arrays come in pages, and what is sent to change them.

use farshore_databricks::ErrorKind;
use serde_json::{Value, json};

use crate::scripted::{Asked, Reply, Scripted, once};

fn tasks(range: std::ops::Range<usize>) -> Vec<Value> {
    range.map(|number| json!({"task_key": format!("t{number}")})).collect()
}

/// A job of 250 tasks, in three pages; the one job cluster comes with each.
fn page_of_big_job(asked: &Asked) -> Value {
    let (range, next) = match asked.query.get("page_token").map(String::as_str) {
        None => (0..100, Some("p2")),
        Some("p2") => (100..200, Some("p3")),
        _ => (200..250, None),
    };
    let mut page = json!({
        "job_id": 7,
        "creator_user_name": "a@example.com",
        "settings": {"name": "big", "tasks": tasks(range), "job_clusters": [{"job_cluster_key": "c"}]},
    });
    if let Some(next) = next {
        page["next_page_token"] = json!(next);
        page["has_more"] = json!(true);
    }
    page
}

#[tokio::test]
async fn a_job_is_read_with_all_its_tasks() {
    let server = Scripted::start(|asked| Reply::json(page_of_big_job(asked))).await;
    let job = server.client(once()).get_job(7).await.unwrap();
    assert_eq!(job["settings"]["tasks"], json!(tasks(0..250)));
    assert_eq!(job["settings"]["job_clusters"], json!([{"job_cluster_key": "c"}]));
    assert_eq!((&job["next_page_token"], &job["has_more"]), (&Value::Null, &Value::Null));
    assert!(server.asked().iter().all(|asked| asked.query["job_id"] == "7"));
}

#[tokio::test]
async fn a_job_that_the_list_cut_off_is_completed() {
    let server = Scripted::start(|asked| match asked.what.as_str() {
        "GET /api/2.2/jobs/list" => {
            assert_eq!(asked.query["expand_tasks"], "true");
            assert_eq!(asked.query["limit"], "100");
            Reply::json(json!({"jobs": [
                {"job_id": 1, "settings": {"name": "small", "tasks": tasks(0..2)}},
                {"job_id": 7, "has_more": true, "settings": {"name": "big", "tasks": tasks(0..100)}},
                {"job_id": 8, "has_more": true, "settings": {"name": "gone", "tasks": tasks(0..100)}},
            ]}))
        }
        _ if asked.query["job_id"] == "8" => {
            Reply::error(400, "INVALID_PARAMETER_VALUE", "Job 8 does not exist.")
        }
        _ => Reply::json(page_of_big_job(asked)),
    })
    .await;
    let jobs = server.client(once()).list_jobs().await.unwrap();
    assert_eq!(jobs.len(), 2, "one was deleted while we read");
    assert_eq!(jobs[0]["settings"]["tasks"], json!(tasks(0..2)));
    assert_eq!(jobs[1]["settings"]["tasks"], json!(tasks(0..250)));
    assert_eq!(jobs[1]["settings"]["job_clusters"], json!([{"job_cluster_key": "c"}]));
    assert_eq!(jobs[1].get("has_more"), None);
}

#[tokio::test]
async fn a_job_of_which_the_list_says_too_little_is_read() {
    let whole = |id: i64| {
        json!({"job_id": id, "settings": {
            "name": format!("job {id}"), "tasks": tasks(0..2), "job_clusters": [{"job_cluster_key": "c"}],
        }})
    };
    let server = Scripted::start(move |asked| match asked.what.as_str() {
        "GET /api/2.2/jobs/list" => Reply::json(json!({"jobs": [
            {"job_id": 1, "creator_user_name": "a"},
            {"job_id": 2, "settings": {"name": "job 2"}},
            {"job_id": 3, "settings": {"name": "job 3", "tasks": []}},
            {"job_id": 4, "settings": {"name": "job 4", "tasks": tasks(0..1)}},
        ]})),
        _ => Reply::json(whole(asked.query["job_id"].parse().unwrap())),
    })
    .await;
    let jobs = server.client(once()).list_jobs().await.unwrap();
    assert_eq!(jobs[0], json!({"job_id": 1, "creator_user_name": "a", "settings": whole(1)["settings"]}));
    assert_eq!([&jobs[1], &jobs[2]], [&whole(2), &whole(3)]);
    assert_eq!(jobs[3]["settings"]["tasks"], json!(tasks(0..1)));
    assert_eq!(server.count("GET /api/2.2/jobs/get"), 3, "what the list says is not asked again");
}

#[tokio::test]
async fn a_job_without_settings_is_no_empty_job() {
    let server = Scripted::start(|asked| match asked.what.as_str() {
        "GET /api/2.2/jobs/list" => Reply::json(json!({"jobs": [{"job_id": 7}]})),
        _ => Reply::json(json!({"job_id": 7})),
    })
    .await;
    assert_eq!(server.client(once()).list_jobs().await.unwrap_err().kind(), ErrorKind::HalfAnswer);
}

#[tokio::test]
async fn a_job_that_cannot_be_completed_fails_the_list() {
    let server = Scripted::start(|asked| match asked.what.as_str() {
        "GET /api/2.2/jobs/list" => Reply::json(json!({"jobs": [{"job_id": 7, "has_more": true}]})),
        _ if asked.query.contains_key("page_token") => Reply::error(500, "INTERNAL_ERROR", "oops"),
        _ => Reply::json(page_of_big_job(asked)),
    })
    .await;
    assert_eq!(server.client(once()).list_jobs().await.unwrap_err().kind(), ErrorKind::Server);
}

#[tokio::test]
async fn a_run_is_read_with_all_its_tasks() {
    let server = Scripted::start(|asked| {
        assert_eq!(asked.query["run_id"], "5");
        Reply::json(if asked.query.contains_key("page_token") {
            json!({"run_id": 5, "tasks": tasks(100..120), "state": {"life_cycle_state": "RUNNING"}})
        } else {
            json!({"run_id": 5, "tasks": tasks(0..100), "next_page_token": "p2"})
        })
    })
    .await;
    let run = server.client(once()).get_run(5).await.unwrap();
    assert_eq!(run, json!({"run_id": 5, "tasks": tasks(0..120)}));
}

#[tokio::test]
async fn changes_are_sent_as_the_api_wants_them() {
    let server = Scripted::start(|asked| match asked.what.as_str() {
        "POST /api/2.2/jobs/create" => Reply::json(json!({"job_id": 1_234_567_890_123_456_i64})),
        "POST /api/2.2/jobs/run-now" => Reply::json(json!({"run_id": 5, "number_in_job": 1})),
        "POST /api/2.2/jobs/update" => Reply::text(200, "application/json", ""),
        _ => Reply::json(json!({})),
    })
    .await;
    let client = server.client(once());
    let settings = json!({"name": "etl", "max_concurrent_runs": 0});
    assert_eq!(client.create_job(&settings).await.unwrap(), 1_234_567_890_123_456);
    client.update_job(3, &settings, &["schedule"]).await.unwrap();
    client.update_job(3, &settings, &[]).await.unwrap();
    client.reset_job(3, &settings).await.unwrap();
    client.delete_job(3).await.unwrap();
    assert_eq!(client.run_job_now(3, "once").await.unwrap(), 5);
    client.cancel_run(5).await.unwrap();
    let asked = server.asked();
    let sent: Vec<_> = asked.iter().map(|asked| (asked.what.as_str(), asked.json())).collect();
    assert_eq!(
        sent,
        [
            ("POST /api/2.2/jobs/create", settings.clone()),
            (
                "POST /api/2.2/jobs/update",
                json!({"job_id": 3, "new_settings": settings, "fields_to_remove": ["schedule"]})
            ),
            ("POST /api/2.2/jobs/update", json!({"job_id": 3, "new_settings": settings})),
            ("POST /api/2.2/jobs/reset", json!({"job_id": 3, "new_settings": settings})),
            ("POST /api/2.2/jobs/delete", json!({"job_id": 3})),
            ("POST /api/2.2/jobs/run-now", json!({"job_id": 3, "idempotency_token": "once"})),
            ("POST /api/2.2/jobs/runs/cancel", json!({"run_id": 5})),
        ]
    );
}

#[tokio::test]
async fn the_id_of_a_job_is_a_number_however_it_is_written() {
    let server = Scripted::start(|asked| match asked.what.as_str() {
        "GET /api/2.2/jobs/list" => Reply::json(json!({"jobs": [
            {"job_id": "7", "settings": {"tasks": tasks(0..1)}}, {"job_id": "8"},
        ]})),
        "GET /api/2.2/jobs/get" => {
            Reply::json(json!({"job_id": asked.query["job_id"], "settings": {"tasks": tasks(0..2)}}))
        }
        _ => Reply::json(json!({"job_id": "9"})),
    })
    .await;
    let client = server.client(once());
    let jobs = client.list_jobs().await.unwrap();
    assert_eq!(jobs[0]["job_id"], 7);
    assert_eq!(jobs[1], json!({"job_id": 8, "settings": {"tasks": tasks(0..2)}}));
    assert_eq!(client.get_job(7).await.unwrap()["job_id"], 7);
    assert_eq!(client.create_job(&json!({})).await.unwrap(), 9);
}
