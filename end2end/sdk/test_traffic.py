"""Counters, published limits and content in bulk: what benchmarks stand on."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from databricks.sdk.errors import TooManyRequests
from databricks.sdk.service import jobs


def endpoint(simulator, name):
    counts = simulator.control("GET", "/_simulator/calls")
    return next(item for item in counts["endpoints"] if item["endpoint"] == name)


def test_calls_are_counted_per_endpoint(fresh):
    w = fresh.client()
    fresh.control("DELETE", "/_simulator/calls")
    for _ in range(3):
        list(w.jobs.list())
    w.workspace.mkdirs("/Shared/x")
    assert endpoint(fresh, "GET jobs/list")["calls"] == 3
    mkdirs = endpoint(fresh, "POST workspace/mkdirs")
    assert (mkdirs["calls"], mkdirs["throttled"], mkdirs["limit"]) == (1, 0, None)
    counts = fresh.control("GET", "/_simulator/calls")
    assert counts["calls"] == sum(item["calls"] for item in counts["endpoints"]) and counts["peak_concurrent"] == 1


def test_the_published_limit_is_what_a_client_measures(fresh):
    fresh.faults({"effect": {"kind": "published_limits"}})
    w = fresh.client(retry_timeout_seconds=1)
    task = jobs.Task(task_key="t", notebook_task=jobs.NotebookTask(notebook_path="/n"))
    fresh.control("DELETE", "/_simulator/calls")
    admitted, refused = [], 0
    ends = time.monotonic() + 2.5
    while time.monotonic() < ends:
        status, headers, _ = fresh.raw("POST", "/api/2.2/jobs/create", {"name": "n", "tasks": [task.as_dict()]})
        if status == 200:
            admitted.append(time.monotonic())
        else:
            assert status == 429 and headers["Retry-After"]
            refused += 1
    assert 40 <= len(admitted) <= 60 and refused > 0
    create = endpoint(fresh, "jobs/create")
    assert create["limit"] == {"calls": 20, "window_ms": 1000}
    assert (create["calls"], create["throttled"]) == (len(admitted) + refused, refused)
    assert create["peak_in_window"] > 20
    time.sleep(1.05)
    with pytest.raises(Exception) as caught:
        for _ in range(40):
            w.jobs.run_now(1)
    assert not isinstance(caught.value, TooManyRequests)
    # Twenty evenly within each second are never refused.
    fresh.control("DELETE", "/_simulator/calls")
    time.sleep(1.05)
    for _ in range(30):
        assert fresh.raw("POST", "/api/2.2/jobs/create", {"name": "n", "tasks": [task.as_dict()]})[0] == 200
        time.sleep(0.052)
    assert endpoint(fresh, "jobs/create")["peak_in_window"] <= 20


def test_latency_is_of_each_call_and_not_of_the_queue(fresh):
    fresh.faults({"effect": {"kind": "latency", "ms": 100}})
    fresh.control("DELETE", "/_simulator/calls")
    began = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: fresh.raw("GET", "/api/2.2/jobs/list"), range(64)))
    elapsed = time.monotonic() - began
    assert 0.4 <= elapsed < 3.0, elapsed
    assert fresh.control("GET", "/_simulator/calls")["peak_concurrent"] > 8


def test_a_workspace_is_filled_at_once_and_looks_like_any_other(fresh):
    began = time.monotonic()
    wanted = {"notebooks": 450, "files": 20, "jobs": 60, "clusters": 12, "pools": 4}
    counts = fresh.control("POST", "/_simulator/fill", wanted)["counts"]
    assert time.monotonic() - began < 10
    assert {name: counts[name] for name in wanted} == wanted
    assert fresh.changes() == []
    w = fresh.client()
    tree = list(w.workspace.list("/Fill", recursive=True))
    assert len(tree) == 470
    notebook = next(o for o in tree if o.object_type.value == "NOTEBOOK")
    grants = w.permissions.get("notebooks", str(notebook.object_id)).access_control_list
    assert "users" in [entry.group_name for entry in grants]
    assert len(w.workspace.download(notebook.path).read()) > 500
    listed = list(w.jobs.list(expand_tasks=True))
    assert len(listed) == 60
    clusters = {c.cluster_id for c in w.clusters.list()}
    used = {t.existing_cluster_id for j in listed for t in j.settings.tasks if t.existing_cluster_id}
    assert used and used <= clusters
    pools = {p.instance_pool_id for p in w.instance_pools.list()}
    assert {c.instance_pool_id for c in w.clusters.list() if c.instance_pool_id} <= pools
    assert {t.notebook_task.notebook_path for j in listed for t in j.settings.tasks} <= {o.path for o in tree}
