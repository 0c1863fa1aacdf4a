"""What no real workspace offers: triggers at will, outages, faults, the log of changes, the state file."""

import json
import time

import pytest
import requests
from databricks.sdk.errors import InternalError, TooManyRequests
from databricks.sdk.service import jobs

from conftest import end, launch, put_work

NOTEBOOK = jobs.NotebookTask(notebook_path="/n")
TASKS = [jobs.Task(task_key="t", notebook_task=NOTEBOOK)]
QUICK = {"simulated_run_ms": "100"}


@pytest.fixture
def fresh(fresh):
    put_work(fresh)
    return fresh


def runs_of(simulator, job_id):
    return [run for run in simulator.control("GET", "/_simulator/runs") if run["job_id"] == job_id]


def test_cron_jobs_fire_unless_paused(fresh):
    w = fresh.client()
    every_second = jobs.CronSchedule(quartz_cron_expression="* * * * * ?", timezone_id="UTC")
    paused = jobs.CronSchedule(
        quartz_cron_expression="* * * * * ?", timezone_id="UTC", pause_status=jobs.PauseStatus.PAUSED
    )
    running = w.jobs.create(name="running", tasks=TASKS, tags=QUICK, schedule=every_second).job_id
    resting = w.jobs.create(name="resting", tasks=TASKS, tags=QUICK, schedule=paused).job_id
    stopped = w.jobs.create(
        name="stopped", tasks=TASKS, tags=QUICK, schedule=every_second, max_concurrent_runs=0
    ).job_id
    time.sleep(3.5)
    assert 2 <= len(runs_of(fresh, running)) <= 4
    assert {run["trigger"] for run in runs_of(fresh, running)} == {"PERIODIC"}
    assert runs_of(fresh, resting) == []
    assert {run["life_cycle_state"] for run in runs_of(fresh, stopped)} == {"SKIPPED"}


def test_a_continuous_job_runs_again_and_again_one_at_a_time(fresh):
    w = fresh.client()
    job_id = w.jobs.create(name="stream", tasks=TASKS, tags=QUICK, continuous=jobs.Continuous()).job_id
    time.sleep(2.5)
    runs = sorted(runs_of(fresh, job_id), key=lambda run: run["started_at_ms"])
    assert len(runs) >= 3
    for before, after in zip(runs, runs[1:]):
        assert before["ended_at_ms"] <= after["started_at_ms"]
    w.jobs.update(job_id, new_settings=jobs.JobSettings(continuous=jobs.Continuous(pause_status=jobs.PauseStatus.PAUSED)))
    time.sleep(0.5)
    count = len(runs_of(fresh, job_id))
    time.sleep(0.7)
    assert len(runs_of(fresh, job_id)) == count


def test_other_triggers_fire_by_a_control_call(fresh):
    w = fresh.client()
    arrival = jobs.TriggerSettings(file_arrival=jobs.FileArrivalTriggerConfiguration(url="s3://landing/claims/"))
    job_id = w.jobs.create(name="arrivals", tasks=TASKS, tags=QUICK, trigger=arrival).job_id
    run_id = fresh.control("POST", f"/_simulator/jobs/{job_id}/fire")["run_id"]
    assert w.jobs.get_run(run_id).trigger == jobs.TriggerType.FILE_ARRIVAL
    arrival.pause_status = jobs.PauseStatus.PAUSED
    w.jobs.update(job_id, new_settings=jobs.JobSettings(trigger=arrival))
    assert fresh.control("POST", f"/_simulator/jobs/{job_id}/fire")["run_id"] is None


def test_periodic_triggers_follow_the_moved_clock(fresh):
    w = fresh.client()
    hourly = jobs.TriggerSettings(
        periodic=jobs.PeriodicTriggerConfiguration(interval=1, unit=jobs.PeriodicTriggerConfigurationTimeUnit.HOURS)
    )
    job_id = w.jobs.create(name="hourly", tasks=TASKS, tags=QUICK, trigger=hourly).job_id
    assert runs_of(fresh, job_id) == []
    fresh.advance(3_601_000)
    time.sleep(0.6)
    assert len(runs_of(fresh, job_id)) == 1


