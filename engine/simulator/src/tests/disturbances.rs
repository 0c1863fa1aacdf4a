use super::*;
use crate::{Effect, Fault};

fn fault(path_prefix: &str, times: Option<u32>, effect: Effect) -> Fault {
    Fault { method: None, path_prefix: Some(path_prefix.into()), times, rate: None, effect }
}

#[tokio::test]
async fn down_hangs_calls_even_those_under_way_and_ends_what_runs() -> Outcome {
    let bench = Bench::start().await?;
    let control = bench.simulator.control();
    let cluster = json!({"spark_version": "16.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 0});
    let (_, cluster) = bench.post("/api/2.1/clusters/create", cluster).await?;
    pause(250).await;
    let stream = bench.job("stream", json!({"continuous": {}})).await?;
    let long = bench.job("long", json!({"tags": {"simulated_run_ms": "60000"}})).await?;
    control.fire_job(long);

    control.set_faults(vec![fault("/api/2.2/jobs/list", None, Effect::Latency { ms: 300 })]);
    let (under_way, ()) = tokio::join!(bench.get("/api/2.2/jobs/list"), async {
        pause(100).await;
        control.set_down();
    });
    assert!(under_way.is_err_and(|error| error.is_timeout()));
    control.set_faults(Vec::new());
    assert!(bench.get("/api/2.2/jobs/list").await.is_err_and(|error| error.is_timeout()));
    let alive = bench.http.get(bench.simulator.url() + "/livez").send().await?;
    assert_eq!(alive.status(), 200);
    assert_eq!(bench.runs_of(long)[0].life_cycle_state, "INTERNAL_ERROR");
    assert_eq!(control.fire_job(long), None);
    let before = bench.runs_of(stream).len();

    control.set_up(600);
    let path =
        format!("/api/2.1/clusters/get?cluster_id={}", cluster["cluster_id"].as_str().unwrap_or_default());
    assert_eq!(bench.get(&path).await?.1["state"], json!("TERMINATED"));
    pause(200).await;
    assert_eq!(bench.runs_of(stream).len(), before, "the scheduler still stands");
    eventually("the scheduler starts", || bench.runs_of(stream).len() > before).await
}

#[tokio::test]
async fn a_call_under_way_at_the_outage_has_no_effect() -> Outcome {
    let bench = Bench::start().await?;
    let control = bench.simulator.control();
    control.set_faults(vec![fault("/api/2.2/jobs/create", None, Effect::Latency { ms: 300 })]);
    let (under_way, ()) = tokio::join!(bench.job("late", json!({})), async {
        pause(100).await;
        control.set_down();
    });
    assert!(under_way.is_err());
    control.set_up(0);
    pause(400).await;
    assert!(control.changes().is_empty());
    Ok(())
}

#[tokio::test]
async fn schedules_that_fell_due_during_an_outage_are_not_made_up_for() -> Outcome {
    let bench = Bench::start().await?;
    let control = bench.simulator.control();
    let hourly = json!({"quartz_cron_expression": "0 0 * * * ?", "timezone_id": "UTC"});
    let job_id = bench.job("hourly", json!({"schedule": hourly})).await?;
    control.set_down();
    control.advance_clock(5 * 3_600_000);
    control.set_up(0);
    pause(300).await;
    assert!(bench.runs_of(job_id).is_empty());
    control.advance_clock(3_600_000);
    eventually("the next one fires", || bench.runs_of(job_id).len() == 1).await
}

#[tokio::test]
async fn each_fault_does_what_it_says() -> Outcome {
    let bench = Bench::start().await?;
    let control = bench.simulator.control();
    let list = "/api/2.1/clusters/list-node-types";
    let one = |effect: Effect| control.set_faults(vec![fault("/api/2.1/clusters", Some(1), effect)]);

    one(Effect::Error { status: 503, error_code: "TEMPORARILY_UNAVAILABLE".into(), message: "m".into() });
    let (status, body) = bench.get(list).await?;
    assert_eq!((status, body["error_code"].as_str()), (503, Some("TEMPORARILY_UNAVAILABLE")));
    assert_eq!(bench.get(list).await?.0, 200, "used up");

    for (retry_after_s, header) in [(Some(7), Some("7")), (None, None)] {
        one(Effect::Throttle { retry_after_s });
        let answer = bench.http.get(bench.simulator.url() + list).bearer_auth(TOKEN).send().await?;
        let sent =
            answer.headers().get("retry-after").and_then(|value| value.to_str().ok()).map(str::to_owned);
        assert_eq!((answer.status().as_u16(), sent.as_deref()), (429, header));
    }

    one(Effect::LoginPage);
    let answer = bench.http.get(bench.simulator.url() + list).send().await?;
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await?.contains("<html"));

    one(Effect::Refuse);
    let refused = bench.get(list).await;
    assert!(refused.is_err_and(|error| !error.is_timeout()));

    one(Effect::Hang);
    assert!(bench.get(list).await.is_err_and(|error| error.is_timeout()));

    one(Effect::Truncate);
    let answer = bench.http.get(bench.simulator.url() + list).bearer_auth(TOKEN).send().await?;
    assert_eq!(answer.status(), 200);
    let announced = answer.content_length().unwrap_or_default();
    assert!(announced > 1_000);
    assert!(answer.bytes().await.is_err(), "half of {announced} bytes");
    Ok(())
}

#[tokio::test]
async fn effects_can_happen_without_an_answer() -> Outcome {
    let bench = Bench::start().await?;
    let control = bench.simulator.control();
    for effect in [Effect::HangAfterEffect, Effect::RefuseAfterEffect, Effect::Truncate] {
        control.clear_changes();
        control.set_faults(vec![fault("/api/2.2/jobs/create", Some(1), effect.clone())]);
        assert!(bench.job("lost", json!({})).await.is_err(), "{effect:?}");
        assert_eq!(control.changes().len(), 1, "{effect:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_published_limits_throttle_a_burst() -> Outcome {
    let bench = Bench::start().await?;
    let control = bench.simulator.control();
    control.set_faults(vec![Fault {
        method: None,
        path_prefix: None,
        times: None,
        rate: None,
        effect: Effect::PublishedLimits,
    }]);
    let mut throttled = 0;
    for _ in 0..40 {
        let (status, body) = bench.post("/api/2.2/jobs/run-now", json!({"job_id": 1})).await?;
        if status == 429 {
            assert_eq!(body["error_code"], json!("RESOURCE_EXHAUSTED"));
            throttled += 1;
        }
    }
    assert!((5..=20).contains(&throttled), "{throttled}");
    assert_eq!(control.faults().len(), 1, "never used up");
    Ok(())
}

#[tokio::test]
async fn the_control_endpoints_speak_the_same_language() -> Outcome {
    let bench = Bench::with(config()).await?;
    let faults = json!([
        {"method": "POST", "path_prefix": "/api/2.2/jobs/create", "times": 2, "effect": {"kind": "throttle", "retry_after_s": null}},
        {"rate": 0.5, "effect": {"kind": "latency", "ms": 10}},
        {"effect": {"kind": "published_limits"}},
    ]);
    let (status, set) = bench.send(Method::PUT, "/_simulator/faults", Some(faults.clone())).await?;
    assert_eq!((status, &set), (200, &faults));
    bench.send(Method::PUT, "/_simulator/faults", Some(json!([]))).await?;
    bench.post("/_simulator/down", json!({})).await?;
    let (_, state) = bench.get("/_simulator/state").await?;
    assert_eq!((&state["is_down"], &state["region"]), (&json!(true), &json!("us-east-1")));
    bench.post("/_simulator/up", json!({"scheduler_delay_ms": 60_000})).await?;
    let (_, state) = bench.get("/_simulator/state").await?;
    assert_eq!((&state["is_down"], &state["is_scheduler_running"]), (&json!(false), &json!(false)));
    bench.post("/_simulator/clock", json!({"advance_ms": 61_000})).await?;
    assert_eq!(bench.get("/_simulator/state").await?.1["is_scheduler_running"], json!(true));
    let (_, change) = bench.post("/_simulator/demo/change", json!({})).await?;
    let (_, changes) = bench.get("/_simulator/changes?since=0").await?;
    assert_eq!(changes[1]["object_id"], json!(change["job_id"].to_string()));
    assert_eq!(bench.get("/_simulator/changes?since=2").await?.1, json!([]));
    Ok(())
}

#[tokio::test]
async fn demo_changes_differ_and_touch_one_notebook_and_one_job() -> Outcome {
    let bench = Bench::demo().await?;
    let control = bench.simulator.control();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let change = control.demo_change();
        seen.insert((change.notebook_path, change.job_id));
    }
    assert_eq!(seen.len(), 5);
    let summaries: std::collections::BTreeSet<String> = control
        .changes()
        .into_iter()
        .filter(|change| change.path == "/_simulator/demo/change")
        .map(|change| change.summary)
        .collect();
    assert_eq!(summaries.len(), 10);
    Ok(())
}
