"""DBFS through the SDK's own file objects, and what its calls refuse."""

import base64
import io

import pytest
from databricks.sdk.errors import BadRequest, DatabricksError, InvalidParameterValue, NotFound, ResourceAlreadyExists

MEGABYTE = 1024 * 1024


def encoded(data):
    return base64.b64encode(data).decode()


@pytest.fixture
def folder(w, request):
    path = f"/tmp/{request.node.name}"
    w.dbfs.mkdirs(path)
    yield path
    w.api_client.do("POST", "/api/2.0/dbfs/delete", body={"path": path, "recursive": True})


def test_a_file_is_written_and_read_in_blocks(w, folder):
    body = (bytes(range(256)) * 10_000)[: 2 * MEGABYTE + 17]
    w.dbfs.upload(f"{folder}/deep/er/file.bin", io.BytesIO(body))
    status = w.dbfs.get_status(f"{folder}/deep/er/file.bin")
    assert (status.file_size, status.is_dir, status.path) == (len(body), False, f"{folder}/deep/er/file.bin")
    assert status.modification_time > 1_600_000_000_000
    with w.dbfs.download(f"{folder}/deep/er/file.bin") as content:
        assert content.read() == body
    with w.dbfs.open(f"{folder}/deep/er/file.bin", read=True) as content:
        assert content.read(10) == body[:10] and content.read(5) == body[10:15]
    with w.dbfs.open(f"dbfs:{folder}/other", write=True) as out:
        out.write(b"abc")
    assert w.dbfs.read(f"{folder}/other").data == encoded(b"abc")
    with pytest.raises(ResourceAlreadyExists, match="A file or directory already exists"):
        w.dbfs.upload(f"{folder}/other", io.BytesIO(b"x"))
    w.dbfs.upload(f"{folder}/other", io.BytesIO(b"x"), overwrite=True)
    assert w.dbfs.get_status(f"{folder}/other").file_size == 1


def test_listing(w, folder):
    for name in ("b", "a/1", "a/2"):
        w.dbfs.put(f"{folder}/{name}", contents=encoded(b"1"))
    assert [(i.path, i.is_dir) for i in w.dbfs.list(folder)] == [(f"{folder}/a", True), (f"{folder}/b", False)]
    assert sorted(i.path for i in w.dbfs.list(folder, recursive=True)) == [
        f"{folder}/a/1", f"{folder}/a/2", f"{folder}/b",
    ]
    assert [i.path for i in w.dbfs.list(f"{folder}/b")] == [f"{folder}/b"]
    assert list(w.dbfs.list(f"{folder}/a/1"))[0].file_size == 1
    assert w.dbfs.exists(f"{folder}/b") and not w.dbfs.exists(f"{folder}/c")
    assert {"/FileStore", "/tmp"} <= {i.path for i in w.dbfs.list("/")}
    with pytest.raises(NotFound, match="No file or directory exists on path"):
        w.dbfs.get_status(f"{folder}/c")
    with pytest.raises(NotFound):
        list(w.api_client.do("GET", "/api/2.0/dbfs/list", query={"path": f"{folder}/c"}))


def test_moving_copying_and_deleting(w, folder, tmp_path):
    w.dbfs.put(f"{folder}/a/1", contents=encoded(b"one"))
    w.dbfs.move_(f"{folder}/a", f"{folder}/b")
    assert w.dbfs.read(f"{folder}/b/1").bytes_read == 3 and not w.dbfs.exists(f"{folder}/a")
    w.dbfs.put(f"{folder}/c", contents=encoded(b"two"))
    with pytest.raises(ResourceAlreadyExists):
        w.dbfs.move(f"{folder}/c", f"{folder}/b/1")
    with pytest.raises(NotFound):
        w.dbfs.move(f"{folder}/none", f"{folder}/d")
    w.dbfs.copy(f"{folder}/c", f"{folder}/copy")
    assert w.dbfs.read(f"{folder}/copy").data == encoded(b"two")
    local = tmp_path / "local.txt"
    w.dbfs.copy(f"{folder}/c", f"file:{local}")
    assert local.read_bytes() == b"two"
    with pytest.raises(BadRequest, match="Directory is not empty") as caught:
        w.api_client.do("POST", "/api/2.0/dbfs/delete", body={"path": f"{folder}/b"})
    assert caught.value.error_code == "IO_ERROR"
    w.dbfs.delete(f"{folder}/b", recursive=True)
    assert not w.dbfs.exists(f"{folder}/b/1")
    # Deleting what is not there is no mistake.
    w.api_client.do("POST", "/api/2.0/dbfs/delete", body={"path": f"{folder}/b"})