def test_down_means_hanging_and_lost_and_up_means_answering(fresh):
    w = fresh.client()
    spark, node = w.clusters.select_spark_version(), w.clusters.select_node_type()
    cluster = w.clusters.create_and_wait(cluster_name="c", spark_version=spark, node_type_id=node, num_workers=0)
    job_id = w.jobs.create(name="long", tasks=TASKS, tags={"simulated_run_ms": "60000"}).job_id
    stream = w.jobs.create(name="stream", tasks=TASKS, tags=QUICK, continuous=jobs.Continuous()).job_id
    run_id = w.jobs.run_now(job_id).run_id
    fresh.control("POST", "/_simulator/down")
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(fresh.url + "/api/2.0/clusters/list", timeout=1)
    assert fresh.control("GET", "/livez").strip() == "ok"
    state = fresh.control("GET", "/_simulator/state")
    assert state["is_down"] and not state["is_scheduler_running"] and state["counts"]["active_runs"] == 0
    before = len(runs_of(fresh, stream))
    fresh.control("POST", "/_simulator/up", {"scheduler_delay_ms": 1500})
    assert w.clusters.get(cluster.cluster_id).state.value == "TERMINATED"
    assert w.jobs.get_run(run_id).state.life_cycle_state == jobs.RunLifeCycleState.INTERNAL_ERROR
    state = fresh.control("GET", "/_simulator/state")
    assert not state["is_scheduler_running"] and state["scheduler_resumes_at_ms"] > state["clock_ms"]
    time.sleep(0.8)
    assert len(runs_of(fresh, stream)) == before
    time.sleep(1.5)
    assert len(runs_of(fresh, stream)) > before


def test_throttling_is_retried_by_the_sdk(simulator, w):
    simulator.faults({"path_prefix": "/api/2.2/jobs/list", "times": 2, "effect": {"kind": "throttle", "retry_after_s": 1}})
    started = time.monotonic()
    list(w.jobs.list())
    assert time.monotonic() - started > 1.5
    assert simulator.control("GET", "/_simulator/faults") == []
    simulator.faults({"effect": {"kind": "throttle", "retry_after_s": None}})
    status, headers, body = simulator.raw("GET", "/api/2.2/jobs/list")
    assert status == 429 and headers["Retry-After"] is None
    assert json.loads(body)["error_code"] == "RESOURCE_EXHAUSTED"
    with pytest.raises(TimeoutError) as caught:
        list(simulator.client(retry_timeout_seconds=2).jobs.list())
    assert isinstance(caught.value.__cause__, TooManyRequests)


def test_other_faults(simulator, w):
    simulator.faults(
        {"times": 1, "effect": {"kind": "error", "status": 500, "error_code": "INTERNAL_ERROR", "message": "boom"}}
    )
    with pytest.raises(InternalError, match="boom"):
        w.current_user.me()
    simulator.faults({"times": 1, "effect": {"kind": "refuse"}})
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(simulator.url + "/api/2.0/clusters/list", timeout=5)
    simulator.faults({"times": 1, "effect": {"kind": "truncate"}})
    headers = {"Authorization": f"Bearer {simulator.token}"}
    with pytest.raises(requests.exceptions.RequestException):
        requests.get(simulator.url + "/api/2.0/clusters/list-node-types", headers=headers, timeout=5)
    simulator.faults({"times": 1, "effect": {"kind": "login_page"}})
    answer = requests.get(simulator.url + "/api/2.0/clusters/list", timeout=5)
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
    simulator.faults({"times": 1, "effect": {"kind": "latency", "ms": 400}})
    started = time.monotonic()
    w.current_user.me()
    assert time.monotonic() - started >= 0.4


@pytest.mark.parametrize("kind", ["hang_after_effect", "refuse_after_effect"])
def test_a_create_can_take_effect_without_an_answer(simulator, w, kind):
    simulator.faults({"method": "POST", "path_prefix": "/api/2.2/jobs/create", "times": 1, "effect": {"kind": kind}})
    headers = {"Authorization": f"Bearer {simulator.token}"}
    with pytest.raises(requests.exceptions.RequestException):
        requests.post(simulator.url + "/api/2.2/jobs/create", json={"name": kind}, headers=headers, timeout=1)
    found = list(w.jobs.list(name=kind))
    assert len(found) == 1
    w.jobs.delete(found[0].job_id)


def test_published_limits(simulator):
    simulator.faults({"effect": {"kind": "published_limits"}})
    headers = {"Authorization": f"Bearer {simulator.token}"}
    with requests.Session() as session:
        statuses = [
            session.post(simulator.url + "/api/2.2/jobs/run-now", json={"job_id": 1}, headers=headers).status_code
            for _ in range(60)
        ]
    assert statuses[:20] == [400] * 20 and 429 in statuses


