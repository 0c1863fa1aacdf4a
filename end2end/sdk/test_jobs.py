import time

import pytest
from databricks.sdk.errors import InvalidParameterValue, InvalidState, ResourceDoesNotExist
from databricks.sdk.service import iam, jobs
from databricks.sdk.service.jobs import RunLifeCycleState, RunResultState


def task(key="main", after=(), **more):
    return jobs.Task(
        task_key=key,
        notebook_task=jobs.NotebookTask(notebook_path="/Shared/n"),
        depends_on=[jobs.TaskDependency(task_key=upstream) for upstream in after],
        **more,
    )


def quick(ms=300, **more):
    return {"simulated_run_ms": str(ms), **more}


@pytest.fixture
def job(w):
    made = []

    def make(**settings):
        defaults = {"name": "job", "tasks": [task()], "tags": quick()}
        job_id = w.jobs.create(**{**defaults, **settings}).job_id
        made.append(job_id)
        return job_id

    yield make
    for job_id in made:
        try:
            w.jobs.delete(job_id)
        except InvalidParameterValue:
            pass


def test_settings_come_back_as_they_were_given(w, job):
    job_id = job(
        name="close",
        tags=quick(team="finance"),
        max_concurrent_runs=3,
        schedule=jobs.CronSchedule(quartz_cron_expression="0 0 6 * * ?", timezone_id="Europe/Berlin"),
        email_notifications=jobs.JobEmailNotifications(on_failure=["ops@farshore.example"]),
        parameters=[jobs.JobParameterDefinition(name="day", default="today")],
        tasks=[task("a"), task("b", after=["a"])],
    )
    shown = w.jobs.get(job_id)
    assert shown.settings.name == "close" and shown.settings.max_concurrent_runs == 3
    assert shown.settings.schedule.pause_status == jobs.PauseStatus.UNPAUSED
    assert [t.task_key for t in shown.settings.tasks] == ["a", "b"]
    assert shown.creator_user_name == shown.run_as_user_name
    assert shown.created_time
    listed = [j for j in w.jobs.list(name="CLOSE")]
    assert [j.job_id for j in listed] == [job_id]
    assert not listed[0].settings.tasks
    assert [t.task_key for j in w.jobs.list(name="close", expand_tasks=True) for t in j.settings.tasks] == ["a", "b"]


def test_unknown_fields_are_preserved(w):
    task = {"task_key": "t", "notebook_task": {"notebook_path": "/Shared/n"}, "field_of_tomorrow": {"a": [1]}}
    body = {"name": "future", "tasks": [task], "another": "x"}
    job_id = w.api_client.do("POST", "/api/2.2/jobs/create", body=body)["job_id"]
    settings = w.api_client.do("GET", "/api/2.2/jobs/get", query={"job_id": job_id})["settings"]
    assert settings["another"] == "x" and settings["tasks"][0]["field_of_tomorrow"] == {"a": [1]}
    w.jobs.delete(job_id)


def test_update_merges_and_reset_replaces(w, job):
    job_id = job(tasks=[task("a"), task("b")], max_concurrent_runs=5)
    w.jobs.update(
        job_id,
        new_settings=jobs.JobSettings(max_concurrent_runs=0, tasks=[task("b", timeout_seconds=9), task("c")]),
        fields_to_remove=["tasks/a"],
    )
    settings = w.jobs.get(job_id).settings
    assert settings.max_concurrent_runs == 0
    assert [(t.task_key, t.timeout_seconds) for t in settings.tasks] == [("b", 9), ("c", 0)]
    assert settings.name == "job"
    w.jobs.update(job_id, fields_to_remove=["tags"])
    assert w.jobs.get(job_id).settings.tags is None
    w.jobs.reset(job_id, new_settings=jobs.JobSettings(name="new", tasks=[task("z")]))
    settings = w.jobs.get(job_id).settings
    assert (settings.name, settings.max_concurrent_runs) == ("new", 1)
    assert [t.task_key for t in settings.tasks] == ["z"]


