use super::*;

const EVERY_SECOND: &str = "* * * * * ?";

fn cron(pause_status: &str) -> Value {
    json!({"quartz_cron_expression": EVERY_SECOND, "timezone_id": "UTC", "pause_status": pause_status})
}

#[tokio::test]
async fn a_cron_job_fires_when_due_unless_it_is_paused() -> Outcome {
    let bench = Bench::start().await?;
    let running = bench.job("running", json!({"schedule": cron("UNPAUSED")})).await?;
    let paused = bench.job("paused", json!({"schedule": cron("PAUSED")})).await?;
    pause(2_300).await;
    let runs = bench.runs_of(running);
    assert!((2..=3).contains(&runs.len()), "{runs:?}");
    assert!(runs.iter().all(|run| run.trigger == "PERIODIC"));
    assert!(bench.runs_of(paused).is_empty());
    Ok(())
}

#[tokio::test]
async fn a_concurrency_of_zero_skips_every_run_and_says_so() -> Outcome {
    let bench = Bench::start().await?;
    let settings =
        json!({"schedule": cron("UNPAUSED"), "max_concurrent_runs": 0, "queue": {"enabled": true}});
    let job_id = bench.job("stopped", settings).await?;
    pause(1_300).await;
    let runs = bench.runs_of(job_id);
    assert!(!runs.is_empty() && runs.iter().all(|run| run.life_cycle_state == "SKIPPED"), "{runs:?}");
    assert_eq!(bench.simulator.control().fire_job(job_id), None);
    Ok(())
}

#[tokio::test]
async fn no_more_runs_than_the_concurrency_are_active_at_once() -> Outcome {
    let bench = Bench::start().await?;
    let settings = json!({"max_concurrent_runs": 2, "tags": {"simulated_run_ms": "400"}});
    let job_id = bench.job("two", settings).await?;
    let control = bench.simulator.control();
    assert!(control.fire_job(job_id).is_some() && control.fire_job(job_id).is_some());
    assert_eq!(control.fire_job(job_id), None);
    let states: Vec<String> = bench.runs_of(job_id).into_iter().map(|run| run.life_cycle_state).collect();
    assert_eq!(states.iter().filter(|state| *state == "SKIPPED").count(), 1);
    eventually("room for another", || control.fire_job(job_id).is_some()).await
}

#[tokio::test]
async fn a_queued_run_starts_when_there_is_room() -> Outcome {
    let bench = Bench::start().await?;
    let settings = json!({"queue": {"enabled": true}, "tags": {"simulated_run_ms": "150"}});
    let job_id = bench.job("queueing", settings).await?;
    let control = bench.simulator.control();
    assert!((0..3).all(|_| control.fire_job(job_id).is_some()));
    assert_eq!(bench.runs_of(job_id).iter().filter(|run| run.life_cycle_state == "QUEUED").count(), 2);
    eventually("all three are over", || {
        bench.runs_of(job_id).iter().all(|run| run.result_state.as_deref() == Some("SUCCESS"))
    })
    .await?;
    let runs = bench.runs_of(job_id);
    assert!(runs.windows(2).all(|pair| pair[0].ended_at_ms <= Some(pair[1].started_at_ms)), "{runs:?}");
    Ok(())
}

#[tokio::test]
async fn a_continuous_job_always_has_one_run_until_it_is_paused() -> Outcome {
    let bench = Bench::start().await?;
    let job_id = bench.job("stream", json!({"continuous": {"pause_status": "UNPAUSED"}})).await?;
    eventually("five runs", || bench.runs_of(job_id).len() >= 5).await?;
    let runs = bench.runs_of(job_id);
    assert!(runs.windows(2).all(|pair| pair[0].ended_at_ms <= Some(pair[1].started_at_ms)), "{runs:?}");
    let stopped = json!({"job_id": job_id, "new_settings": {"continuous": {"pause_status": "PAUSED"}}});
    bench.post("/api/2.2/jobs/update", stopped).await?;
    pause(150).await;
    let count = bench.runs_of(job_id).len();
    pause(250).await;
    assert_eq!(bench.runs_of(job_id).len(), count);
    Ok(())
}