def test_only_what_changed_something_is_in_the_log(simulator, w):
    since = (simulator.changes() or [{"seq": 0}])[-1]["seq"]
    w.workspace.mkdirs("/Shared/log")
    w.workspace.mkdirs("/Shared/log")
    with pytest.raises(Exception):
        w.jobs.create(name="bad", max_concurrent_runs=-1)
    job_id = w.jobs.create(name="logged", tasks=TASKS, tags=QUICK).job_id
    w.jobs.update(job_id, new_settings=jobs.JobSettings(max_concurrent_runs=1))
    w.jobs.run_now(job_id, idempotency_token="log")
    w.jobs.run_now(job_id, idempotency_token="log")
    w.jobs.delete(job_id)
    w.workspace.delete("/Shared/log")
    entries = simulator.changes(since)
    assert [entry["path"].split("/", 3)[3] for entry in entries] == [
        "workspace/mkdirs", "jobs/create", "jobs/run-now", "jobs/delete", "workspace/delete",
    ]
    assert all(entry["actor"] == "api" and entry["method"] == "POST" for entry in entries)
    assert str(job_id) not in " ".join(entry["summary"] for entry in entries)
    assert [entry["seq"] for entry in entries] == sorted({entry["seq"] for entry in entries})


def test_the_state_survives_a_kill(tmp_path):
    file = tmp_path / "deep" / "state.json"
    simulator = launch(state=file)
    w = simulator.client()
    spark, node = w.clusters.select_spark_version(), w.clusters.select_node_type()
    cluster = w.clusters.create_and_wait(cluster_name="c", spark_version=spark, node_type_id=node, num_workers=0)
    job_id = w.jobs.create(name="kept", tasks=TASKS).job_id
    org_id = w.get_workspace_id()
    time.sleep(0.7)
    simulator.process.kill()
    simulator.process.wait()
    again = launch(state=file)
    try:
        w = again.client()
        assert w.get_workspace_id() == org_id
        assert w.jobs.get(job_id).settings.name == "kept"
        assert w.clusters.get(cluster.cluster_id).state.value == "RUNNING"
        assert len(again.changes()) == 2
    finally:
        end(again)
    file.write_text(file.read_text()[:100])
    with pytest.raises(RuntimeError, match="ended with code"):
        launch(state=file)


def test_the_demo_is_a_believable_company(demo):
    w = demo.client()
    counts = demo.control("GET", "/_simulator/state")["counts"]
    assert 290 <= counts["notebooks"] <= 330
    assert (counts["jobs"], counts["clusters"], counts["pools"], counts["policies"]) == (40, 8, 4, 5)
    notebooks = [o for o in w.workspace.list("/", recursive=True) if o.object_type.value == "NOTEBOOK"]
    assert len(notebooks) == counts["notebooks"]
    assert {o.language.value for o in notebooks} == {"PYTHON", "SQL", "SCALA", "R"}
    listed = list(w.jobs.list(expand_tasks=True))
    kinds = {
        name for job in listed for name in ("schedule", "continuous", "trigger") if getattr(job.settings, name)
    }
    assert kinds == {"schedule", "continuous", "trigger"}
    known = {o.path for o in notebooks}
    used = {t.notebook_task.notebook_path for j in listed for t in j.settings.tasks if t.notebook_task}
    assert used and used <= known
    clusters = {c.cluster_id: c for c in w.clusters.list() if c.cluster_source.value != "JOB"}
    assert sum(c.state.value == "RUNNING" for c in clusters.values()) >= 3
    referenced = {t.existing_cluster_id for j in listed for t in j.settings.tasks if t.existing_cluster_id}
    assert referenced and referenced <= set(clusters)
    pools, policies = {p.instance_pool_id for p in w.instance_pools.list()}, {p.policy_id for p in w.cluster_policies.list()}
    specs = [c.new_cluster for j in listed for c in j.settings.job_clusters or []]
    assert {s.instance_pool_id for s in specs if s.instance_pool_id} <= pools
    assert {s.policy_id for s in specs if s.policy_id} <= policies
    smoke = next(j for j in listed if j.settings.name == "dr-smoke-test")
    assert w.jobs.run_now_and_wait(smoke.job_id).state.result_state == jobs.RunResultState.SUCCESS


def test_a_demo_change_edits_one_notebook_and_one_job(demo):
    w = demo.client()
    seen = set()
    for _ in range(3):
        since = (demo.changes() or [{"seq": 0}])[-1]["seq"]
        change = demo.control("POST", "/_simulator/demo/change")
        assert w.jobs.get(change["job_id"]).settings.name == change["job_name"]
        entries = [entry for entry in demo.changes(since) if entry["actor"] == "control"]
        assert [entry["object_id"] for entry in entries] == [change["notebook_path"], str(change["job_id"])]
        seen.add(entries[0]["summary"])
    assert len(seen) == 3
