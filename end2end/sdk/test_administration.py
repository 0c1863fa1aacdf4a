"""Libraries, instance profiles, tokens and settings of the workspace."""

import itertools
import time

import pytest
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, PermissionDenied, ResourceAlreadyExists
from databricks.sdk.service import settings
from databricks.sdk.service.compute import Library, LibraryInstallStatus, PythonPyPiLibrary
from databricks.sdk.service.iam import ComplexValue

from conftest import end, launch

ARN = "arn:aws:iam::123456789012:instance-profile/"
ROLE = "arn:aws:iam::123456789012:role/"
numbers = itertools.count(1)


def unique(name):
    return f"{name}-{next(numbers)}"


def pypi(name):
    return Library(pypi=PythonPyPiLibrary(package=name))


@pytest.fixture
def cluster(w, node_type, spark):
    made = w.clusters.create(spark_version=spark, cluster_name=unique("c"), num_workers=0, node_type_id=node_type)
    yield made.cluster_id
    w.clusters.permanent_delete(made.cluster_id)


def statuses(w, cluster):
    return {
        (found.library.pypi.package if found.library.pypi else found.library.whl): found.status
        for found in w.libraries.cluster_status(cluster)
    }


def until(w, cluster, expected):
    deadline = time.monotonic() + 15
    while statuses(w, cluster) != expected:
        assert time.monotonic() < deadline, f"{statuses(w, cluster)} instead of {expected}"
        time.sleep(0.1)


def test_libraries_are_installed_when_the_cluster_starts(simulator, w, cluster):
    last = max((change["seq"] for change in simulator.changes()), default=0)
    assert statuses(w, cluster) == {}
    w.libraries.install(cluster, [pypi("dbl-tempo"), Library(whl="/Workspace/Shared/nowhere.whl")])
    w.libraries.install(cluster, [pypi("dbl-tempo")])
    assert statuses(w, cluster)["dbl-tempo"] == LibraryInstallStatus.PENDING
    logged = [change for change in simulator.changes(last) if "dbl-tempo" in change["summary"]]
    assert len(logged) == 1, "what is there already is not installed again"
    w.clusters.wait_get_cluster_running(cluster)
    until(
        w,
        cluster,
        {"dbl-tempo": LibraryInstallStatus.INSTALLED, "/Workspace/Shared/nowhere.whl": LibraryInstallStatus.FAILED},
    )
    failed = next(found for found in w.libraries.cluster_status(cluster) if found.library.whl)
    assert "does not exist" in failed.messages[0]
    assert cluster in [found.cluster_id for found in w.libraries.all_cluster_statuses()]

    w.libraries.uninstall(cluster, [Library(whl="/Workspace/Shared/nowhere.whl"), pypi("never-installed")])
    assert statuses(w, cluster)["/Workspace/Shared/nowhere.whl"] == LibraryInstallStatus.UNINSTALL_ON_RESTART
    w.clusters.restart(cluster).result()
    until(w, cluster, {"dbl-tempo": LibraryInstallStatus.INSTALLED})
    w.clusters.delete(cluster).result()
    assert statuses(w, cluster) == {"dbl-tempo": LibraryInstallStatus.PENDING}

    # Wanted again before it went, it stays.
    w.libraries.uninstall(cluster, [pypi("dbl-tempo")])
    assert statuses(w, cluster) == {"dbl-tempo": LibraryInstallStatus.UNINSTALL_ON_RESTART}
    w.libraries.install(cluster, [pypi("dbl-tempo")])
    assert statuses(w, cluster) == {"dbl-tempo": LibraryInstallStatus.PENDING}
    w.libraries.uninstall(cluster, [pypi("dbl-tempo")])
    w.clusters.start(cluster).result()
    assert statuses(w, cluster) == {}
    assert cluster not in [found.cluster_id for found in w.libraries.all_cluster_statuses()]


