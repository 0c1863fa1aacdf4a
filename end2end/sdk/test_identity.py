"""Users, groups and service principals, as an administrator's scripts handle them."""

import itertools
import time

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied, ResourceConflict
from databricks.sdk.service import iam
from databricks.sdk.service.iam import ComplexValue, Patch, PatchOp

SCHEMA = [iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP]
SCIM = "/api/2.0/preview/scim/v2"
numbers = itertools.count(1)


def unique(name):
    return f"{name}-{next(numbers)}"


def values(entries):
    return sorted(entry.value for entry in entries or [])


def displays(entries):
    return sorted(entry.display for entry in entries or [])


@pytest.fixture
def user(w):
    made = w.users.create(user_name=f"{unique('person')}@farshore.example", display_name="Some Person")
    yield made
    try:
        w.users.delete(made.id)
    except NotFound:
        pass


@pytest.fixture
def group(w):
    made = w.groups.create(display_name=unique("team"))
    yield made
    try:
        w.groups.delete(made.id)
    except NotFound:
        pass


def change(api, resource, *operations):
    api.patch(resource.id, operations=list(operations), schemas=SCHEMA)
    return api.get(resource.id)


def add_members(w, group, *ids):
    members = [{"value": member} for member in ids]
    return change(w.groups, group, Patch(op=PatchOp.ADD, value={"members": members}))


def test_a_user_is_made_read_replaced_and_deleted(w):
    name = f"{unique('Maker')}@farshore.example"
    made = w.users.create(
        user_name=name,
        name=iam.Name(given_name="Given", family_name="Family"),
        external_id="ext-1",
        entitlements=[ComplexValue(value="allow-cluster-create")],
        roles=[ComplexValue(value="arn:aws:iam::123456789012:instance-profile/etl")],
    )
    assert made.id and made.active and made.display_name == "Given Family"
    assert iam.UserSchema.URN_IETF_PARAMS_SCIM_SCHEMAS_CORE_2_0_USER in made.schemas
    assert [(email.value, email.type, email.primary) for email in made.emails] == [(name, "work", True)]
    found = w.users.get(made.id)
    assert found == made
    assert values(found.entitlements) == ["allow-cluster-create"]
    assert values(found.roles) == ["arn:aws:iam::123456789012:instance-profile/etl"]
    assert [(group.display, group.type) for group in found.groups] == [("users", "direct")]

    w.users.update(made.id, user_name="another@farshore.example", display_name="New Name", active=False)
    found = w.users.get(made.id)
    assert (found.user_name, found.display_name, found.active) == (name, "New Name", False)
    assert not found.entitlements and not found.roles and not found.external_id

    w.users.delete(made.id)
    with pytest.raises(NotFound, match=f"User with id {made.id} not found"):
        w.users.get(made.id)
    with pytest.raises(NotFound):
        w.users.delete(made.id)


def test_errors_have_the_shape_of_scim(simulator, w, user, group):
    with pytest.raises(ResourceConflict, match=f"User with username {user.user_name.upper()} already exists."):
        w.users.create(user_name=user.user_name.upper())
    with pytest.raises(ResourceConflict, match=f"Group with name {group.display_name} already exists."):
        w.groups.create(display_name=group.display_name)
    status, _, body = simulator.raw("POST", f"{SCIM}/Groups", {"displayName": group.display_name})
    assert status == 409
    assert '"status":"409"' in body and "urn:ietf:params:scim:api:messages:2.0:Error" in body
    status, _, body = simulator.raw("GET", f"{SCIM}/Groups/1")
    assert (status, '"status":"404"' in body) == (404, True)
    with pytest.raises(NotFound) as caught:
        w.groups.get("1")
    assert caught.value.error_code == "SCIM_404"
    with pytest.raises(BadRequest):
        w.users.create(user_name="not an address")
    with pytest.raises(BadRequest):
        w.groups.create()
    with pytest.raises(BadRequest):
        w.groups.create(display_name=unique("odd"), entitlements=[ComplexValue(value="fly")])
    with pytest.raises(BadRequest):
        add_members(w, group, "1")