def test_jobs_page_past_one_hundred(fresh):
    w = fresh.client()
    made = [w.jobs.create(name=f"job {n % 120}", tasks=[task()]).job_id for n in range(130)]
    assert [j.job_id for j in w.jobs.list()] == list(reversed(made))
    assert sorted(j.job_id for j in w.jobs.list(limit=100)) == sorted(made)
    assert len(list(w.jobs.list(name="job 3"))) == 2
    page = w.api_client.do("GET", "/api/2.2/jobs/list", query={"limit": 50})
    second = w.api_client.do("GET", "/api/2.2/jobs/list", query={"limit": 50, "page_token": page["next_page_token"]})
    assert page["has_more"] and "prev_page_token" in second
    for limit in (0, 101):
        with pytest.raises(InvalidParameterValue):
            list(w.jobs.list(limit=limit))


def test_more_than_one_hundred_tasks(w, job):
    job_id = job(
        name="wide",
        tasks=[task(f"t{n:03}", job_cluster_key=f"c{n % 120:03}") for n in range(250)],
        job_clusters=[
            jobs.JobCluster(job_cluster_key=f"c{n:03}", new_cluster=_cluster_spec()) for n in range(120)
        ],
    )
    raw = w.api_client.do("GET", "/api/2.2/jobs/get", query={"job_id": job_id})
    assert len(raw["settings"]["tasks"]) == 100 and raw["has_more"] and raw["next_page_token"]
    settings = w.jobs.get(job_id).settings
    assert (len(settings.tasks), len(settings.job_clusters)) == (250, 120)
    listed = next(j for j in w.jobs.list(name="wide", expand_tasks=True))
    assert len(listed.settings.tasks) == 250
    run = w.jobs.run_now_and_wait(job_id)
    assert len(run.tasks) == 250 and {t.state.result_state for t in run.tasks} == {RunResultState.SUCCESS}


def _cluster_spec():
    from databricks.sdk.service import compute

    return compute.ClusterSpec(spark_version="16.4.x-scala2.12", node_type_id="i3.xlarge", num_workers=1)


@pytest.mark.parametrize(
    "settings",
    [
        {"max_concurrent_runs": 1001},
        {"max_concurrent_runs": -1},
        {"tasks": [task("a"), task("a")]},
        {"tasks": [task("a", after=["nobody"])]},
        {"schedule": jobs.CronSchedule(quartz_cron_expression="every day", timezone_id="UTC")},
        {"schedule": jobs.CronSchedule(quartz_cron_expression="0 0 6 * * ?", timezone_id="Mars")},
    ],
)
def test_bad_settings_are_refused(w, settings):
    before = len(list(w.jobs.list()))
    with pytest.raises(InvalidParameterValue):
        w.jobs.create(**{"name": "bad", "tasks": [task()], **settings})
    assert len(list(w.jobs.list())) == before


def test_a_missing_job_or_run_is_400_and_typed(simulator, w):
    with pytest.raises(ResourceDoesNotExist):
        w.jobs.get(1)
    with pytest.raises(ResourceDoesNotExist):
        w.jobs.get_run(1)
    for call in (w.jobs.delete, w.jobs.run_now):
        with pytest.raises(InvalidParameterValue, match="does not exist"):
            call(1)
    assert simulator.raw("GET", "/api/2.2/jobs/get?job_id=1")[0] == 400


def test_a_run_goes_through_its_life(w, job):
    job_id = job(name="life", tags=quick(1500), tasks=[task("a"), task("b", after=["a"])])
    seen = []
    wait = w.jobs.run_now(job_id)
    run = wait.result(callback=lambda r: seen.append(r.state.life_cycle_state))
    assert set(seen) <= {RunLifeCycleState.PENDING, RunLifeCycleState.RUNNING} and seen
    assert run.state.life_cycle_state == RunLifeCycleState.TERMINATED
    assert run.state.result_state == RunResultState.SUCCESS
    assert run.status.state == jobs.RunLifecycleStateV2State.TERMINATED
    assert run.status.termination_details.code == jobs.TerminationCodeCode.SUCCESS
    assert 1_400 <= run.end_time - run.start_time <= 1_600
    assert run.trigger == jobs.TriggerType.ONE_TIME and run.run_name == "life"
    a, b = run.tasks
    assert b.start_time >= a.end_time
    assert w.jobs.get_run_output(a.run_id).notebook_output is not None
    assert w.jobs.get_run(a.run_id).tasks[0].task_key == "a"
    with pytest.raises(InvalidParameterValue):
        w.jobs.get_run_output(run.run_id)
    assert w.jobs.export_run(a.run_id).views