def test_a_library_in_dbfs_is_installed_when_it_is_there(w, cluster):
    there, lost, elsewhere = "dbfs:/FileStore/there.whl", "dbfs:/FileStore/lost.whl", "dbfs:/mnt/lake/quality.whl"
    with w.dbfs.open("/FileStore/there.whl", write=True, overwrite=True) as file:
        file.write(b"wheel")
    w.libraries.install(cluster, [Library(whl=path) for path in [there, lost, elsewhere]])
    w.clusters.wait_get_cluster_running(cluster)
    installed, failed = LibraryInstallStatus.INSTALLED, LibraryInstallStatus.FAILED
    until(w, cluster, {there: installed, lost: failed, elsewhere: installed})
    w.dbfs.delete("/FileStore/there.whl")


def test_what_is_not_a_library_is_refused(w, cluster):
    for wrong in [[], [Library()], [Library(jar="/a.jar", whl="/b.whl")], [Library(pypi=PythonPyPiLibrary(package=""))]]:
        with pytest.raises(InvalidParameterValue):
            w.libraries.install(cluster, wrong)
    with pytest.raises(BadRequest, match="Cluster 0101-000000-nothing1 does not exist"):
        list(w.libraries.cluster_status("0101-000000-nothing1"))
    with pytest.raises(BadRequest):
        w.libraries.install("0101-000000-nothing1", [pypi("a")])


def test_instance_profiles(w):
    arn = ARN + unique("etl")
    w.instance_profiles.add(arn, iam_role_arn=ROLE + "etl", skip_validation=True)
    with pytest.raises(ResourceAlreadyExists):
        w.instance_profiles.add(arn)
    found = {profile.instance_profile_arn: profile for profile in w.instance_profiles.list()}
    assert (found[arn].iam_role_arn, found[arn].is_meta_instance_profile) == (ROLE + "etl", False)
    w.instance_profiles.edit(arn, iam_role_arn=ROLE + "other", is_meta_instance_profile=True)
    found = {profile.instance_profile_arn: profile for profile in w.instance_profiles.list()}
    assert (found[arn].iam_role_arn, found[arn].is_meta_instance_profile) == (ROLE + "other", True)
    with pytest.raises(InvalidParameterValue):
        w.instance_profiles.add("not an arn")
    with pytest.raises(InvalidParameterValue):
        w.instance_profiles.add(ARN + "b", iam_role_arn=ARN + "not-a-role")
    w.instance_profiles.remove(arn)
    assert arn not in [profile.instance_profile_arn for profile in w.instance_profiles.list()]
    with pytest.raises(NotFound):
        w.instance_profiles.remove(arn)
    with pytest.raises(NotFound):
        w.instance_profiles.edit(arn, iam_role_arn=ROLE + "etl")


def test_settings_of_the_workspace(simulator, w):
    conf = w.workspace_conf.get_status("enableWorkspaceFilesystem,enableResultsDownloading,maxUserInactiveDays")
    assert conf == {
        "enableWorkspaceFilesystem": "true",
        "enableResultsDownloading": "true",
        "maxUserInactiveDays": None,
    }
    last = max((change["seq"] for change in simulator.changes()), default=0)
    w.workspace_conf.set_status({"enableResultsDownloading": "false", "maxUserInactiveDays": "90"})
    conf = w.workspace_conf.get_status("enableResultsDownloading,maxUserInactiveDays")
    assert conf == {"enableResultsDownloading": "false", "maxUserInactiveDays": "90"}
    for wrong in [{"noSuchKey": "true"}, {"enableResultsDownloading": "maybe"}, {"maxTokenLifetimeDays": "soon"}]:
        with pytest.raises(BadRequest):
            w.workspace_conf.set_status({"enableVerboseAuditLogs": "true", **wrong})
    assert w.workspace_conf.get_status("enableVerboseAuditLogs") == {"enableVerboseAuditLogs": "false"}
    with pytest.raises(BadRequest, match='Invalid keys: \\["noSuchKey","norThis"\\]'):
        w.workspace_conf.get_status("noSuchKey,enableTokensConfig,norThis")
    assert len(simulator.changes(last)) == 2
    w.workspace_conf.set_status({"enableResultsDownloading": "true"})


