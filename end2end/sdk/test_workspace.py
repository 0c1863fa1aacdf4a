import base64
import io
import json

import pytest
from databricks.sdk.errors import BadRequest, DatabricksError, InvalidParameterValue, NotFound, ResourceAlreadyExists
from databricks.sdk.service.workspace import ExportFormat, ImportFormat, Language, ObjectType


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def decoded(text):
    return base64.b64decode(text).decode()


@pytest.fixture
def folder(w, request):
    path = f"/Shared/{request.node.name}"
    w.workspace.mkdirs(path)
    yield path
    w.workspace.delete(path, recursive=True)


def test_a_notebook_keeps_its_id_when_overwritten(w, folder):
    path = f"{folder}/close"
    w.workspace.import_(path, content=encoded("print(1)"), format=ImportFormat.SOURCE, language=Language.PYTHON)
    first = w.workspace.get_status(path)
    assert (first.object_type, first.language) == (ObjectType.NOTEBOOK, Language.PYTHON)
    assert (first.modified_at, first.created_at, first.size) == (None, None, None)
    with pytest.raises(ResourceAlreadyExists):
        w.workspace.import_(path, content=encoded("x"), format=ImportFormat.SOURCE, language=Language.PYTHON)
    w.workspace.import_(
        path, content=encoded("print(2)"), format=ImportFormat.SOURCE, language=Language.PYTHON, overwrite=True
    )
    assert w.workspace.get_status(path).object_id == first.object_id
    export = w.workspace.export(path)
    assert decoded(export.content) == "# Databricks notebook source\nprint(2)"
    assert export.file_type == "py"


def test_sources_come_back_byte_for_byte(w, folder):
    for language, suffix, header in [
        (Language.SQL, "sql", "-- Databricks notebook source\n"),
        (Language.SCALA, "scala", "// Databricks notebook source\n"),
        (Language.R, "r", "# Databricks notebook source\n"),
    ]:
        path = f"{folder}/{suffix}"
        source = header + "first\n\nünïcödé 🦆\n"
        w.workspace.import_(path, content=encoded(source), format=ImportFormat.SOURCE, language=language)
        assert decoded(w.workspace.export(path, format=ExportFormat.SOURCE).content) == source
        assert w.workspace.export(path).file_type == suffix


def test_upload_and_download(w, folder):
    path = f"{folder}/notebook.py"
    w.workspace.upload(path, io.BytesIO(b"print(1)"))
    with w.workspace.download(path) as content:
        assert content.read() == b"# Databricks notebook source\nprint(1)"
    file = f"{folder}/module.py"
    w.workspace.upload(file, io.BytesIO(b"print(2)"), format=ImportFormat.AUTO)
    status = w.workspace.get_status(file)
    assert status.object_type == ObjectType.FILE
    assert status.size == 8 and status.modified_at and status.created_at
    with w.workspace.download(file) as content:
        assert content.read() == b"print(2)"
    headed = f"{folder}/headed.sql"
    w.workspace.upload(headed, io.BytesIO(b"-- Databricks notebook source\nselect 1"), format=ImportFormat.AUTO)
    assert w.workspace.get_status(f"{folder}/headed").language == Language.SQL
    w.workspace.upload(f"{folder}/raw.bin", b"\x00\x01\xff", format=ImportFormat.AUTO)
    assert w.workspace.download(f"{folder}/raw.bin").read() == b"\x00\x01\xff"
    with pytest.raises(DatabricksError):
        w.workspace.upload(file, io.BytesIO(b"x"), format=ImportFormat.AUTO)
    w.workspace.upload(file, io.BytesIO(b"x"), format=ImportFormat.AUTO, overwrite=True)
    assert w.workspace.get_status(file).object_id == status.object_id


