import base64

import pytest
from databricks.sdk.errors import InvalidParameterValue, NotFound


def encoded(text):
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def scripts(fresh):
    return fresh.client().global_init_scripts


def names(scripts):
    return [(script.name, script.position) for script in scripts.list()]


def test_a_script_comes_and_changes_and_goes(fresh, scripts):
    script_id = scripts.create(name="certificates", script=encoded("echo 1")).script_id
    shown = scripts.get(script_id)
    assert (shown.name, shown.script, shown.enabled, shown.position) == ("certificates", encoded("echo 1"), False, 0)
    assert shown.created_by == shown.updated_by == fresh.client().current_user.me().user_name
    assert shown.created_at == shown.updated_at > 1_600_000_000_000
    listed = list(scripts.list())
    assert [item.script_id for item in listed] == [script_id]
    raw = fresh.client().api_client.do("GET", "/api/2.0/global-init-scripts")["scripts"][0]
    assert "script" not in raw and raw["enabled"] is False
    fresh.advance(1_000)
    scripts.update(script_id, name="certificates", script=encoded("echo 2"), enabled=True)
    changed = scripts.get(script_id)
    assert (changed.script, changed.enabled) == (encoded("echo 2"), True)
    assert changed.updated_at > changed.created_at
    fresh.client().api_client.do("PATCH", f"/api/2.0/global-init-scripts/{script_id}", body={"enabled": False})
    assert scripts.get(script_id).name == "certificates" and not scripts.get(script_id).enabled
    scripts.delete(script_id)
    assert list(scripts.list()) == []
    for call in (lambda: scripts.get(script_id), lambda: scripts.delete(script_id)):
        with pytest.raises(NotFound):
            call()
    verbs = [change["summary"].split(" ")[0] for change in fresh.changes()]
    assert verbs == ["create", "update", "update", "delete"]


def test_positions_shift(scripts):
    a = scripts.create(name="a", script=encoded("a")).script_id
    b = scripts.create(name="b", script=encoded("b")).script_id
    scripts.create(name="c", script=encoded("c"), position=99)
    assert names(scripts) == [("a", 0), ("b", 1), ("c", 2)]
    first = scripts.create(name="first", script=encoded("f"), position=0).script_id
    assert names(scripts) == [("first", 0), ("a", 1), ("b", 2), ("c", 3)]
    scripts.update(first, name="first", script=encoded("f"), position=2)
    assert names(scripts) == [("a", 0), ("b", 1), ("first", 2), ("c", 3)]
    scripts.update(a, name="a", script=encoded("a"), position=50)
    assert names(scripts) == [("b", 0), ("first", 1), ("c", 2), ("a", 3)]
    scripts.update(b, name="b2", script=encoded("b"))
    assert names(scripts)[0] == ("b2", 0)
    scripts.delete(b)
    assert names(scripts) == [("first", 0), ("c", 1), ("a", 2)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "", "script": encoded("x")},
        {"name": "x", "script": "%%%"},
        {"name": "x", "script": ""},
        {"name": "x", "script": encoded("x" * 65_537)},
        {"name": "x", "script": encoded("x"), "position": -1},
    ],
)
def test_bad_scripts_are_refused(scripts, wrong):
    with pytest.raises(InvalidParameterValue):
        scripts.create(**wrong)
    assert list(scripts.list()) == []
    assert scripts.create(name="largest", script=encoded("x" * 65_536)).script_id
