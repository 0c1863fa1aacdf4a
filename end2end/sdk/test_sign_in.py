import datetime

import pytest
from databricks.sdk._base_client import _BaseClient
from databricks.sdk.errors import DatabricksError, NotFound, PermissionDenied, Unauthenticated
from databricks.sdk.service import iam

from conftest import TOKEN


def test_the_caller_is_known_by_each_path(simulator, w):
    me = w.current_user.me()
    assert me.user_name and me.active
    assert "admins" in [group.display for group in me.groups]
    assert [user.id for user in w.users.list(filter=f'userName eq "{me.user_name}"')] == [me.id]
    assert w.users.get(me.id).user_name == me.user_name
    admins = [group for group in w.groups.list() if group.display_name == "admins"]
    assert me.id in [member.value for member in w.groups.get(admins[0].id).members]
    assert simulator.raw("GET", "/api/2.0/scim/v2/Me")[0] == 200


def test_every_answer_carries_the_workspace_id(simulator, w):
    org_id = w.get_workspace_id()
    assert org_id == int(simulator.control("GET", "/_simulator/state")["org_id"])
    for path in ["/api/2.0/clusters/list-zones", "/api/2.2/jobs/get?job_id=1"]:
        headers = simulator.raw("GET", path)[1]
        assert headers["X-Databricks-Org-Id"] == str(org_id)
        assert headers["Date"]


def test_a_wrong_token_is_403_and_none_is_401(simulator):
    with pytest.raises(PermissionDenied, match="Invalid access token"):
        simulator.client(token="dapi-wrong").current_user.me()
    status, _, body = simulator.raw("GET", "/api/2.0/clusters/list", headers={"Authorization": None})
    assert status == 401 and "Credential was not sent" in body
    with pytest.raises(Unauthenticated):
        _BaseClient().do("GET", simulator.url + "/api/2.0/clusters/list")


def test_unknown_endpoints_are_told_as_such(simulator, w):
    with pytest.raises(NotFound) as caught:
        w.api_client.do("GET", "/api/2.0/no/such/thing")
    assert caught.value.error_code == "ENDPOINT_NOT_FOUND"
    assert simulator.raw("GET", "/api/2.2/jobs/create")[0] == 404


def test_oauth_machine_to_machine(simulator):
    client = simulator.client(token=None, client_id="robot", client_secret=TOKEN, auth_type="oauth-m2m")
    assert client.current_user.me().user_name == "robot"
    assert client.config.oauth_token().expiry > datetime.datetime.now() + datetime.timedelta(minutes=50)
    with pytest.raises(Exception, match="invalid_client"):
        simulator.client(token=None, client_id="robot", client_secret="no", auth_type="oauth-m2m").current_user.me()


def test_an_oauth_token_ends_after_an_hour(fresh):
    client = fresh.client(token=None, client_id="robot", client_secret=TOKEN, auth_type="oauth-m2m")
    client.current_user.me()
    fresh.advance(3_601_000)
    with pytest.raises(PermissionDenied):
        client.current_user.me()


def test_a_service_principal_signs_in_with_its_secret(simulator, w):
    principal = w.service_principals.create(display_name="replication")
    secret = w.service_principal_secrets_proxy.create(principal.id)
    client = simulator.client(
        token=None, client_id=principal.application_id, client_secret=secret.secret, auth_type="oauth-m2m"
    )
    assert client.current_user.me().user_name == principal.application_id
    w.service_principals.delete(principal.id)


def test_personal_tokens(simulator, w):
    created = w.tokens.create(comment="nightly", lifetime_seconds=3600)
    assert created.token_value.startswith("dapi")
    assert created.token_info.token_id in [token.token_id for token in w.tokens.list()]
    assert created.token_info.token_id in [token.token_id for token in w.token_management.list()]
    other = simulator.client(token=created.token_value)
    assert other.current_user.me().user_name == w.current_user.me().user_name
    w.tokens.delete(created.token_info.token_id)
    with pytest.raises(PermissionDenied):
        other.current_user.me()
    with pytest.raises(NotFound):
        w.tokens.delete(created.token_info.token_id)


def test_scim_resources(w):
    user = w.users.create(user_name="claims-lead@farshore.example", display_name="Claims lead")
    group = w.groups.create(display_name="claims")
    with pytest.raises(DatabricksError):
        w.users.create(user_name="claims-lead@farshore.example")
    w.groups.patch(
        group.id,
        operations=[iam.Patch(op=iam.PatchOp.ADD, value={"members": [{"value": user.id}]})],
        schemas=[iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP],
    )
    assert sorted(g.display for g in w.users.get(user.id).groups) == ["claims", "users"]
    w.users.delete(user.id)
    assert not w.groups.get(group.id).members
    w.groups.delete(group.id)
    with pytest.raises(NotFound):
        w.groups.get(group.id)
    with pytest.raises(NotFound):
        w.users.get("1")


def test_the_region_comes_from_calls_that_a_real_workspace_answers(w):
    zones = w.clusters.list_zones()
    assert zones.default_zone.startswith("us-east-1") and zones.default_zone in zones.zones
    summary = w.metastores.summary()
    assert (summary.cloud, summary.region) == ("aws", "us-east-1")
    assignment = w.metastores.current()
    assert assignment.metastore_id == summary.metastore_id
    assert assignment.workspace_id == w.get_workspace_id()


def test_what_an_administrator_asks_in_the_same_breath(w):
    assert list(w.instance_profiles.list()) == []
    assert list(w.libraries.all_cluster_statuses()) == []
    assert w.workspace_conf.get_status("enableTokensConfig")["enableTokensConfig"] == "true"
    w.workspace_conf.set_status({"enableIpAccessLists": "false"})
    assert len(list(w.policy_families.list(max_results=1))) == 3
    assert w.users.get_permission_levels() is not None