def test_results_follow_the_tag(w, job):
    job_id = job(tags=quick(simulated_result="FAILED"), tasks=[task("a"), task("b", after=["a"])])
    run = w.jobs.run_now_and_wait(job_id)
    assert run.state.result_state == RunResultState.FAILED
    results = {t.task_key: t.state.result_state for t in run.tasks}
    assert results == {"a": RunResultState.FAILED, "b": RunResultState.UPSTREAM_FAILED}
    assert w.jobs.get_run_output(run.tasks[0].run_id).error
    w.jobs.update(job_id, new_settings=jobs.JobSettings(tags=quick()))
    w.jobs.repair_run(run.run_id, rerun_all_failed_tasks=True).result()
    repaired = w.jobs.get_run(run.run_id, include_history=True)
    assert repaired.state.result_state == RunResultState.SUCCESS
    assert [item.type.value for item in repaired.repair_history] == ["ORIGINAL", "REPAIR"]


def test_the_same_token_starts_one_run(w, job, simulator):
    job_id = job()
    first = w.jobs.run_now(job_id, idempotency_token="once")
    second = w.jobs.run_now(job_id, idempotency_token="once")
    assert first.run_id == second.run_id
    assert len(list(w.jobs.list_runs(job_id=job_id))) == 1
    with pytest.raises(InvalidParameterValue):
        w.jobs.run_now(job_id, idempotency_token="x" * 65)


def test_a_concurrency_of_zero_skips_and_others_queue(w, job):
    stopped = job(name="stopped", max_concurrent_runs=0)
    run = w.jobs.run_now_and_wait(stopped)
    assert run.state.life_cycle_state == RunLifeCycleState.SKIPPED
    assert run.state.result_state == RunResultState.MAXIMUM_CONCURRENT_RUNS_REACHED
    queueing = job(name="queueing", tags=quick(1200), queue=jobs.QueueSettings(enabled=True))
    first, second = w.jobs.run_now(queueing), w.jobs.run_now(queueing)
    waiting = w.jobs.get_run(second.run_id)
    assert waiting.state.life_cycle_state == RunLifeCycleState.QUEUED
    assert waiting.status.queue_details.code == jobs.QueueDetailsCodeCode.MAX_CONCURRENT_RUNS_REACHED
    assert first.result().state.result_state == second.result().state.result_state == RunResultState.SUCCESS
    skipping = job(name="skipping", tags=quick(2000), queue=jobs.QueueSettings(enabled=False))
    w.jobs.run_now(skipping)
    assert w.jobs.run_now(skipping).result().state.life_cycle_state == RunLifeCycleState.SKIPPED


def test_cancelling(w, job):
    job_id = job(tags=quick(60_000), max_concurrent_runs=5)
    run = w.jobs.run_now(job_id)
    cancelled = w.jobs.cancel_run_and_wait(run.run_id)
    assert cancelled.state.result_state == RunResultState.CANCELED
    assert cancelled.state.user_cancelled_or_timedout
    runs = [w.jobs.run_now(job_id) for _ in range(3)]
    assert len(list(w.jobs.list_runs(job_id=job_id, active_only=True))) == 3
    with pytest.raises(InvalidState):
        w.jobs.delete_run(runs[0].run_id)
    w.jobs.cancel_all_runs(job_id=job_id)
    time.sleep(0.5)
    assert list(w.jobs.list_runs(job_id=job_id, active_only=True)) == []
    w.jobs.delete_run(run.run_id)
    with pytest.raises(ResourceDoesNotExist):
        w.jobs.get_run(run.run_id)