#[tokio::test]
async fn a_moved_clock_fires_once_for_everything_missed() -> Outcome {
    let bench = Bench::start().await?;
    let hourly = json!({"periodic": {"interval": 1, "unit": "HOURS"}, "pause_status": "UNPAUSED"});
    let periodic = bench.job("hourly", json!({"trigger": hourly})).await?;
    let daily = json!({"quartz_cron_expression": "0 0 0 * * ?", "timezone_id": "UTC"});
    let cron = bench.job("daily", json!({"schedule": daily})).await?;
    pause(100).await;
    assert!(bench.runs_of(periodic).is_empty() && bench.runs_of(cron).is_empty());
    bench.simulator.control().advance_clock(49 * 3_600_000);
    eventually("both fire", || bench.runs_of(periodic).len() + bench.runs_of(cron).len() >= 2).await?;
    pause(100).await;
    assert_eq!((bench.runs_of(periodic).len(), bench.runs_of(cron).len()), (1, 1));
    Ok(())
}

#[tokio::test]
async fn triggers_of_events_wait_for_the_control_call() -> Outcome {
    let bench = Bench::start().await?;
    let arrival = |pause_status: &str| json!({"trigger": {"file_arrival": {"url": "s3://x/"}, "pause_status": pause_status}});
    let ready = bench.job("ready", arrival("UNPAUSED")).await?;
    let paused = bench.job("paused", arrival("PAUSED")).await?;
    let control = bench.simulator.control();
    pause(100).await;
    assert!(bench.runs_of(ready).is_empty());
    assert!(control.fire_job(ready).is_some());
    assert_eq!(control.fire_job(paused), None);
    assert_eq!(control.fire_job(1), None);
    assert_eq!(bench.runs_of(ready)[0].trigger, "FILE_ARRIVAL");
    assert!(bench.runs_of(paused).is_empty());
    Ok(())
}

#[tokio::test]
async fn the_last_tasks_decide_the_result() -> Outcome {
    let bench = Bench::start().await?;
    let failing = json!({"notebook_path": "/n", "base_parameters": {"simulated_result": "FAILED"}});
    let tasks = |run_if: &str| {
        json!({"tasks": [
            {"task_key": "a", "notebook_task": failing},
            {"task_key": "b", "depends_on": [{"task_key": "a"}], "run_if": run_if, "notebook_task": {"notebook_path": "/n"}},
        ]})
    };
    for (run_if, expected) in [("ALL_SUCCESS", "FAILED"), ("ALL_DONE", "SUCCESS_WITH_FAILURES")] {
        let job_id = bench.job(run_if, tasks(run_if)).await?;
        bench.simulator.control().fire_job(job_id);
        eventually("the run is over", || bench.runs_of(job_id).iter().all(|run| run.ended_at_ms.is_some()))
            .await?;
        assert_eq!(bench.runs_of(job_id)[0].result_state.as_deref(), Some(expected));
    }
    Ok(())
}

#[tokio::test]
async fn jobs_that_call_one_another_in_a_circle_end() -> Outcome {
    let bench = Bench::start().await?;
    let job_id = bench.job("circle", json!({"max_concurrent_runs": 100})).await?;
    let tasks = json!([{"task_key": "again", "run_job_task": {"job_id": job_id}}]);
    let settings =
        json!({"job_id": job_id, "new_settings": {"tasks": tasks}, "fields_to_remove": ["tasks/t"]});
    assert_eq!(bench.post("/api/2.2/jobs/update", settings).await?.0, 200);
    bench.simulator.control().fire_job(job_id);
    eventually("all are over", || bench.runs_of(job_id).iter().all(|run| run.ended_at_ms.is_some())).await?;
    let runs = bench.runs_of(job_id);
    assert_eq!(runs.len(), 4);
    assert!(runs.iter().all(|run| run.result_state.as_deref() == Some("FAILED")), "{runs:?}");
    Ok(())
}

#[tokio::test]
async fn a_run_that_takes_too_long_times_out() -> Outcome {
    let bench = Bench::start().await?;
    let settings = json!({"timeout_seconds": 1, "tags": {"simulated_run_ms": "60000"}});
    let job_id = bench.job("slow", settings).await?;
    bench.simulator.control().fire_job(job_id);
    eventually("it is over", || bench.runs_of(job_id)[0].ended_at_ms.is_some()).await?;
    let run = &bench.runs_of(job_id)[0];
    assert_eq!(run.result_state.as_deref(), Some("TIMEDOUT"));
    assert_eq!(run.ended_at_ms, Some(run.started_at_ms + 1_000));
    Ok(())
}
