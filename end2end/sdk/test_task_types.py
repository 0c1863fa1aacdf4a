"""Every type of task: kept as sent, run, and with an output of its own."""

import pytest
from databricks.sdk.errors import InvalidParameterValue
from databricks.sdk.service import compute, jobs
from databricks.sdk.service.jobs import RunResultState


def quick(ms=200, **more):
    return {"simulated_run_ms": str(ms), **more}


TYPES = {
    "notebook_task": jobs.NotebookTask(notebook_path="/Shared/n", base_parameters={"a": "1"}, warehouse_id="w1"),
    "spark_python_task": jobs.SparkPythonTask(python_file="dbfs:/x.py", parameters=["--a"], source=jobs.Source.WORKSPACE),
    "python_wheel_task": jobs.PythonWheelTask(package_name="p", entry_point="main", named_parameters={"k": "v"}),
    "spark_jar_task": jobs.SparkJarTask(main_class_name="a.B", parameters=["1"]),
    "spark_submit_task": jobs.SparkSubmitTask(parameters=["--class", "x"]),
    "sql_task": jobs.SqlTask(warehouse_id="w1", query=jobs.SqlTaskQuery(query_id="q1"), parameters={"p": "1"}),
    "dbt_task": jobs.DbtTask(commands=["dbt run"], schema="s", warehouse_id="w1", project_directory="/dbt"),
    "pipeline_task": jobs.PipelineTask(pipeline_id="p1", full_refresh=True),
    "condition_task": jobs.ConditionTask(op=jobs.ConditionTaskOp.EQUAL_TO, left="1", right="1"),
    "dashboard_task": jobs.DashboardTask(dashboard_id="d1", warehouse_id="w1"),
    "power_bi_task": jobs.PowerBiTask(connection_resource_name="c", warehouse_id="w1", refresh_after_update=True),
    "clean_rooms_notebook_task": jobs.CleanRoomsNotebookTask(clean_room_name="room", notebook_name="n"),
    "for_each_task": jobs.ForEachTask(
        inputs='["a", "b", "c"]',
        concurrency=2,
        task=jobs.Task(task_key="inner", notebook_task=jobs.NotebookTask(notebook_path="/Shared/n")),
    ),
}


@pytest.fixture
def job(w):
    made = []

    def make(**settings):
        job_id = w.jobs.create(**{"name": "types", "tags": quick(), **settings}).job_id
        made.append(job_id)
        return job_id

    yield make
    for job_id in made:
        w.jobs.delete(job_id)


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_a_task_is_kept_as_sent_and_runs(w, job, kind):
    sent = TYPES[kind].as_dict()
    job_id = job(tasks=[jobs.Task(task_key="t", **{kind: TYPES[kind]})])
    kept = getattr(w.jobs.get(job_id).settings.tasks[0], kind).as_dict()
    if kind == "for_each_task":
        assert kept["task"]["notebook_task"]["notebook_path"] == "/Shared/n"
        kept.pop("task"), sent.pop("task")
    kept.pop("source", None), sent.pop("source", None)
    assert kept == sent
    run = w.jobs.run_now_and_wait(job_id)
    assert run.state.result_state == RunResultState.SUCCESS
    output = w.jobs.get_run_output(run.tasks[0].run_id)
    assert output.metadata.run_id == run.tasks[0].run_id and output.error is None
    expected = {
        "notebook_task": output.notebook_output,
        "spark_python_task": output.logs,
        "python_wheel_task": output.logs,
        "sql_task": output.sql_output,
        "dbt_task": output.dbt_output,
        "dashboard_task": output.dashboard_output,
        "clean_rooms_notebook_task": output.clean_rooms_notebook_output,
    }
    assert expected.get(kind, True)


def test_a_condition_chooses_its_branch(w, job):
    def branch(key, outcome):
        dependency = jobs.TaskDependency(task_key="check", outcome=outcome)
        notebook = jobs.NotebookTask(notebook_path="/Shared/n")
        return jobs.Task(task_key=key, depends_on=[dependency], notebook_task=notebook)

    after_no = jobs.Task(
        task_key="after_no", depends_on=[jobs.TaskDependency(task_key="no")],
        notebook_task=jobs.NotebookTask(notebook_path="/Shared/n"),
    )
    condition = jobs.ConditionTask(op=jobs.ConditionTaskOp.GREATER_THAN, left="{{job.parameters.count}}", right="10")
    job_id = job(
        parameters=[jobs.JobParameterDefinition(name="count", default="5")],
        tasks=[jobs.Task(task_key="check", condition_task=condition), branch("yes", "true"), branch("no", "false"), after_no],
    )
    for given, outcome, excluded in (({}, "false", {"yes"}), ({"count": "11"}, "true", {"no"})):
        run = w.jobs.run_now_and_wait(job_id, job_parameters=given or None)
        tasks = {task.task_key: task for task in run.tasks}
        assert tasks["check"].condition_task.outcome == outcome
        assert excluded <= {key for key, t in tasks.items() if t.state.result_state == RunResultState.EXCLUDED}
        assert run.state.result_state == RunResultState.SUCCESS


