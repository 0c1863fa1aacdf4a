"""Access control lists of every type of object, and what follows from them elsewhere."""

import base64
import itertools

import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound
from databricks.sdk.service import compute, iam, jobs, settings, workspace
from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel

numbers = itertools.count(1)


def unique(name):
    return f"{name}-{next(numbers)}"


def to_group(name, level):
    return AccessControlRequest(group_name=name, permission_level=level)


def to_user(name, level):
    return AccessControlRequest(user_name=name, permission_level=level)


def principal(entry):
    return entry.user_name or entry.group_name or entry.service_principal_name


def direct(acl):
    """Principal and level of what is granted on the object itself."""
    return {
        (principal(entry), permission.permission_level.value)
        for entry in acl.access_control_list
        for permission in entry.all_permissions
        if not permission.inherited
    }


def inherited(acl):
    """Principal, level and sources of what comes from above."""
    return {
        (principal(entry), permission.permission_level.value, *permission.inherited_from_object)
        for entry in acl.access_control_list
        for permission in entry.all_permissions
        if permission.inherited
    }


@pytest.fixture
def me(w):
    return w.current_user.me().user_name


@pytest.fixture
def user(w):
    made = w.users.create(user_name=f"{unique('reader')}@farshore.example", display_name="Reader")
    yield made
    try:
        w.users.delete(made.id)
    except NotFound:
        pass


@pytest.fixture
def group(w):
    made = w.groups.create(display_name=unique("readers"))
    yield made
    try:
        w.groups.delete(made.id)
    except NotFound:
        pass


@pytest.fixture
def robot(w):
    made = w.service_principals.create(display_name=unique("robot"))
    yield made
    try:
        w.service_principals.delete(made.id)
    except NotFound:
        pass


@pytest.fixture
def job(w):
    task = jobs.Task(task_key="t", notebook_task=jobs.NotebookTask(notebook_path="/n"))
    made = w.jobs.create(name=unique("job"), tasks=[task])
    yield str(made.job_id)
    w.jobs.delete(made.job_id)


def folder(w, path):
    w.workspace.mkdirs(path)
    return str(w.workspace.get_status(path).object_id)


def notebook(w, path):
    content = base64.b64encode(b"select 1").decode()
    w.workspace.import_(
        path, content=content, format=workspace.ImportFormat.SOURCE, language=workspace.Language.SQL, overwrite=True
    )
    return str(w.workspace.get_status(path).object_id)


def test_a_job_has_exactly_one_owner(w, job, me, user, group, robot):
    acl = w.permissions.get("jobs", job)
    assert (acl.object_id, acl.object_type) == (f"/jobs/{job}", "job")
    assert direct(acl) == {(me, "IS_OWNER")}
    assert inherited(acl) == {("admins", "CAN_MANAGE", "/jobs/")}

    acl = w.permissions.update("jobs", job, access_control_list=[to_group(group.display_name, PermissionLevel.CAN_VIEW)])
    assert direct(acl) == {(me, "IS_OWNER"), (group.display_name, "CAN_VIEW")}
    acl = w.permissions.update(
        "jobs", job, access_control_list=[to_group(group.display_name, PermissionLevel.CAN_MANAGE_RUN)]
    )
    assert direct(acl) == {(me, "IS_OWNER"), (group.display_name, "CAN_MANAGE_RUN")}
    new_owner = AccessControlRequest(
        service_principal_name=robot.application_id, permission_level=PermissionLevel.IS_OWNER
    )
    for refused in [
        [],
        [to_group(group.display_name, PermissionLevel.CAN_VIEW)],
        [to_user(me, PermissionLevel.IS_OWNER), new_owner],
    ]:
        with pytest.raises(InvalidParameterValue, match="The job must have exactly one owner."):
            w.permissions.set("jobs", job, access_control_list=refused)
    with pytest.raises(InvalidParameterValue, match="exactly one owner"):
        w.permissions.update("jobs", job, access_control_list=[new_owner])
    with pytest.raises(InvalidParameterValue, match="exactly one owner"):
        w.permissions.update("jobs", job, access_control_list=[to_user(me, PermissionLevel.CAN_MANAGE)])
    with pytest.raises(InvalidParameterValue):
        w.permissions.set("jobs", job, access_control_list=[to_group(group.display_name, PermissionLevel.IS_OWNER)])
    assert direct(w.permissions.get("jobs", job)) == {(me, "IS_OWNER"), (group.display_name, "CAN_MANAGE_RUN")}

    acl = w.permissions.update(
        "jobs", job, access_control_list=[new_owner, to_user(me, PermissionLevel.CAN_MANAGE)]
    )
    assert {(robot.application_id, "IS_OWNER"), (me, "CAN_MANAGE")} < direct(acl)
    acl = w.permissions.set("jobs", job, access_control_list=[to_user(user.user_name, PermissionLevel.IS_OWNER)])
    assert direct(acl) == {(user.user_name, "IS_OWNER")}
    owner = next(entry for entry in acl.access_control_list if entry.user_name)
    assert owner.display_name == "Reader"