def test_patches(w, user, group):
    found = change(
        w.users,
        user,
        Patch(op=PatchOp.REPLACE, path="displayName", value="Renamed"),
        Patch(op=PatchOp.REPLACE, path="name.familyName", value="Elsewhere"),
        Patch(op=PatchOp.ADD, path="entitlements", value=[{"value": "allow-cluster-create"}]),
        Patch(op=PatchOp.ADD, value={"entitlements": [{"value": "workspace-access"}], "externalId": "x-1"}),
        Patch(op=PatchOp.REPLACE, path="userName", value="ignored@farshore.example"),
    )
    assert (found.display_name, found.name.family_name, found.external_id) == ("Renamed", "Elsewhere", "x-1")
    assert found.user_name == user.user_name
    assert values(found.entitlements) == ["allow-cluster-create", "workspace-access"]
    found = change(w.users, user, Patch(op=PatchOp.REMOVE, path='entitlements[value eq "allow-cluster-create"]'))
    assert values(found.entitlements) == ["workspace-access"]
    found = change(w.users, user, Patch(op=PatchOp.REPLACE, path="entitlements", value=[{"value": "workspace-consume"}]))
    assert values(found.entitlements) == ["workspace-consume"]
    found = change(w.users, user, Patch(op=PatchOp.REMOVE, path="entitlements"))
    assert not found.entitlements
    for value in ["false", False]:
        change(w.users, user, Patch(op=PatchOp.REPLACE, path="active", value="true"))
        assert not change(w.users, user, Patch(op=PatchOp.REPLACE, path="active", value=value)).active
    assert change(w.users, user, Patch(op=PatchOp.REPLACE, value={"active": True})).active

    other = w.users.create(user_name=f"{unique('other')}@farshore.example")
    found = add_members(w, group, user.id, other.id, user.id)
    assert values(found.members) == sorted([user.id, other.id])
    found = change(w.groups, group, Patch(op=PatchOp.REMOVE, path=f'members[value eq "{user.id}"]'))
    assert values(found.members) == [other.id]
    found = change(w.groups, group, Patch(op=PatchOp.REMOVE, path="members", value=[{"value": other.id}]))
    assert not found.members
    with pytest.raises(BadRequest):
        change(w.groups, group, Patch(op=PatchOp.REMOVE))
    with pytest.raises(BadRequest):
        change(w.groups, group, Patch(op=PatchOp.ADD, path="colour", value="red"))
    w.users.delete(other.id)


def test_a_refused_patch_changes_nothing(w, group, user):
    with pytest.raises(BadRequest):
        change(
            w.groups,
            group,
            Patch(op=PatchOp.ADD, path="members", value=[{"value": user.id}]),
            Patch(op=PatchOp.ADD, path="members", value=[{"value": "1"}]),
        )
    assert not w.groups.get(group.id).members


def test_members_and_nested_groups(w, user, group):
    outer = w.groups.create(display_name=unique("outer"), members=[ComplexValue(value=group.id)])
    robot = w.service_principals.create(display_name=unique("robot"))
    found = add_members(w, group, user.id, robot.id)
    assert {member.ref for member in found.members} == {f"Users/{user.id}", f"ServicePrincipals/{robot.id}"}
    assert displays(found.members) == sorted([user.display_name, robot.display_name])
    assert found.meta.resource_type == "WorkspaceGroup"
    assert [(parent.display, parent.type) for parent in found.groups] == [(outer.display_name, "direct")]
    inner = w.groups.get(outer.id).members[0]
    assert (inner.value, inner.display, inner.ref) == (group.id, group.display_name, f"Groups/{group.id}")
    how = {parent.display: (parent.type, parent.ref) for parent in w.users.get(user.id).groups}
    assert how == {
        "users": ("direct", how["users"][1]),
        group.display_name: ("direct", f"Groups/{group.id}"),
        outer.display_name: ("indirect", f"Groups/{outer.id}"),
    }
    assert values(w.service_principals.get(robot.id).groups) == values(w.users.get(user.id).groups)
    with pytest.raises(BadRequest):
        add_members(w, group, outer.id)
    with pytest.raises(BadRequest):
        add_members(w, group, group.id)

    # A new name shows wherever the group shows, under the same id.
    name = unique("renamed")
    found = change(w.groups, group, Patch(op=PatchOp.REPLACE, path="displayName", value=name))
    assert (found.id, found.display_name) == (group.id, name)
    assert displays(w.groups.get(outer.id).members) == [name]
    assert name in displays(w.users.get(user.id).groups)
    with pytest.raises(ResourceConflict):
        change(w.groups, group, Patch(op=PatchOp.REPLACE, path="displayName", value=outer.display_name))

    w.service_principals.delete(robot.id)
    w.users.delete(user.id)
    assert not w.groups.get(group.id).members
    w.groups.delete(group.id)
    assert not w.groups.get(outer.id).members
    w.groups.delete(outer.id)


