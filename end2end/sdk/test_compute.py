import json

import pytest
from databricks.sdk.errors import InvalidParameterValue, InvalidState, NotFound, ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service import compute, iam
from databricks.sdk.service.compute import State


def test_a_cluster_goes_through_its_states(simulator, w, spark, node_type):
    seen = []
    wait = w.clusters.create(cluster_name="etl", spark_version=spark, node_type_id=node_type, num_workers=2)
    cluster = wait.result(callback=lambda c: seen.append(c.state))
    assert State.PENDING in seen and cluster.state == State.RUNNING
    assert (cluster.num_workers, len(cluster.executors)) == (2, 2)
    assert cluster.driver.private_ip and cluster.jdbc_port == 10000
    assert cluster.cluster_source == compute.ClusterSource.API
    assert cluster.default_tags["ClusterId"] == cluster.cluster_id
    with pytest.raises(InvalidState, match="unexpected state Running"):
        w.clusters.start(cluster.cluster_id)
    assert w.clusters.resize(cluster.cluster_id, num_workers=3).result().num_workers == 3
    assert w.clusters.restart(cluster.cluster_id).result().state == State.RUNNING
    ended = w.clusters.delete(cluster.cluster_id).result()
    assert ended.state == State.TERMINATED
    assert ended.termination_reason.code == compute.TerminationReasonCode.USER_REQUEST
    w.clusters.delete(cluster.cluster_id).result()
    with pytest.raises(InvalidState):
        w.clusters.restart(cluster.cluster_id)
    w.clusters.ensure_cluster_is_running(cluster.cluster_id)
    w.clusters.ensure_cluster_is_running(cluster.cluster_id)
    assert w.clusters.get(cluster.cluster_id).state == State.RUNNING
    kinds = {event.type.value for event in w.clusters.events(cluster.cluster_id)}
    assert {"CREATING", "RUNNING", "TERMINATING", "STARTING", "RESTARTING", "RESIZING"} <= kinds
    assert len(list(w.clusters.events(cluster.cluster_id, page_size=2))) >= 8
    assert len(list(w.clusters.events(cluster.cluster_id, limit=2))) >= 8
    w.clusters.permanent_delete(cluster.cluster_id)
    with pytest.raises(ResourceDoesNotExist):
        w.clusters.get(cluster.cluster_id)
    status, _, body = simulator.raw("GET", f"/api/2.1/clusters/get?cluster_id={cluster.cluster_id}")
    assert (status, json.loads(body)["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_an_edit_restarts_what_runs_and_nothing_else(w, spark, node_type):
    cluster = w.clusters.create_and_wait(cluster_name="edit", spark_version=spark, node_type_id=node_type, num_workers=1)
    edited = w.clusters.edit_and_wait(
        cluster.cluster_id,
        spark_version=spark,
        node_type_id=node_type,
        cluster_name="edited",
        autoscale=compute.AutoScale(min_workers=1, max_workers=4),
    )
    assert edited.state == State.RUNNING and edited.cluster_name == "edited"
    assert edited.autoscale.max_workers == 4
    updated = w.clusters.update_and_wait(
        cluster.cluster_id, update_mask="num_workers", cluster=compute.UpdateClusterResource(num_workers=5)
    )
    assert updated.num_workers == 5 and updated.cluster_name == "edited"
    w.clusters.delete_and_wait(cluster.cluster_id)
    w.clusters.edit(cluster.cluster_id, spark_version=spark, node_type_id=node_type, num_workers=1)
    assert w.clusters.get(cluster.cluster_id).state == State.TERMINATED
    w.clusters.permanent_delete(cluster.cluster_id)


def test_clusters_page_filter_and_pin(w, spark, node_type):
    made = [
        w.clusters.create(cluster_name=f"many-{n}", spark_version=spark, node_type_id=node_type, num_workers=1).cluster_id
        for n in range(45)
    ]
    listed = [c.cluster_id for c in w.clusters.list()]
    assert set(made) <= set(listed) and len(listed) == len(set(listed))
    assert set(made) <= {c.cluster_id for c in w.clusters.list(page_size=7)}
    w.clusters.pin(made[0])
    pinned = w.clusters.list(filter_by=compute.ListClustersFilterBy(is_pinned=True))
    assert [c.cluster_id for c in pinned] == [made[0]]
    w.clusters.delete_and_wait(made[1])
    ended = w.clusters.list(filter_by=compute.ListClustersFilterBy(cluster_states=[State.TERMINATED]))
    assert made[1] in [c.cluster_id for c in ended]
    by_name = w.clusters.list(
        sort_by=compute.ListClustersSortBy(
            field=compute.ListClustersSortByField.CLUSTER_NAME, direction=compute.ListClustersSortByDirection.ASC
        )
    )
    names = [c.cluster_name for c in by_name]
    assert names == sorted(names)
    w.clusters.unpin(made[0])
    for cluster_id in made:
        w.clusters.permanent_delete(cluster_id)


def test_terminated_clusters_are_shown_for_thirty_days(fresh):
    w = fresh.client()
    spark, node = w.clusters.select_spark_version(), w.clusters.select_node_type()
    ids = [
        w.clusters.create_and_wait(cluster_name=n, spark_version=spark, node_type_id=node, num_workers=0).cluster_id
        for n in ("kept", "gone")
    ]
    w.clusters.pin(ids[0])
    for cluster_id in ids:
        w.clusters.delete_and_wait(cluster_id)
    fresh.advance(29 * 86_400_000)
    assert {c.cluster_id for c in w.clusters.list()} == set(ids)
    fresh.advance(2 * 86_400_000)
    assert [c.cluster_id for c in w.clusters.list()] == [ids[0]]


def test_an_idle_cluster_ends_by_itself(fresh):
    w = fresh.client()
    spark, node = w.clusters.select_spark_version(), w.clusters.select_node_type()
    cluster = w.clusters.create_and_wait(
        cluster_name="idle", spark_version=spark, node_type_id=node, num_workers=0, autotermination_minutes=10
    )
    fresh.advance(11 * 60_000)
    ended = w.clusters.wait_get_cluster_terminated(cluster.cluster_id)
    assert ended.termination_reason.code == compute.TerminationReasonCode.INACTIVITY


def test_bad_clusters_are_refused(w, spark, node_type):
    for settings in [
        {"spark_version": ""},
        {"spark_version": spark, "num_workers": 1, "autotermination_minutes": 5},
        {"spark_version": spark, "num_workers": 1, "autotermination_minutes": 10_001},
        {"spark_version": spark, "num_workers": 1, "autoscale": compute.AutoScale(min_workers=1, max_workers=2)},
        {"spark_version": spark, "autoscale": compute.AutoScale(min_workers=3, max_workers=2)},
        {"spark_version": spark, "instance_pool_id": "no-such-pool"},
        {"spark_version": spark, "policy_id": "no-such-policy"},
    ]:
        with pytest.raises(InvalidParameterValue):
            w.clusters.create(cluster_name="bad", **settings)
    with pytest.raises(InvalidParameterValue, match="does not exist"):
        w.clusters.start("0101-000000-nothing0")


def test_a_pool_keeps_instances_ready(w, spark, node_type):
    pool = w.instance_pools.create(
        instance_pool_name="ready", node_type_id=node_type, min_idle_instances=2, max_capacity=5,
        idle_instance_autotermination_minutes=0,
    )
    pool_id = pool.instance_pool_id
    eventually(lambda: w.instance_pools.get(pool_id).stats.idle_count == 2)
    with pytest.raises(InvalidParameterValue, match="cannot be supplied"):
        w.clusters.create(
            cluster_name="p", spark_version=spark, instance_pool_id=pool_id, node_type_id=node_type, num_workers=1
        )
    cluster = w.clusters.create_and_wait(
        cluster_name="pooled", spark_version=spark, instance_pool_id=pool_id, num_workers=1
    )
    assert cluster.node_type_id == node_type
    stats = next(p for p in w.instance_pools.list() if p.instance_pool_id == pool_id).stats
    assert stats.used_count == 2
    w.instance_pools.edit(pool_id, instance_pool_name="ready", node_type_id=node_type, min_idle_instances=0)
    assert w.instance_pools.get(pool_id).min_idle_instances == 0
    eventually(lambda: w.instance_pools.get(pool_id).stats.idle_count == 0)
    other = "i3.xlarge" if node_type != "i3.xlarge" else "i3.2xlarge"
    with pytest.raises(InvalidParameterValue):
        w.instance_pools.edit(pool_id, instance_pool_name="ready", node_type_id=other)
    with pytest.raises(InvalidParameterValue):
        w.instance_pools.create(instance_pool_name="x", node_type_id=node_type, min_idle_instances=3, max_capacity=2)
    w.clusters.permanent_delete(cluster.cluster_id)
    w.instance_pools.delete(pool_id)
    with pytest.raises(NotFound):
        w.instance_pools.get(pool_id)


def test_policies_have_unique_names_and_hold(w, spark, node_type):
    definition = json.dumps(
        {
            "autotermination_minutes": {"type": "range", "minValue": 10, "maxValue": 60, "defaultValue": 30},
            "custom_tags.team": {"type": "fixed", "value": "finance"},
        }
    )
    policy_id = w.cluster_policies.create(name="finance", definition=definition).policy_id
    assert json.loads(w.cluster_policies.get(policy_id).definition) == json.loads(definition)
    with pytest.raises(ResourceAlreadyExists):
        w.cluster_policies.create(name="finance", definition="{}")
    with pytest.raises(InvalidParameterValue):
        w.cluster_policies.create(name="broken", definition="{not json")
    with pytest.raises(InvalidParameterValue, match="Validation failed"):
        w.clusters.create(
            spark_version=spark, node_type_id=node_type, policy_id=policy_id, autotermination_minutes=120
        )
    cluster = w.clusters.create(
        cluster_name="p", spark_version=spark, node_type_id=node_type, policy_id=policy_id, num_workers=0,
        apply_policy_default_values=True,
    )
    shown = w.clusters.get(cluster.cluster_id)
    assert (shown.autotermination_minutes, shown.custom_tags) == (30, {"team": "finance"})
    w.cluster_policies.edit(policy_id, name="finance-2", definition="{}")
    assert [p.name for p in w.cluster_policies.list() if p.policy_id == policy_id] == ["finance-2"]
    w.clusters.permanent_delete(cluster.cluster_id)
    w.cluster_policies.delete(policy_id)
    with pytest.raises(NotFound):
        w.cluster_policies.get(policy_id)


def test_permissions_of_compute(w, node_type):
    pool_id = w.instance_pools.create(instance_pool_name="acl", node_type_id=node_type).instance_pool_id
    shown = w.instance_pools.get_permissions(pool_id)
    assert "admins" in [entry.group_name for entry in shown.access_control_list]
    w.permissions.update(
        "instance-pools",
        pool_id,
        access_control_list=[
            iam.AccessControlRequest(group_name="users", permission_level=iam.PermissionLevel.CAN_ATTACH_TO)
        ],
    )
    direct = {
        entry.group_name: permission.permission_level.value
        for entry in w.permissions.get("instance-pools", pool_id).access_control_list
        for permission in entry.all_permissions
        if not permission.inherited
    }
    assert direct["users"] == "CAN_ATTACH_TO"
    assert w.instance_pools.get_permission_levels(pool_id).permission_levels
    w.instance_pools.delete(pool_id)


def eventually(condition, seconds=10):
    import time

    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