def test_the_typed_calls_of_each_service_see_the_same(w, job, group, node_type):
    w.jobs.update_permissions(
        job,
        access_control_list=[
            jobs.JobAccessControlRequest(
                group_name=group.display_name, permission_level=jobs.JobPermissionLevel.CAN_VIEW
            )
        ],
    )
    assert (group.display_name, "CAN_VIEW") in direct(w.jobs.get_permissions(job))
    assert direct(w.jobs.get_permissions(job)) == direct(w.permissions.get("jobs", job))

    pool = w.instance_pools.create(unique("pool"), node_type).instance_pool_id
    w.instance_pools.set_permissions(
        pool,
        access_control_list=[
            compute.InstancePoolAccessControlRequest(
                group_name=group.display_name, permission_level=compute.InstancePoolPermissionLevel.CAN_ATTACH_TO
            )
        ],
    )
    acl = w.instance_pools.get_permissions(pool)
    assert (acl.object_id, acl.object_type) == (f"/instance-pools/{pool}", "instance-pool")
    assert direct(acl) == {(group.display_name, "CAN_ATTACH_TO")}
    w.instance_pools.delete(pool)
    with pytest.raises(NotFound):
        w.instance_pools.get_permissions(pool)

    policy = w.cluster_policies.create(name=unique("policy"), definition="{}").policy_id
    acl = w.cluster_policies.update_permissions(
        policy,
        access_control_list=[
            compute.ClusterPolicyAccessControlRequest(
                group_name=group.display_name, permission_level=compute.ClusterPolicyPermissionLevel.CAN_USE
            )
        ],
    )
    assert direct(acl) == {(group.display_name, "CAN_USE")}
    assert inherited(acl) == {("admins", "CAN_USE", "/cluster-policies/")}
    w.cluster_policies.delete(policy)

    cluster = w.clusters.create(
        spark_version="16.4.x-scala2.12", cluster_name=unique("c"), num_workers=0, node_type_id=node_type
    ).cluster_id
    assert {level for _, level in direct(w.clusters.get_permissions(cluster))} == {"CAN_MANAGE"}
    w.clusters.set_permissions(
        cluster,
        access_control_list=[
            compute.ClusterAccessControlRequest(
                group_name=group.display_name, permission_level=compute.ClusterPermissionLevel.CAN_RESTART
            )
        ],
    )
    acl = w.permissions.get("clusters", cluster)
    assert direct(acl) == {(group.display_name, "CAN_RESTART")}
    assert inherited(acl) == {("admins", "CAN_MANAGE", "/clusters/")}
    w.clusters.permanent_delete(cluster)
    with pytest.raises(NotFound):
        w.permissions.get("clusters", cluster)