def test_a_group_is_replaced_as_a_whole(w, user, group):
    add_members(w, group, user.id)
    name = unique("whole")
    w.groups.update(
        group.id,
        display_name=name,
        entitlements=[ComplexValue(value="databricks-sql-access"), ComplexValue(value="")],
        roles=[ComplexValue(value="arn:aws:iam::123456789012:instance-profile/etl")],
        external_id="from-the-provider",
    )
    found = w.groups.get(group.id)
    assert (found.display_name, found.external_id, found.members) == (name, "from-the-provider", [])
    assert values(found.entitlements) == ["databricks-sql-access"]
    assert len(found.roles) == 1
    w.groups.update(group.id, display_name=name, members=[ComplexValue(value=user.id)])
    found = w.groups.get(group.id)
    assert values(found.members) == [user.id]
    assert not found.entitlements and not found.roles and not found.external_id


def test_the_groups_that_every_workspace_has(w, user):
    known = {group.display_name: group for group in w.groups.list()}
    everybody, admins = known["users"], known["admins"]
    assert user.id in values(everybody.members) and user.id not in values(admins.members)
    robot = w.service_principals.create(display_name=unique("robot"))
    assert robot.id in values(w.groups.get(everybody.id).members)
    w.service_principals.delete(robot.id)
    assert robot.id not in values(w.groups.get(everybody.id).members)
    assert {"workspace-access", "databricks-sql-access"} <= set(values(everybody.entitlements))
    for group in [everybody, admins]:
        with pytest.raises(BadRequest):
            w.groups.delete(group.id)
        with pytest.raises(BadRequest):
            change(w.groups, group, Patch(op=PatchOp.REPLACE, path="displayName", value="others"))
    # Everybody stays in it whatever is asked.
    found = change(w.groups, everybody, Patch(op=PatchOp.REMOVE, path=f'members[value eq "{user.id}"]'))
    assert user.id in values(found.members)
    add_members(w, admins, user.id)
    assert "admins" in displays(w.users.get(user.id).groups)