def test_limits_of_one_call(w, folder):
    with pytest.raises(BadRequest, match="cannot exceed 1048576 bytes") as caught:
        w.dbfs.put(f"{folder}/x", contents=encoded(b"x" * (MEGABYTE + 1)))
    assert caught.value.error_code == "MAX_BLOCK_SIZE_EXCEEDED"
    handle = w.dbfs.create(f"{folder}/x").handle
    with pytest.raises(BadRequest) as caught:
        w.dbfs.add_block(handle, encoded(b"x" * (MEGABYTE + 1)))
    assert caught.value.error_code == "MAX_BLOCK_SIZE_EXCEEDED"
    w.dbfs.add_block(handle, encoded(b"x" * MEGABYTE))
    w.dbfs.add_block(handle, encoded(b"y"))
    w.dbfs.close(handle)
    for call in (lambda: w.dbfs.close(handle), lambda: w.dbfs.add_block(handle, encoded(b"z"))):
        with pytest.raises(NotFound):
            call()
    with pytest.raises(BadRequest) as caught:
        w.dbfs.read(f"{folder}/x", length=MEGABYTE + 1)
    assert caught.value.error_code == "MAX_READ_SIZE_EXCEEDED"
    assert w.dbfs.read(f"{folder}/x", offset=MEGABYTE, length=10).data == encoded(b"y")
    past = w.dbfs.read(f"{folder}/x", offset=MEGABYTE + 5)
    assert (past.bytes_read or 0) == 0
    for wrong in ({"offset": -1}, {"length": -1}):
        with pytest.raises(InvalidParameterValue):
            w.dbfs.read(f"{folder}/x", **wrong)
    with pytest.raises(InvalidParameterValue):
        w.dbfs.read(folder)


def test_files_and_folders_do_not_take_each_others_place(w, folder):
    w.dbfs.put(f"{folder}/f", contents=encoded(b"1"))
    w.dbfs.mkdirs(f"{folder}/d")
    w.dbfs.mkdirs(f"{folder}/d")
    for call in (
        lambda: w.dbfs.mkdirs(f"{folder}/f"),
        lambda: w.dbfs.mkdirs(f"{folder}/f/below"),
        lambda: w.dbfs.put(f"{folder}/f/below", contents=encoded(b"1")),
        lambda: w.dbfs.put(f"{folder}/d", contents=encoded(b"1"), overwrite=True),
    ):
        with pytest.raises(ResourceAlreadyExists):
            call()
    with pytest.raises(InvalidParameterValue):
        w.dbfs.get_status("relative")
    with pytest.raises(InvalidParameterValue):
        w.dbfs.put(f"{folder}/bad", contents="%%%")


def test_a_large_file_by_form(simulator, w, folder):
    """`put` takes a form, which carries more than a megabyte."""
    body = b"z" * (3 * MEGABYTE)
    w.api_client.do("POST", "/api/2.0/dbfs/put", data={"path": f"{folder}/form"}, files={"contents": body})
    assert w.dbfs.get_status(f"{folder}/form").file_size == len(body)


def test_every_change_is_in_the_log(fresh):
    w = fresh.client()
    w.dbfs.mkdirs("/FileStore/wheels")
    w.dbfs.upload("/FileStore/wheels/a.whl", io.BytesIO(b"wheel"))
    w.dbfs.move("/FileStore/wheels/a.whl", "/FileStore/wheels/b.whl")
    w.dbfs.delete("/FileStore/wheels", recursive=True)
    summaries = [change["summary"].split(":")[0] for change in fresh.changes()]
    assert summaries == [
        "make DBFS folder /FileStore/wheels",
        "write DBFS file /FileStore/wheels/a.whl",
        "move DBFS /FileStore/wheels/a.whl to /FileStore/wheels/b.whl",
        "delete DBFS /FileStore/wheels",
    ]


def test_wrong_tokens_do_not_reach_it(simulator):
    with pytest.raises(DatabricksError):
        simulator.client(token="dapi-wrong").dbfs.get_status("/")