def test_folders_pass_on_what_they_grant(w, user, group):
    root = f"/{unique('tree')}"
    outer, inner = folder(w, root), folder(w, f"{root}/inner")
    leaf = notebook(w, f"{root}/inner/leaf")
    w.permissions.set("directories", outer, access_control_list=[to_group(group.display_name, PermissionLevel.CAN_READ)])
    w.permissions.set("directories", inner, access_control_list=[to_user(user.user_name, PermissionLevel.CAN_EDIT)])
    acl = w.permissions.get("notebooks", leaf)
    assert (acl.object_id, acl.object_type) == (f"/notebooks/{leaf}", "notebook")
    assert direct(acl) == set()
    assert inherited(acl) == {
        (user.user_name, "CAN_EDIT", f"/directories/{inner}"),
        (group.display_name, "CAN_READ", f"/directories/{outer}"),
        ("admins", "CAN_MANAGE", "/directories/"),
    }
    acl = w.permissions.update(
        "notebooks", leaf, access_control_list=[to_group(group.display_name, PermissionLevel.CAN_RUN)]
    )
    entry = next(entry for entry in acl.access_control_list if entry.group_name == group.display_name)
    assert [(p.permission_level, bool(p.inherited)) for p in entry.all_permissions] == [
        (PermissionLevel.CAN_RUN, False),
        (PermissionLevel.CAN_READ, True),
    ]
    acl = w.permissions.set("notebooks", leaf)
    assert direct(acl) == set() and len(inherited(acl)) == 3
    w.permissions.update("directories", inner, access_control_list=[to_group(group.display_name, PermissionLevel.CAN_READ)])
    sources = [entry for entry in inherited(w.permissions.get("notebooks", leaf)) if entry[0] == group.display_name]
    assert sources == [(group.display_name, "CAN_READ", f"/directories/{inner}", f"/directories/{outer}")]

    # The id belongs to one type only, and a deleted object has no permissions.
    with pytest.raises(NotFound):
        w.permissions.get("directories", leaf)
    w.workspace.delete(f"{root}/inner", recursive=True)
    for kind, object_id in [("directories", inner), ("notebooks", leaf)]:
        with pytest.raises(NotFound, match=f"Node ID {object_id} does not exist."):
            w.permissions.get(kind, object_id)
    w.workspace.delete(root, recursive=True)


def test_homes_shared_folder_and_root(w, me, user):
    home = str(w.workspace.get_status(f"/Users/{user.user_name}").object_id)
    assert direct(w.permissions.get("directories", home)) == {(user.user_name, "CAN_MANAGE")}
    acl = w.permissions.set("directories", home, access_control_list=[to_user(me, PermissionLevel.CAN_READ)])
    assert direct(acl) == {(user.user_name, "CAN_MANAGE"), (me, "CAN_READ")}, "a home stays its owner's"
    inside = notebook(w, f"/Users/{user.user_name}/n")
    assert (user.user_name, "CAN_MANAGE", f"/directories/{home}") in inherited(w.permissions.get("notebooks", inside))
    shared = str(w.workspace.get_status("/Shared").object_id)
    assert direct(w.permissions.get("directories", shared)) == {("users", "CAN_MANAGE")}
    in_shared = notebook(w, f"/Shared/{unique('n')}")
    assert ("users", "CAN_MANAGE", f"/directories/{shared}") in inherited(w.permissions.get("notebooks", in_shared))
    root = w.permissions.get("directories", "0")
    assert direct(root) == {("admins", "CAN_MANAGE")} and root.object_id == "/directories/0"


def test_files_have_permissions_of_their_own(w, group):
    path = f"/Shared/{unique('table')}.csv"
    w.workspace.upload(path, b"a,b\n", format=workspace.ImportFormat.RAW, overwrite=True)
    file = str(w.workspace.get_status(path).object_id)
    acl = w.permissions.update("files", file, access_control_list=[to_group(group.display_name, PermissionLevel.CAN_READ)])
    assert acl.object_type == "file" and direct(acl) == {(group.display_name, "CAN_READ")}
    with pytest.raises(NotFound):
        w.permissions.get("notebooks", file)


def test_tokens_and_passwords(w, group):
    acl = w.token_management.get_permissions()
    assert (acl.object_id, acl.object_type) == ("/authorization/tokens", "tokens")
    # The type of the service knows less than the workspace has.
    assert direct(w.permissions.get("authorization", "tokens")) == {("users", "CAN_USE"), ("admins", "CAN_MANAGE")}
    to_use = settings.TokenAccessControlRequest(
        group_name=group.display_name, permission_level=settings.TokenPermissionLevel.CAN_USE
    )
    w.token_management.update_permissions(access_control_list=[to_use])
    assert (group.display_name, "CAN_USE") in direct(w.permissions.get("authorization", "tokens"))
    with pytest.raises(BadRequest, match="Cannot change permissions for group 'admins' to None"):
        w.token_management.set_permissions(access_control_list=[to_use])
    assert len(w.token_management.get_permission_levels().permission_levels) == 2
    for_users = iam.PasswordAccessControlRequest(
        group_name="users", permission_level=iam.PasswordPermissionLevel.CAN_USE
    )
    acl = w.users.set_permissions(access_control_list=[for_users])
    assert (acl.object_id, acl.object_type) == ("/authorization/passwords", "passwords")
    assert direct(acl) == {("users", "CAN_USE")} == direct(w.users.get_permissions())