def test_lists_are_filtered_ordered_and_cut(simulator, w):
    mark = unique("listing")
    people = [
        w.users.create(
            user_name=f"{mark}-{letter}@farshore.example", display_name=f"{mark} {letter}", active=letter != "b"
        )
        for letter in "cab"
    ]
    by_name = {person.user_name: person.id for person in people}

    def names(**query):
        return [person.user_name.split("@")[0].rsplit("-", 1)[1] for person in w.users.list(**query)]

    for text, expected in [
        (f'userName eq "{mark}-a@farshore.example"', "a"),
        (f'userName eq "{mark.upper()}-A@farshore.example"', "a"),
        (f"userName eq {mark}-a@farshore.example", "a"),
        (f'userName sw "{mark}"', "abc"),
        (f'displayName co "{mark}" and active eq true', "ac"),
        (f'userName sw "{mark}" and userName ne "{mark}-a@farshore.example"', "bc"),
        (f'userName eq "{mark}-a@farshore.example" or userName eq "{mark}-b@farshore.example"', "ab"),
        (f'userName sw "{mark}" and (active eq false or displayName co "{mark} c")', "bc"),
        (f'emails.value eq "{mark}-c@farshore.example"', "c"),
        (f'id eq "{by_name[f"{mark}-b@farshore.example"]}"', "b"),
        (f'displayName eq "{mark} nobody"', ""),
    ]:
        assert "".join(sorted(names(filter=text))) == expected, text
    for text in ["nonsense", 'userName pr "x"', 'userName eq "open', 'shoeSize eq "3"', "(userName eq a"]:
        with pytest.raises(BadRequest):
            names(filter=text)

    mine = f'userName sw "{mark}"'
    assert names(filter=mine, sort_by="userName", sort_order=iam.ListSortOrder.ASCENDING) == ["a", "b", "c"]
    assert names(filter=mine, sort_by="displayName", sort_order=iam.ListSortOrder.DESCENDING) == ["c", "b", "a"]
    assert sorted(names(filter=mine, count=1)) == ["a", "b", "c"], "one by one they are all there"

    page = w.api_client.do(
        "GET", f"{SCIM}/Users", query={"filter": mine, "startIndex": 2, "count": 5, "sortBy": "userName"}
    )
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (3, 2, 2)
    assert page["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]
    assert [person["displayName"] for person in page["Resources"]] == [f"{mark} b", f"{mark} c"]
    page = w.api_client.do("GET", f"{SCIM}/Users", query={"filter": mine, "count": 0})
    assert (page["totalResults"], page["itemsPerPage"], page["Resources"]) == (3, 0, [])

    first = next(iter(w.users.list(filter=mine, attributes="id,userName")))
    assert first.id and first.user_name and not first.emails and not first.groups
    first = next(iter(w.users.list(filter=mine, excluded_attributes="groups,emails")))
    assert first.display_name and not first.emails and not first.groups
    found = w.users.get(first.id, attributes="displayName")
    assert found.display_name and not found.user_name
    assert not w.current_user.me(excluded_attributes="groups").groups
    for person in people:
        w.users.delete(person.id)


def test_groups_are_found_by_their_members(w, user, group):
    add_members(w, group, user.id)
    found = w.groups.list(filter=f'members.value eq "{user.id}" and displayName ne "users"')
    assert [group.id for group in found] == [group.id]
    assert [found.id for found in w.users.list(filter=f'groups.value eq "{group.id}"')] == [user.id]
    listed = next(iter(w.groups.list(filter=f'displayName eq "{group.display_name}"', attributes="members")))
    assert values(listed.members) == [user.id] and not listed.display_name
    assert not list(w.groups.list(filter=f"displayName eq {unique('any')}"))


def test_service_principals(w, group):
    made = w.service_principals.create(
        display_name=unique("robot"),
        groups=[ComplexValue(value=group.id)],
        entitlements=[ComplexValue(value="allow-instance-pool-create")],
    )
    assert made.application_id and made.active
    assert sorted(displays(made.groups)) == sorted([group.display_name, "users"])
    found = next(iter(w.service_principals.list(filter=f'applicationId eq "{made.application_id}"')))
    assert found.id == made.id
    w.service_principals.update(made.id, display_name="newly named", roles=[ComplexValue(value="xyz")])
    found = w.service_principals.get(made.id)
    assert (found.display_name, found.application_id) == ("newly named", made.application_id)
    assert values(found.roles) == ["xyz"] and not found.entitlements
    assert group.display_name in displays(found.groups), "a replacement that does not mention groups leaves them"
    assert not change(w.service_principals, made, Patch(op=PatchOp.REPLACE, path="active", value="false")).active
    with pytest.raises(ResourceConflict, match="Service principal with application ID"):
        w.service_principals.create(application_id=made.application_id, display_name="twin")
    w.service_principals.delete(made.id)
    with pytest.raises(NotFound):
        w.service_principals.get(made.id)


def test_secrets_of_a_service_principal(simulator, w):
    robot = w.service_principals.create(display_name=unique("robot"))
    secrets = w.service_principal_secrets_proxy
    made = secrets.create(robot.id)
    kept = secrets.create(robot.id)
    assert sorted(secret.id for secret in secrets.list(robot.id)) == sorted([made.id, kept.id])

    def sign_in(secret):
        settings = {"client_id": robot.application_id, "client_secret": secret.secret, "auth_type": "oauth-m2m"}
        return simulator.client(token=None, **settings).current_user.me()

    assert sign_in(made).id == robot.id
    secrets.delete(robot.id, made.id)
    assert [secret.id for secret in secrets.list(robot.id)] == [kept.id]
    with pytest.raises(NotFound):
        secrets.delete(robot.id, made.id)
    with pytest.raises(Exception, match="invalid_client"):
        sign_in(made)
    assert sign_in(kept).user_name == robot.application_id
    w.service_principals.delete(robot.id)


def test_who_is_not_active_does_not_get_in(simulator, w):
    robot = w.service_principals.create(display_name=unique("robot"))
    token = w.token_management.create_obo_token(robot.application_id, lifetime_seconds=600)
    client = simulator.client(token=token.token_value)
    assert client.current_user.me().user_name == robot.application_id
    change(w.service_principals, robot, Patch(op=PatchOp.REPLACE, path="active", value="false"))
    with pytest.raises(PermissionDenied):
        client.current_user.me()
    change(w.service_principals, robot, Patch(op=PatchOp.REPLACE, path="active", value="true"))
    assert client.current_user.me().active
    w.service_principals.delete(robot.id)
    with pytest.raises(PermissionDenied):
        client.current_user.me()
    w.token_management.delete(token.token_info.token_id)


def test_a_machine_that_signs_in_is_in_the_directory(fresh):
    client = fresh.client(token=None, client_id="a-machine", client_secret=fresh.token, auth_type="oauth-m2m")
    me = client.current_user.me()
    assert me.user_name == "a-machine" and "admins" in displays(me.groups)
    found = list(client.service_principals.list(filter='applicationId eq "a-machine"'))
    assert [principal.id for principal in found] == [me.id]
    job = client.jobs.create(name="made by a machine", tasks=[])
    listed = client.jobs.get_permissions(str(job.job_id)).access_control_list
    assert ("a-machine", "IS_OWNER") in [
        (entry.service_principal_name, entry.all_permissions[0].permission_level.value) for entry in listed
    ]


def test_lists_of_groups_can_lag_behind(simulator, w):
    known = {group.id for group in w.groups.list()}
    simulator.faults({"effect": {"kind": "stale_group_lists", "ms": 1_500}})
    made = w.groups.create(display_name=unique("late"))
    assert w.groups.get(made.id).display_name == made.display_name
    assert {group.id for group in w.groups.list()} == known
    assert not list(w.groups.list(filter=f'displayName eq "{made.display_name}"'))
    with pytest.raises(ResourceConflict):
        w.groups.create(display_name=made.display_name)
    deadline = time.monotonic() + 5
    while made.id not in {group.id for group in w.groups.list()}:
        assert time.monotonic() < deadline, "it never shows"
        time.sleep(0.1)
    w.groups.delete(made.id)
    assert made.id in {group.id for group in w.groups.list()}
    simulator.faults()
    assert {group.id for group in w.groups.list()} == known


def test_reading_identities_has_a_limit(fresh):
    fresh.faults({"effect": {"kind": "published_limits"}})
    status = 200
    for calls in range(1, 300):
        status, headers, _ = fresh.raw("GET", f"{SCIM}/Me")
        if status != 200:
            break
    assert (status, calls) == (429, 256)
    assert headers["Retry-After"] == "1"


def test_changes_are_logged_by_name(simulator, w):
    last = max((change["seq"] for change in simulator.changes()), default=0)
    person = w.users.create(user_name=f"{unique('logged')}@farshore.example", display_name="Logged Person")
    team = w.groups.create(display_name=unique("logged"))
    add_members(w, team, person.id)
    add_members(w, team, person.id)
    w.groups.delete(team.id)
    w.users.delete(person.id)
    told = [(change["method"], change["summary"].split(":")[0]) for change in simulator.changes(last)]
    assert told == [
        ("POST", f'create user "{person.user_name}"'),
        ("POST", f'create group "{team.display_name}"'),
        ("PATCH", f'change group "{team.display_name}"'),
        ("DELETE", f'delete group "{team.display_name}"'),
        ("DELETE", f'delete user "{person.user_name}"'),
    ], "what made no difference is not there"
    assert f"members=[{person.user_name}]" in simulator.changes(last)[2]["summary"]


def test_the_demo_has_a_believable_directory(demo):
    w = demo.client()
    people, groups, machines = list(w.users.list()), list(w.groups.list()), list(w.service_principals.list())
    assert (len(people), len(groups), len(machines)) == (25, 10, 4)
    by_name = {group.display_name: group for group in groups}
    assert {"finance", "claims", "risk"} <= set(displays(by_name["analytics"].members))
    controller = next(iter(w.users.list(filter='userName sw "finance-controller"')))
    how = {group.display: group.type for group in controller.groups}
    assert how == {"finance": "direct", "users": "direct", "analytics": "indirect"}
    assert len({machine.application_id for machine in machines}) == 4


def test_who_manages_a_service_principal(w, user):
    robot = w.service_principals.create(display_name=unique("robot"))
    proxy = w.account_access_control_proxy
    resource = f"accounts/0/servicePrincipals/{robot.application_id}"
    roles = {role.name for role in proxy.get_assignable_roles_for_resource(resource).roles}
    assert "roles/servicePrincipal.user" in roles
    name = f"{resource}/ruleSets/default"
    before = proxy.get_rule_set(name, etag="")
    assert before.etag and not before.grant_rules
    rule = iam.GrantRule(role="roles/servicePrincipal.user", principals=[f"users/{user.user_name}"])
    wanted = iam.RuleSetUpdateRequest(name=name, etag=before.etag, grant_rules=[rule])
    after = proxy.update_rule_set(name, wanted)
    assert after.grant_rules == [rule] and after.etag != before.etag
    assert proxy.get_rule_set(name, etag="").grant_rules == [rule]
    with pytest.raises(ResourceConflict):
        proxy.update_rule_set(name, wanted)
    odd = iam.GrantRule(role="roles/servicePrincipal.user", principals=["users/nobody@farshore.example"])
    with pytest.raises(NotFound):
        proxy.update_rule_set(name, iam.RuleSetUpdateRequest(name=name, etag=after.etag, grant_rules=[odd]))
    w.service_principals.delete(robot.id)
    with pytest.raises(NotFound):
        proxy.get_rule_set(name, etag="")