def test_runs_page_and_filter(w, job):
    job_id = job(max_concurrent_runs=100, tags=quick(1))
    ids = [w.jobs.run_now(job_id).run_id for _ in range(60)]
    time.sleep(0.3)
    listed = list(w.jobs.list_runs(job_id=job_id))
    assert [r.run_id for r in listed] == list(reversed(ids))
    assert len(list(w.jobs.list_runs(job_id=job_id, limit=25, expand_tasks=True))) == 60
    assert len(list(w.jobs.list_runs(job_id=job_id, completed_only=True))) == 60
    middle = sorted(r.start_time for r in listed)[30]
    later = {r.run_id for r in w.jobs.list_runs(job_id=job_id, start_time_from=middle)}
    assert later == {r.run_id for r in listed if r.start_time >= middle}
    with pytest.raises(InvalidParameterValue):
        list(w.jobs.list_runs(active_only=True, completed_only=True))


def test_one_time_runs(w):
    submitted = jobs.SubmitTask(
        task_key="t", notebook_task=jobs.NotebookTask(notebook_path="/n", base_parameters=quick(200))
    )
    run = w.jobs.submit(run_name="once", tasks=[submitted], idempotency_token="s1").result()
    assert run.state.result_state == RunResultState.SUCCESS and run.run_type == jobs.RunType.SUBMIT_RUN
    assert w.jobs.submit(run_name="once", tasks=[submitted], idempotency_token="s1").run_id == run.run_id
    assert run.run_id in [r.run_id for r in w.jobs.list_runs(run_type=jobs.RunType.SUBMIT_RUN)]


def test_a_job_starts_another(w, job):
    inner = job(name="inner")
    outer = job(name="outer", tasks=[jobs.Task(task_key="call", run_job_task=jobs.RunJobTask(job_id=inner))])
    run = w.jobs.run_now_and_wait(outer)
    assert run.state.result_state == RunResultState.SUCCESS
    child = next(iter(w.jobs.list_runs(job_id=inner)))
    assert child.trigger == jobs.TriggerType.RUN_JOB_TASK
    assert w.jobs.get_run_output(run.tasks[0].run_id).run_job_output.run_id == child.run_id


def test_parameters_reach_the_run(w, job):
    job_id = job(parameters=[jobs.JobParameterDefinition(name="day", default="today")])
    run = w.jobs.run_now_and_wait(job_id, job_parameters={"day": "monday"})
    assert [(p.name, p.default, p.value) for p in run.job_parameters] == [("day", "today", "monday")]


def test_permissions_of_a_job(w, job):
    job_id = str(job())
    shown = w.jobs.get_permissions(job_id)
    levels = {
        entry.user_name or entry.group_name: [p.permission_level.value for p in entry.all_permissions]
        for entry in shown.access_control_list
    }
    assert levels[w.current_user.me().user_name] == ["IS_OWNER"] and levels["admins"] == ["CAN_MANAGE"]
    w.permissions.update(
        "jobs",
        job_id,
        access_control_list=[iam.AccessControlRequest(group_name="users", permission_level=iam.PermissionLevel.CAN_VIEW)],
    )
    assert "users" in [entry.group_name for entry in w.permissions.get("jobs", job_id).access_control_list]
    with pytest.raises(InvalidParameterValue, match="owner"):
        w.permissions.set("jobs", job_id, access_control_list=[])


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.2"])
def test_older_versions_of_the_api(w, version):
    created = w.api_client.do(
        "POST",
        f"/api/{version}/jobs/create",
        body={"name": "old", "existing_cluster_id": "c", "notebook_task": {"notebook_path": "/n"}},
    )
    shown = w.api_client.do("GET", f"/api/{version}/jobs/get", query={"job_id": created["job_id"]})
    assert shown["settings"]["tasks"][0]["existing_cluster_id"] == "c"
    assert created["job_id"] in [j["job_id"] for j in w.api_client.do("GET", f"/api/{version}/jobs/list")["jobs"]]
    w.api_client.do("POST", f"/api/{version}/jobs/delete", body={"job_id": created["job_id"]})
