"""Starts simulators by the command in SIMULATOR_COMMAND and hands out clients of the official SDK."""

import base64
import json
import os
import shlex
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config
from databricks.sdk.service.workspace import Language

TOKEN = "dapi-sdk-test"
ROOT = Path(__file__).resolve().parents[2]


class Simulator:
    def __init__(self, url, token=TOKEN, process=None):
        self.url = url
        self.token = token
        self.process = process

    def client(self, **settings):
        defaults = {"host": self.url, "token": self.token, "auth_type": "pat", "retry_timeout_seconds": 30}
        return WorkspaceClient(config=Config(**{**defaults, **settings}))

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read().decode()
        return json.loads(text) if text.startswith(("{", "[")) else text

    def raw(self, method, path, body=None, headers=None):
        """Status, headers and text of a call, errors included."""
        data = None if body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        sent.update(headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        request = urllib.request.Request(self.url + path, data=data, headers=sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def faults(self, *faults):
        return self.control("PUT", "/_simulator/faults", list(faults))

    def advance(self, ms):
        return self.control("POST", "/_simulator/clock", {"advance_ms": ms})

    def changes(self, since=0):
        return self.control("GET", f"/_simulator/changes?since={since}")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def launch(region="us-east-1", content="empty", state=None):
    command = shlex.split(os.environ.get("SIMULATOR_COMMAND", "target/debug/farshore simulate"))
    port = free_port()
    arguments = ["--listen", f"127.0.0.1:{port}", "--token", TOKEN, "--region", region, "--content", content]
    if state is not None:
        arguments += ["--state", str(state)]
    process = subprocess.Popen(command + arguments, cwd=ROOT, stdout=subprocess.DEVNULL)
    simulator = Simulator(f"http://127.0.0.1:{port}", process=process)
    deadline = time.monotonic() + 30
    while True:
        try:
            simulator.control("GET", "/livez")
            return simulator
        except OSError:
            if process.poll() is not None:
                raise RuntimeError(f"the simulator ended with code {process.returncode} before it answered")
            if time.monotonic() > deadline:
                process.kill()
                raise RuntimeError("the simulator did not answer within 30 s")
            time.sleep(0.05)


def put_work(simulator):
    """The notebooks and the file that the jobs of the tests run; nothing of it is in the log."""
    w = simulator.client()
    for path in ("/n", "/Shared/n"):
        w.workspace.upload(path, b"select 1", language=Language.SQL)
    w.dbfs.put("/x.py", contents=base64.b64encode(b"print(1)").decode())
    simulator.control("DELETE", "/_simulator/changes")


def end(simulator):
    simulator.process.terminate()
    simulator.process.wait(timeout=10)


@pytest.fixture(scope="session", autouse=True)
def no_stray_settings(tmp_path_factory):
    """Nothing of the machine's own Databricks configuration may leak into the tests."""
    for name in [name for name in os.environ if name.startswith("DATABRICKS_")]:
        del os.environ[name]
    os.environ["DATABRICKS_CONFIG_FILE"] = str(tmp_path_factory.mktemp("config") / "none")


@pytest.fixture(scope="session")
def shared():
    simulator = launch()
    put_work(simulator)
    yield simulator
    end(simulator)


@pytest.fixture
def simulator(shared):
    """The shared empty workspace, without faults before and after."""
    shared.faults()
    yield shared
    shared.faults()


@pytest.fixture
def w(simulator):
    return simulator.client()


@pytest.fixture
def fresh():
    """A workspace of the test's own."""
    simulator = launch(region="eu-west-1")
    yield simulator
    end(simulator)


@pytest.fixture(scope="session")
def demo():
    simulator = launch(region="us-west-2", content="demo")
    yield simulator
    end(simulator)


@pytest.fixture
def node_type(w):
    return w.clusters.select_node_type(local_disk=True, min_cores=2)


@pytest.fixture
def spark(w):
    return w.clusters.select_spark_version(long_term_support=True)