def test_jupyter_and_html(w, folder):
    path = f"{folder}/n"
    source = "# Databricks notebook source\n# MAGIC %md\n# MAGIC # Title\n\n# COMMAND ----------\n\nprint(1)"
    w.workspace.import_(path, content=encoded(source), format=ImportFormat.SOURCE, language=Language.PYTHON)
    document = json.loads(decoded(w.workspace.export(path, format=ExportFormat.JUPYTER).content))
    assert [cell["cell_type"] for cell in document["cells"]] == ["markdown", "code"]
    w.workspace.import_(f"{folder}/j", content=encoded(json.dumps(document)), format=ImportFormat.JUPYTER)
    assert "print(1)" in decoded(w.workspace.export(f"{folder}/j").content)
    html = w.workspace.export(path, format=ExportFormat.HTML)
    assert html.file_type == "html" and "print(1)" in decoded(html.content)


def test_ten_megabytes_are_the_limit_of_a_json_body(w, folder):
    large = base64.b64encode(b"#" * (12 * 1024 * 1024)).decode()
    with pytest.raises(BadRequest) as caught:
        w.workspace.import_(f"{folder}/large", content=large, format=ImportFormat.SOURCE, language=Language.PYTHON)
    assert caught.value.error_code == "MAX_NOTEBOOK_SIZE_EXCEEDED"
    w.workspace.upload(f"{folder}/large", b"#" * (12 * 1024 * 1024), language=Language.PYTHON)
    with pytest.raises(BadRequest) as caught:
        w.workspace.export(f"{folder}/large")
    assert caught.value.error_code == "MAX_NOTEBOOK_SIZE_EXCEEDED"
    assert len(w.workspace.download(f"{folder}/large").read()) > 12 * 1024 * 1024


def test_folders(w, folder):
    w.workspace.mkdirs(f"{folder}/a/b")
    w.workspace.mkdirs(f"{folder}/a/b")
    w.workspace.upload(f"{folder}/a/b/n", b"select 1", language=Language.SQL)
    assert [o.path for o in w.workspace.list(folder)] == [f"{folder}/a"]
    assert [o.path for o in w.workspace.list(folder, recursive=True)] == [f"{folder}/a/b/n"]
    assert [o.path for o in w.workspace.list("/Workspace" + folder)] == [f"{folder}/a"]
    with pytest.raises(BadRequest) as caught:
        w.workspace.delete(f"{folder}/a")
    assert caught.value.error_code == "DIRECTORY_NOT_EMPTY"
    with pytest.raises(ResourceAlreadyExists):
        w.workspace.mkdirs(f"{folder}/a/b/n")
    w.workspace.delete(f"{folder}/a", recursive=True)
    assert list(w.workspace.list(folder)) == []
    for call in (w.workspace.list, w.workspace.get_status, w.workspace.export, w.workspace.delete):
        with pytest.raises(NotFound):
            list(call(f"{folder}/a") or [])
    with pytest.raises(NotFound):
        w.workspace.upload(f"{folder}/missing/n", b"1", language=Language.SQL)


def test_bad_parameters(w, folder):
    with pytest.raises(InvalidParameterValue):
        w.workspace.import_(f"{folder}/n", content=encoded("x"), format=ImportFormat.SOURCE)
    with pytest.raises(InvalidParameterValue):
        w.workspace.import_(f"{folder}/n", content="%%%", format=ImportFormat.SOURCE, language=Language.SQL)
    with pytest.raises(InvalidParameterValue):
        w.workspace.get_status("relative/path")


def test_notebooks_modified_after(w, simulator, folder):
    w.workspace.upload(f"{folder}/old", b"1", language=Language.SQL)
    simulator.advance(60_000)
    now_ms = simulator.control("GET", "/_simulator/state")["clock_ms"]
    simulator.advance(1_000)
    w.workspace.upload(f"{folder}/new", b"1", language=Language.SQL)
    found = w.workspace.list(folder, notebooks_modified_after=now_ms)
    assert [o.path for o in found] == [f"{folder}/new"]


def test_permissions_of_the_tree(w, folder):
    object_id = str(w.workspace.get_status(folder).object_id)
    shown = w.workspace.get_permissions("directories", object_id)
    assert "admins" in [entry.group_name for entry in shown.access_control_list]
    assert w.workspace.get_permission_levels("directories", object_id).permission_levels