def test_a_loop_counts_its_iterations(w, job):
    job_id = job(tasks=[jobs.Task(task_key="loop", for_each_task=TYPES["for_each_task"])])
    run = w.jobs.run_now_and_wait(job_id)
    stats = run.tasks[0].for_each_task.stats.task_run_stats
    assert (stats.total_iterations, stats.succeeded_iterations, stats.failed_iterations) == (3, 3, 0)
    iterations = w.jobs.get_run(run.tasks[0].run_id).iterations
    assert len(iterations) == 3 and {i.state.result_state for i in iterations} == {RunResultState.SUCCESS}


def test_everything_around_the_tasks_is_kept(w, job):
    me = w.current_user.me().user_name
    job_id = job(
        name="everything",
        description="words",
        edit_mode=jobs.JobEditMode.UI_LOCKED,
        deployment=jobs.JobDeployment(kind=jobs.JobDeploymentKind.BUNDLE, metadata_file_path="/Workspace/x/metadata.json"),
        run_as=jobs.JobRunAs(user_name=me),
        git_source=jobs.GitSource(
            git_url="https://git.example/x", git_provider=jobs.GitProvider.GIT_HUB, git_branch="main"
        ),
        environments=[jobs.JobEnvironment(environment_key="e", spec=compute.Environment(client="1", dependencies=["x"]))],
        health=jobs.JobsHealthRules(
            rules=[jobs.JobsHealthRule(metric=jobs.JobsHealthMetric.RUN_DURATION_SECONDS, op=jobs.JobsHealthOperator.GREATER_THAN, value=9)]
        ),
        notification_settings=jobs.JobNotificationSettings(no_alert_for_skipped_runs=True),
        webhook_notifications=jobs.WebhookNotifications(on_failure=[jobs.Webhook(id="hook")]),
        performance_target=jobs.PerformanceTarget.STANDARD,
        budget_policy_id="budget",
        trigger=jobs.TriggerSettings(
            periodic=jobs.PeriodicTriggerConfiguration(interval=4, unit=jobs.PeriodicTriggerConfigurationTimeUnit.DAYS),
            pause_status=jobs.PauseStatus.PAUSED,
        ),
        queue=jobs.QueueSettings(enabled=False),
        tasks=[jobs.Task(task_key="t", notebook_task=TYPES["notebook_task"], environment_key="e", max_retries=2)],
    )
    settings = w.jobs.get(job_id).settings
    assert settings.deployment.kind == jobs.JobDeploymentKind.BUNDLE and settings.edit_mode == jobs.JobEditMode.UI_LOCKED
    assert settings.run_as.user_name == me and w.jobs.get(job_id).run_as_user_name == me
    assert settings.git_source.git_branch == "main" and settings.environments[0].spec.dependencies == ["x"]
    assert settings.health.rules[0].value == 9 and settings.webhook_notifications.on_failure[0].id == "hook"
    assert (settings.budget_policy_id, settings.queue.enabled) == ("budget", False)
    assert settings.trigger.pause_status == jobs.PauseStatus.PAUSED
    # A reset keeps only the identity that it does not name.
    w.jobs.reset(job_id, new_settings=jobs.JobSettings(name="bare", tasks=settings.tasks, environments=settings.environments))
    settings = w.jobs.get(job_id).settings
    assert settings.run_as.user_name == me and settings.deployment is None and settings.git_source is None


def test_a_git_source_needs_a_known_provider(w, simulator):
    body = {"name": "git", "tasks": [], "git_source": {"git_url": "https://git.example/x"}}
    with pytest.raises(InvalidParameterValue, match="git_provider must be one of"):
        w.api_client.do("POST", "/api/2.2/jobs/create", body=body)