@pytest.mark.parametrize(
    "kind, expected",
    [
        ("clusters", "CAN_ATTACH_TO CAN_MANAGE CAN_RESTART"),
        ("cluster-policies", "CAN_USE"),
        ("instance-pools", "CAN_ATTACH_TO CAN_MANAGE"),
        ("jobs", "CAN_MANAGE CAN_MANAGE_RUN CAN_VIEW IS_OWNER"),
        ("pipelines", "CAN_MANAGE CAN_RUN CAN_VIEW IS_OWNER"),
        ("notebooks", "CAN_EDIT CAN_MANAGE CAN_READ CAN_RUN"),
        ("directories", "CAN_EDIT CAN_MANAGE CAN_READ CAN_RUN"),
        ("files", "CAN_EDIT CAN_MANAGE CAN_READ CAN_RUN"),
        ("repos", "CAN_EDIT CAN_MANAGE CAN_READ CAN_RUN"),
        ("warehouses", "CAN_MANAGE CAN_MONITOR CAN_USE CAN_VIEW IS_OWNER"),
        ("serving-endpoints", "CAN_MANAGE CAN_QUERY CAN_VIEW"),
        ("experiments", "CAN_EDIT CAN_MANAGE CAN_READ"),
    ],
)
def test_levels_of_each_type(w, kind, expected):
    levels = w.permissions.get_permission_levels(kind, "0").permission_levels
    assert sorted(level.permission_level.value for level in levels) == expected.split()
    assert all(level.description for level in levels)


def test_what_is_wrong_is_told(w, job, user, group):
    def update(*entries):
        w.permissions.update("jobs", job, access_control_list=list(entries))

    for entry, text in [
        (to_user("nobody@farshore.example", PermissionLevel.CAN_VIEW), r"Principal: UserName\(nobody@farshore.example\)"),
        (to_group("no such group", PermissionLevel.CAN_VIEW), r"Principal: GroupName\(no such group\)"),
        (
            AccessControlRequest(service_principal_name="nobody", permission_level=PermissionLevel.CAN_VIEW),
            r"Principal: ServicePrincipalName\(nobody\)",
        ),
    ]:
        with pytest.raises(NotFound, match=text + " does not exist"):
            update(entry)
    for entry in [
        to_group(group.display_name, PermissionLevel.CAN_ATTACH_TO),
        AccessControlRequest(permission_level=PermissionLevel.CAN_VIEW),
        AccessControlRequest(
            group_name=group.display_name, user_name=user.user_name, permission_level=PermissionLevel.CAN_VIEW
        ),
        to_group("admins", PermissionLevel.CAN_VIEW),
    ]:
        with pytest.raises(InvalidParameterValue):
            update(entry)
    with pytest.raises(InvalidParameterValue, match="Permission type not defined"):
        update(AccessControlRequest(group_name=group.display_name))
    with pytest.raises(InvalidParameterValue, match="request_object_type is not recognized"):
        w.permissions.get("starships", "1")
    with pytest.raises(InvalidParameterValue):
        w.permissions.get("jobs", "not-a-number")
    for kind, missing in [
        ("jobs", "1"),
        ("clusters", "0101-000000-nothing1"),
        ("cluster-policies", "ABC"),
        ("instance-pools", "ABC"),
        ("notebooks", "1"),
        ("pipelines", "00000000-0000-0000-0000-000000000000"),
        ("warehouses", "abc"),
        ("repos", "1"),
    ]:
        with pytest.raises(NotFound):
            w.permissions.get(kind, missing)
        with pytest.raises(NotFound):
            w.permissions.set(kind, missing, access_control_list=[])