def test_tokens_of_the_caller(w):
    made = w.tokens.create(comment=unique("nightly"), lifetime_seconds=3600)
    found = {token.token_id: token for token in w.tokens.list()}
    info = found[made.token_info.token_id]
    assert info == made.token_info and info.expiry_time - info.creation_time == 3_600_000
    endless = w.tokens.create()
    assert endless.token_info.expiry_time == -1
    w.tokens.update(
        info.token_id, settings.PublicTokenInfo(comment="renamed", scopes=["sql"]), FieldMask(["comment", "scopes"])
    )
    found = {token.token_id: token for token in w.tokens.list()}
    assert (found[info.token_id].comment, found[info.token_id].scopes) == ("renamed", ["sql"])
    with pytest.raises(InvalidParameterValue):
        w.tokens.update(info.token_id, settings.PublicTokenInfo(creation_time=1), FieldMask(["creation_time"]))
    for token in [info, endless.token_info]:
        w.tokens.delete(token.token_id)
        with pytest.raises(NotFound, match=f"Token with ID {token.token_id} does not exist"):
            w.tokens.delete(token.token_id)


def test_tokens_of_everybody(simulator, w):
    me = w.current_user.me()
    robot = w.service_principals.create(display_name=unique("robot"))
    own = w.tokens.create(comment="own")
    theirs = w.token_management.create_obo_token(robot.application_id, comment="theirs", lifetime_seconds=60)
    assert simulator.client(token=theirs.token_value).current_user.me().id == robot.id
    shown = w.token_management.get(theirs.token_info.token_id).token_info
    assert (shown.created_by_username, str(shown.owner_id)) == (me.user_name, robot.id)
    assert shown.workspace_id == w.get_workspace_id()
    both = {own.token_info.token_id, theirs.token_info.token_id}
    for query in [{}, {"created_by_username": me.user_name}, {"created_by_id": int(me.id)}]:
        assert both <= {token.token_id for token in w.token_management.list(**query)}
    assert not list(w.token_management.list(created_by_username=robot.application_id))
    assert theirs.token_info.token_id not in [token.token_id for token in w.tokens.list()]
    changed = w.token_management.update_token_management(
        own.token_info.token_id, settings.TokenInfo(comment="seen"), FieldMask(["comment"])
    )
    assert changed.comment == "seen"
    for token_id in both:
        w.token_management.delete(token_id)
        with pytest.raises(NotFound):
            w.token_management.get(token_id)
    with pytest.raises(PermissionDenied):
        simulator.client(token=theirs.token_value).current_user.me()
    with pytest.raises(NotFound):
        w.token_management.create_obo_token("no-such-machine")
    w.service_principals.delete(robot.id)


def test_settings_of_the_workspace_hold_for_tokens(fresh):
    w = fresh.client()
    w.workspace_conf.set_status({"maxTokenLifetimeDays": "10"})
    for lifetime in [None, 11 * 86_400]:
        with pytest.raises(InvalidParameterValue, match="must not exceed 10 days"):
            w.tokens.create(lifetime_seconds=lifetime)
    kept = w.tokens.create(lifetime_seconds=86_400)
    w.workspace_conf.set_status({"enableTokensConfig": "false"})
    with pytest.raises(PermissionDenied):
        w.tokens.create(lifetime_seconds=60)
    assert [token.token_id for token in w.tokens.list()] == [kept.token_info.token_id]
    fresh.advance(86_401_000)
    assert not list(w.tokens.list())


def test_everything_is_still_there_after_a_restart(tmp_path):
    simulator = launch(state=tmp_path / "state.json")
    w = simulator.client()
    user = w.users.create(user_name="kept@farshore.example", display_name="Kept")
    group = w.groups.create(display_name="kept", members=[ComplexValue(value=user.id)])
    w.instance_profiles.add(ARN + "kept")
    w.workspace_conf.set_status({"enableWebTerminal": "false"})
    folder = str(w.workspace.get_status("/Shared").object_id)
    before = w.permissions.get("directories", folder)
    token = w.tokens.create(comment="kept")
    end(simulator)
    simulator = launch(state=tmp_path / "state.json")
    w = simulator.client(token=token.token_value)
    assert w.users.get(user.id).display_name == "Kept"
    assert [member.value for member in w.groups.get(group.id).members] == [user.id]
    assert [profile.instance_profile_arn for profile in w.instance_profiles.list()] == [ARN + "kept"]
    assert w.workspace_conf.get_status("enableWebTerminal") == {"enableWebTerminal": "false"}
    assert w.permissions.get("directories", folder) == before
    end(simulator)