def test_a_repair_takes_other_parameters_and_keeps_the_first_attempt(w, job):
    job_id = job(
        tags=quick(simulated_result="FAILED"),
        parameters=[jobs.JobParameterDefinition(name="day", default="monday")],
        tasks=[jobs.Task(task_key="t", notebook_task=TYPES["notebook_task"])],
    )
    run = w.jobs.run_now_and_wait(job_id)
    first = run.tasks[0].run_id
    w.jobs.update(job_id, new_settings=jobs.JobSettings(tags=quick()))
    repair = w.jobs.repair_run(run.run_id, rerun_tasks=["t"], job_parameters={"day": "friday"})
    repaired = repair.result()
    assert repaired.state.result_state == RunResultState.SUCCESS
    assert [p.value for p in repaired.job_parameters] == ["friday"]
    history = w.jobs.get_run(run.run_id, include_history=True).repair_history
    assert history[0].task_run_ids == [first] and history[1].task_run_ids == [repaired.tasks[0].run_id]
    assert history[1].id == repair.response.repair_id
    with pytest.raises(InvalidParameterValue, match="latest_repair_id"):
        w.jobs.repair_run(run.run_id, rerun_tasks=["t"])
    w.jobs.repair_run(run.run_id, rerun_tasks=["t"], latest_repair_id=repair.response.repair_id).result()


def test_clusters_keep_their_pins_and_tokens(w, spark, node_type):
    settings = {"spark_version": spark, "node_type_id": node_type, "num_workers": 1, "cluster_name": "pinned"}
    body = {**settings, "idempotency_token": "once"}
    ids = {w.api_client.do("POST", "/api/2.1/clusters/create", body=body)["cluster_id"] for _ in range(2)}
    assert len(ids) == 1
    (cluster_id,) = ids
    w.clusters.pin(cluster_id)
    with pytest.raises(Exception, match="unpin the cluster first"):
        w.clusters.permanent_delete(cluster_id)
    w.clusters.unpin(cluster_id)
    w.clusters.permanent_delete(cluster_id)


def test_nobody_unknown_can_be_run_as(w, job):
    task = jobs.Task(task_key="t", notebook_task=TYPES["notebook_task"])
    stranger = jobs.JobRunAs(user_name="nobody@farshore.example")
    with pytest.raises(InvalidParameterValue, match="does not exist"):
        w.jobs.create(name="x", tasks=[task], run_as=stranger)
    job_id = job(tasks=[task])
    with pytest.raises(InvalidParameterValue, match="does not exist"):
        w.jobs.update(job_id, new_settings=jobs.JobSettings(run_as=stranger))
    principal = w.service_principals.create(display_name="runner")
    w.jobs.update(job_id, new_settings=jobs.JobSettings(run_as=jobs.JobRunAs(service_principal_name=principal.application_id)))
    assert w.jobs.get(job_id).run_as_user_name == principal.application_id
    # A job outlives the identity that it runs as.
    w.service_principals.delete(principal.id)
    w.jobs.update(job_id, new_settings=jobs.JobSettings(name="renamed"))
    assert w.jobs.get(job_id).settings.run_as.service_principal_name == principal.application_id


def test_an_edited_policy_is_not_kept_by_what_was_there(w, spark, node_type, job):
    policy_id = w.cluster_policies.create(name="compliance", definition="{}").policy_id
    spec = {"spark_version": spark, "node_type_id": node_type, "num_workers": 1, "policy_id": policy_id}
    cluster_id = w.clusters.create(cluster_name="old", autotermination_minutes=120, **spec).cluster_id
    new_cluster = compute.ClusterSpec(autotermination_minutes=120, **spec)
    job_id = job(tasks=[jobs.Task(task_key="t", notebook_task=TYPES["notebook_task"], new_cluster=new_cluster)])
    of_clusters, of_jobs = w.policy_compliance_for_clusters, w.policy_compliance_for_jobs
    assert of_clusters.get_compliance(cluster_id).is_compliant and of_jobs.get_compliance(job_id).is_compliant
    rules = '{"autotermination_minutes": {"type": "range", "maxValue": 60}}'
    w.cluster_policies.edit(policy_id, name="compliance", definition=rules)
    assert list(of_clusters.get_compliance(cluster_id).violations) == ["autotermination_minutes"]
    assert list(of_jobs.get_compliance(job_id).violations) == ["tasks.t.new_cluster.autotermination_minutes"]
    assert [(c.cluster_id, c.is_compliant) for c in of_clusters.list_compliance(policy_id)] == [(cluster_id, False)]
    assert [(j.job_id, j.is_compliant) for j in of_jobs.list_compliance(policy_id)] == [(job_id, False)]
    w.clusters.permanent_delete(cluster_id)
    w.cluster_policies.delete(policy_id)