def test_names_are_as_the_directory_spells_them(w, job, user):
    acl = w.permissions.update(
        "jobs", job, access_control_list=[to_user(user.user_name.upper(), PermissionLevel.CAN_VIEW)]
    )
    assert (user.user_name, "CAN_VIEW") in direct(acl)


def test_lists_follow_the_directory(w, job, me, user, group):
    w.permissions.set(
        "jobs",
        job,
        access_control_list=[
            to_user(user.user_name, PermissionLevel.IS_OWNER),
            to_user(me, PermissionLevel.CAN_MANAGE),
            to_group(group.display_name, PermissionLevel.CAN_VIEW),
        ],
    )
    name = unique("renamed")
    w.groups.patch(group.id, operations=[iam.Patch(op=iam.PatchOp.REPLACE, path="displayName", value=name)])
    assert (name, "CAN_VIEW") in direct(w.permissions.get("jobs", job))
    w.groups.delete(group.id)
    w.users.delete(user.id)
    assert direct(w.permissions.get("jobs", job)) == {(me, "CAN_MANAGE")}, "a job can lose its owner this way"
    w.permissions.update("jobs", job, access_control_list=[to_user(me, PermissionLevel.IS_OWNER)])


def test_lists_given_at_creation(w, me, user, group):
    task = jobs.Task(task_key="t", notebook_task=jobs.NotebookTask(notebook_path="/n"))
    name = unique("with list")
    unknown = jobs.JobAccessControlRequest(
        user_name="nobody@farshore.example", permission_level=jobs.JobPermissionLevel.CAN_VIEW
    )
    with pytest.raises(NotFound):
        w.jobs.create(name=name, tasks=[task], access_control_list=[unknown])
    assert not list(w.jobs.list(name=name)), "a refused job is not there"
    to_owner = jobs.JobAccessControlRequest(
        user_name=user.user_name, permission_level=jobs.JobPermissionLevel.IS_OWNER
    )
    made = w.jobs.create(name=name, tasks=[task], access_control_list=[to_owner])
    assert direct(w.jobs.get_permissions(str(made.job_id))) == {(user.user_name, "IS_OWNER")}
    w.jobs.delete(made.job_id)


def test_a_tier_without_lists(simulator, w, job):
    simulator.control("POST", "/_simulator/tier", {"has_acls": False})
    try:
        for call in [
            lambda: w.permissions.get("jobs", job),
            lambda: w.permissions.set("jobs", job, access_control_list=[]),
            lambda: w.permissions.get_permission_levels("jobs", job),
        ]:
            with pytest.raises(BadRequest, match="ACLs for job are disabled or not available in this tier") as caught:
                call()
            assert caught.value.error_code == "FEATURE_DISABLED"
    finally:
        simulator.control("POST", "/_simulator/tier", {"has_acls": True})
    assert w.permissions.get("jobs", job).access_control_list


def test_only_what_makes_a_difference_is_logged(simulator, w, job, me, group):
    last = max((change["seq"] for change in simulator.changes()), default=0)
    grant = [to_group(group.display_name, PermissionLevel.CAN_VIEW)]
    for _ in range(3):
        w.permissions.update("jobs", job, access_control_list=grant)
    changes = [change["summary"] for change in simulator.changes(last)]
    assert len(changes) == 1 and f"{me}=IS_OWNER, {group.display_name}=CAN_VIEW" in changes[0]


def test_the_demo_grants_something_of_every_kind(demo):
    w = demo.client()
    folder_id = str(w.workspace.get_status("/Production/Claims").object_id)
    assert ("claims", "CAN_READ") in direct(w.permissions.get("directories", folder_id))
    inside = next(iter(w.workspace.list("/Production/Claims/01 Bronze")))
    entries = inherited(w.permissions.get("notebooks", str(inside.object_id)))
    assert ("claims", "CAN_READ", f"/directories/{folder_id}") in entries
    nightly = next(iter(w.jobs.list(name="Claims nightly")))
    levels = {level for _, level in direct(w.permissions.get("jobs", str(nightly.job_id)))}
    assert levels == {"IS_OWNER", "CAN_MANAGE_RUN", "CAN_VIEW"}
    policy = next(known for known in w.cluster_policies.list() if known.name == "finance-restricted")
    assert direct(w.permissions.get("cluster-policies", policy.policy_id)) == {("finance", "CAN_USE")}
