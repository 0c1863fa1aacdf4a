"""Workspace files, the formats of notebooks, and the raw routes beside the typed ones."""

import base64
import hashlib
import io
import json
import time
import urllib.parse
import urllib.request
import zipfile

import pytest
from databricks.sdk.errors import BadRequest, DatabricksError, InvalidParameterValue, NotFound, ResourceAlreadyExists
from databricks.sdk.service.workspace import ExportFormat, ImportFormat, Language, ObjectType

HEADER = "# Databricks notebook source\n"


def encoded(data):
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def decoded(text):
    return base64.b64decode(text)


@pytest.fixture
def folder(w, request):
    path = f"/Shared/{request.node.name}"
    w.workspace.mkdirs(path)
    yield path
    w.workspace.delete(path, recursive=True)


def raw_upload(simulator, path, body, overwrite="false"):
    url = f"{simulator.url}/api/2.0/workspace-files/import-file/{urllib.parse.quote(path.lstrip('/'), safe='')}"
    request = urllib.request.Request(f"{url}?overwrite={overwrite}", data=body, method="POST")
    request.add_header("Authorization", f"Bearer {simulator.token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_files_lie_beside_notebooks(w, folder):
    w.workspace.import_(f"{folder}/requirements.txt", content=encoded("pandas\n"), format=ImportFormat.AUTO)
    w.workspace.import_(f"{folder}/raw.py", content=encoded(HEADER + "print(1)"), format=ImportFormat.RAW)
    w.workspace.import_(f"{folder}/auto.py", content=encoded(HEADER + "print(1)"), format=ImportFormat.AUTO)
    listed = {o.path.rsplit("/", 1)[1]: o for o in w.workspace.list(folder)}
    assert {name: o.object_type for name, o in listed.items()} == {
        "requirements.txt": ObjectType.FILE, "raw.py": ObjectType.FILE, "auto": ObjectType.NOTEBOOK,
    }
    file = listed["requirements.txt"]
    assert (file.size, file.resource_id) == (7, str(file.object_id)) and file.created_at and file.modified_at
    assert file.language is None
    notebook = listed["auto"]
    assert (notebook.size, notebook.created_at, notebook.modified_at) == (None, None, None)
    assert w.workspace.download(f"{folder}/raw.py").read().decode() == HEADER + "print(1)"
    assert decoded(w.workspace.export(f"{folder}/requirements.txt").content) == b"pandas\n"
    assert w.workspace.get_permission_levels("files", str(file.object_id)).permission_levels


def test_overwriting_a_file_keeps_its_id_and_moves_its_time(simulator, w, folder):
    path = f"{folder}/data.bin"
    w.workspace.upload(path, b"\x00\xff" * 10, format=ImportFormat.AUTO)
    first = w.workspace.get_status(path)
    simulator.advance(5_000)
    w.workspace.upload(path, b"\x01" * 30, format=ImportFormat.AUTO, overwrite=True)
    second = w.workspace.get_status(path)
    assert (second.object_id, second.created_at, second.size) == (first.object_id, first.created_at, 30)
    assert second.modified_at >= first.modified_at + 5_000
    # A notebook does not take the place of a file.
    with pytest.raises(InvalidParameterValue):
        w.workspace.import_(path, content=encoded("1"), format=ImportFormat.SOURCE, language=Language.SQL, overwrite=True)


def test_a_large_file_goes_the_direct_way_and_comes_back_whole(w, folder):
    size = 48 * 1024 * 1024
    body = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    path = f"{folder}/large.bin"
    w.workspace.upload(path, io.BytesIO(body), format=ImportFormat.RAW)
    assert w.workspace.get_status(path).size == size
    digest = hashlib.sha256()
    with w.workspace.download(path) as content:
        while chunk := content.read(1 << 20):
            digest.update(chunk)
    assert digest.hexdigest() == hashlib.sha256(body).hexdigest()
    with pytest.raises(BadRequest, match="exceeded max size") as caught:
        w.workspace.export(path)
    assert caught.value.error_code == "MAX_NOTEBOOK_SIZE_EXCEEDED"
    with pytest.raises(BadRequest) as caught:
        w.workspace.import_(path, content=encoded(b"x" * 10_485_761), format=ImportFormat.RAW, overwrite=True)
    assert caught.value.error_code == "MAX_NOTEBOOK_SIZE_EXCEEDED"


def test_a_jupyter_notebook_stays_one(simulator, w, folder):
    document = {
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": ["# Title"]},
            {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": ["print(1)\n", "print(2)"]},
            {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": "%sql\nselect 1"},
        ],
        "metadata": {"kernelspec": {"language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    text = json.dumps(document, indent=1)
    w.workspace.upload(f"{folder}/n.ipynb", text.encode(), format=ImportFormat.AUTO)
    status = w.workspace.get_status(f"{folder}/n")
    assert (status.object_type, status.language) == (ObjectType.NOTEBOOK, Language.PYTHON)
    assert w.workspace.download(f"{folder}/n", format=ExportFormat.JUPYTER).read().decode() == text
    auto = w.workspace.export(f"{folder}/n", format=ExportFormat.AUTO)
    assert (auto.file_type, decoded(auto.content).decode()) == ("ipynb", text)
    source = w.workspace.download(f"{folder}/n", format=ExportFormat.SOURCE).read().decode()
    assert source.startswith(HEADER + "# MAGIC %md\n# MAGIC # Title") and "# MAGIC %sql\n# MAGIC select 1" in source
    exported = w.api_client.do(
        "GET", "/api/2.0/workspace/get-status", query={"path": f"{folder}/n", "return_export_info": "true"}
    )
    assert exported["repos_export_format"] == "JUPYTER"
    with pytest.raises(InvalidParameterValue):
        w.workspace.import_(f"{folder}/x", content=encoded("no json"), format=ImportFormat.JUPYTER)


def test_r_markdown_and_html(w, folder):
    text = "# Title\n\n```{r}\nx <- 1\n```\n"
    w.workspace.import_(f"{folder}/r", content=encoded(text), format=ImportFormat.R_MARKDOWN)
    assert w.workspace.get_status(f"{folder}/r").language == Language.R
    exported = w.workspace.export(f"{folder}/r", format=ExportFormat.R_MARKDOWN)
    assert decoded(exported.content).decode() == text
    html = w.workspace.export(f"{folder}/r", format=ExportFormat.HTML)
    w.workspace.import_(f"{folder}/again", content=html.content, format=ImportFormat.HTML)
    assert w.workspace.export(f"{folder}/again").content == w.workspace.export(f"{folder}/r").content


def test_archives(w, folder):
    w.workspace.mkdirs(f"{folder}/a/b")
    w.workspace.upload(f"{folder}/a/one", b"print(1)\n\n# COMMAND ----------\n\nprint(2)", language=Language.PYTHON)
    w.workspace.upload(f"{folder}/a/b/two", b"select 2", language=Language.SQL)
    w.workspace.upload(f"{folder}/a/b/file.txt", b"text", format=ImportFormat.RAW)
    archive = zipfile.ZipFile(io.BytesIO(w.workspace.download(f"{folder}/a", format=ExportFormat.SOURCE).read()))
    assert archive.testzip() is None
    assert sorted(archive.namelist()) == ["b/file.txt", "b/two.sql", "one.py"]
    assert archive.read("b/two.sql").decode() == "-- Databricks notebook source\nselect 2"
    dbc = w.workspace.export(f"{folder}/a", format=ExportFormat.DBC)
    w.workspace.import_(f"{folder}/copy", content=dbc.content, format=ImportFormat.DBC)
    copied = {o.path for o in w.workspace.list(f"{folder}/copy", recursive=True)}
    assert copied == {f"{folder}/copy/one", f"{folder}/copy/b/two"}
    for name in ("one", "b/two"):
        assert w.workspace.export(f"{folder}/copy/{name}").content == w.workspace.export(f"{folder}/a/{name}").content
    with pytest.raises(InvalidParameterValue):
        w.workspace.import_(f"{folder}/copy", content=dbc.content, format=ImportFormat.DBC, overwrite=True)
    with pytest.raises(ResourceAlreadyExists):
        w.workspace.import_(f"{folder}/copy", content=dbc.content, format=ImportFormat.DBC)
    single = w.workspace.export(f"{folder}/a/one", format=ExportFormat.DBC)
    w.workspace.import_(f"{folder}/single", content=single.content, format=ImportFormat.DBC)
    assert w.workspace.get_status(f"{folder}/single").object_type == ObjectType.NOTEBOOK
    with pytest.raises(InvalidParameterValue):
        w.workspace.import_(f"{folder}/x", content=encoded(b"PK no archive"), format=ImportFormat.DBC)


def test_the_raw_route_of_the_command_line(simulator, w, folder):
    assert raw_upload(simulator, f"{folder}/a.txt", b"one") == (200, {})
    status, body = raw_upload(simulator, f"{folder}/a.txt", b"two")
    assert (status, body["error_code"]) == (409, "RESOURCE_ALREADY_EXISTS")
    assert raw_upload(simulator, f"{folder}/a.txt", b"two", overwrite="true")[0] == 200
    assert simulator.raw("GET", f"/api/2.0/workspace-files{folder}/a.txt")[2] == "two"
    assert raw_upload(simulator, f"{folder}/n.py", HEADER.encode() + b"print(1)")[0] == 200
    assert w.workspace.get_status(f"{folder}/n").object_type == ObjectType.NOTEBOOK
    status, body = raw_upload(simulator, f"{folder}/n.py", HEADER.encode() + b"print(2)")
    assert status == 400 and "already exists." in body["message"]
    assert raw_upload(simulator, f"{folder}/none/a.txt", b"")[0] == 404
    status, _, body = simulator.raw("GET", f"/api/2.0/workspace-files{folder}/missing")
    assert (status, json.loads(body)["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_dashboard_file_is_a_dashboard(w, folder):
    path = f"{folder}/sales.lvdash.json"
    w.workspace.upload(path, b'{"pages": []}', format=ImportFormat.AUTO)
    assert w.workspace.get_status(path).object_type == ObjectType.DASHBOARD
    assert w.workspace.download(path, format=ExportFormat.AUTO).read() == b'{"pages": []}'


def test_names_with_everything_in_them(w, folder):
    names = ["with space", "ünï🦆", "a+b", "50%", "semi;colon", "a&b=c", "hash#", "question?"]
    for name in names:
        w.workspace.upload(f"{folder}/{name}", name.encode(), format=ImportFormat.RAW)
    assert sorted(o.path for o in w.workspace.list(folder)) == sorted(f"{folder}/{name}" for name in names)
    for name in names:
        assert w.workspace.download(f"{folder}/{name}").read() == name.encode()
        w.workspace.delete(f"{folder}/{name}")


def test_deleting_a_folder_takes_its_permissions_along(simulator, w, folder):
    from databricks.sdk.service import iam

    w.workspace.mkdirs(f"{folder}/deep")
    w.workspace.upload(f"{folder}/deep/n", b"1", language=Language.SQL)
    object_id = str(w.workspace.get_status(f"{folder}/deep/n").object_id)
    grant = iam.AccessControlRequest(group_name="users", permission_level=iam.PermissionLevel.CAN_READ)
    w.permissions.update("notebooks", object_id, access_control_list=[grant])
    w.workspace.delete(f"{folder}/deep", recursive=True)
    with pytest.raises(NotFound):
        w.permissions.get("notebooks", object_id)


def test_modified_after_leaves_everything_but_notebooks(simulator, w, folder):
    w.workspace.upload(f"{folder}/old", b"1", language=Language.SQL)
    w.workspace.upload(f"{folder}/file", b"1", format=ImportFormat.RAW)
    w.workspace.mkdirs(f"{folder}/folder")
    simulator.advance(60_000)
    now_ms = simulator.control("GET", "/_simulator/state")["clock_ms"]
    assert {o.path for o in w.workspace.list(folder, notebooks_modified_after=now_ms)} == {
        f"{folder}/file", f"{folder}/folder",
    }
    simulator.advance(1_000)
    w.workspace.upload(f"{folder}/old", b"2", language=Language.SQL, overwrite=True)
    assert f"{folder}/old" in {o.path for o in w.workspace.list(folder, notebooks_modified_after=now_ms)}


def test_contents_outlive_a_kill(tmp_path):
    from conftest import end, launch

    file = tmp_path / "state.json"
    simulator = launch(state=file)
    w = simulator.client()
    body = b"x" * 300_000
    w.workspace.upload("/Shared/big", body, format=ImportFormat.RAW)
    w.dbfs.upload("/FileStore/lib.whl", io.BytesIO(body))
    w.global_init_scripts.create(name="one", script=encoded("echo 1"), enabled=True)
    deadline = time.monotonic() + 10
    while not file.exists() or "global" not in file.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(0.5)
    simulator.process.kill()
    simulator.process.wait()
    assert file.stat().st_size < 200_000, "contents are not in the state file"
    again = launch(state=file)
    try:
        w = again.client()
        assert w.workspace.download("/Shared/big").read() == body
        with w.dbfs.download("/FileStore/lib.whl") as content:
            assert content.read() == body
        assert [script.name for script in w.global_init_scripts.list()] == ["one"]
    finally:
        end(again)


def test_what_cannot_be_exported_says_so(w, folder):
    w.workspace.upload(f"{folder}/n", b"1", language=Language.SQL)
    with pytest.raises(DatabricksError):
        w.api_client.do("GET", "/api/2.0/workspace/export", query={"path": f"{folder}/n", "format": "PDF"})
    with pytest.raises(NotFound):
        w.workspace.export(f"{folder}/missing")
