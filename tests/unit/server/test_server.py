"""The server extension in a real Jupyter server: two doors, both locked."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

TOKEN = "a-token-of-this-test"
DENY = """
from jupyter_server.auth import Authorizer
class Deny(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return resource != "modelops"
c.ServerApp.authorizer_class = Deny
"""


@dataclass
class Server:
    base: str
    root: Path
    home: Path

    def ask(
        self, path: str, body: object = None, token: str | None = TOKEN, timeout: float = 40
    ) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + "modelops/v1/" + path, data=data)
        if token:
            request.add_header("Authorization", f"token {token}")
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def rpc(self, op: str, **args: Any) -> Any:
        status, answer = self.ask("rpc", {"v": 1, "id": "1", "op": op, "args": args})
        assert status == 200
        return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(folder: Path, config: str = "") -> Iterator[Server]:
    """Start a server with only our extension, wait until it answers, and end it."""
    root, home = folder / "root", folder / "home"
    for made in (root, home):
        made.mkdir()
    (folder / "config.py").write_text(config)
    port = free_port()
    environment = os.environ | {"MODELOPS_HOME": str(home), "HOME": str(folder), "JUPYTER_NO_CONFIG": "1"}
    environment |= {f"JUPYTER_{k}_DIR": str(folder / k) for k in ("CONFIG", "DATA", "RUNTIME")}
    command = [
        *(sys.executable, "-m", "jupyter_server", "--no-browser", f"--ServerApp.root_dir={root}"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"),
        *("--ServerApp.ip=127.0.0.1", "--ServerApp.allow_root=True", "--ServerApp.base_url=/under/here/"),
        *(
            "--ServerApp.jpserver_extensions={'modelops_jupyter.server': True}",
            f"--config={folder / 'config.py'}",
        ),
    ]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
    server = Server(f"http://127.0.0.1:{port}/under/here/", root, home)
    try:
        wait_for(server, process, folder / "log")
        yield server
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def wait_for(server: Server, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 40
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            request = urllib.request.Request(
                server.base + "api/status", headers={"Authorization": f"token {TOKEN}"}
            )
            with urllib.request.urlopen(request, timeout=5):
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as running:
        (running.root / "sub").mkdir()
        rows = [json.dumps({"prompt": f"q{i} <b>", "completion": "a"}) for i in range(30)]
        (running.root / "sub" / "data é.jsonl").write_text("\n".join(rows) + "\n")
        (running.root.parent / "outside.jsonl").write_text('{"text": "secret"}\n')
        (running.root / "link.jsonl").symlink_to(running.root.parent / "outside.jsonl")
        yield running


def test_hello_says_protocol_and_home(server: Server) -> None:
    status, hello = server.ask("hello")
    assert status == 200
    assert hello["protocol"] == 1
    home = json.loads((server.home / "home.json").read_text())
    assert hello["home_id"] == home["home_id"]


@pytest.mark.parametrize("token", [None, "wrong"])
@pytest.mark.parametrize(
    ("path", "body"), [("hello", None), ("rpc", {"v": 1, "id": "1", "op": "jobs", "args": {}})]
)
def test_nobody_gets_in_without_the_token(server: Server, token: str | None, path: str, body: object) -> None:
    status, _ = server.ask(path, body, token=token)
    assert status in (302, 401, 403)


def test_who_is_not_authorised_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path, DENY) as locked:
        assert locked.ask("hello")[0] == 403
        assert locked.ask("rpc", {"v": 1, "id": "1", "op": "jobs", "args": {}})[0] == 403


def test_a_cookie_without_the_form_token_is_refused(server: Server) -> None:
    request = urllib.request.Request(server.base + "modelops/v1/rpc", data=b"{}", headers={"Cookie": "x=1"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    assert caught.value.code in (401, 403)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "bad-request"),
        (b"[" * 100_000, "bad-request"),
        (b'"' + b"x" * 300_000 + b'"', "too-large"),
        (b"[]", "bad-request"),
        (b'{"v": 9}', "protocol"),
    ],
)
def test_a_broken_body_is_an_error_answer(server: Server, body: bytes, code: str) -> None:
    status, answer = server.ask("rpc", body)
    assert status == 200
    assert answer["ok"] is False
    assert answer["error"]["code"] == code


def test_a_file_under_the_root_is_a_dataset(server: Server) -> None:
    answer = server.rpc("rows", dataset="file:sub/data é.jsonl", start=10, stop=12)
    rows = answer["result"]["rows"]
    assert [row["preview"]["text"] for row in rows] == ["q10 <b>", "q11 <b>"]


@pytest.mark.parametrize(
    "name",
    [
        "file:../outside.jsonl",
        "file:/etc/passwd",
        "file:link.jsonl",
        "file:sub/../../outside.jsonl",
        "file:sub%2f..%2f..%2foutside.jsonl",
        "file:..\\outside.jsonl",
        "file:file:///etc/passwd",
        "file:",
        "file:sub",
        "sub/data é.jsonl",
        "d1",
    ],
)
def test_nothing_outside_the_root_is_reached(server: Server, name: str) -> None:
    answer = server.rpc("rows", dataset=name, start=0, stop=10)
    assert answer["ok"] is False
    assert "secret" not in json.dumps(answer)


def test_the_server_has_no_objects_of_a_kernel(server: Server) -> None:
    assert server.rpc("result", result="r1")["error"]["code"] == "gone"


def job_of(server: Server, name: str) -> Any:
    """Put a job into the server's store, as a kernel does."""
    from modelops_jupyter.fine_tuning import JobStore

    store = JobStore(server.home / "jobs.sqlite3")
    spec = {"config": {}, "rows": 1, "fingerprint": "sha256:0", "seed": 0, "simulated": True, "base": {}}
    store.submit(name, name=name, provider="simulated", base_model="tiny", spec=spec)
    return store


def test_a_poll_answers_at_once_and_then_waits_for_a_change(server: Server) -> None:
    store = job_of(server, "poll-1")
    first = server.rpc("poll", topic="job:poll-1", after=0, wait=20)["result"]
    assert first["items"][0]["status"] == "queued"
    assert first["seq"] > 0
    got: list[Any] = []
    waiter = threading.Thread(
        target=lambda: got.append(server.rpc("poll", topic="job:poll-1", after=first["seq"], wait=20))
    )
    waiter.start()
    assert server.rpc("job", job="poll-1")["ok"]  # others are answered meanwhile
    time.sleep(0.5)
    assert not got
    store.request_cancel("poll-1")
    waiter.join(15)
    (answer,) = got
    assert answer["result"]["items"][0]["status"] == "cancelled"
    assert answer["result"]["seq"] > first["seq"]


def test_a_poll_without_a_change_ends_with_nothing_new(server: Server) -> None:
    job_of(server, "poll-2")
    first = server.rpc("poll", topic="job:poll-2", after=0, wait=0)["result"]
    again = server.rpc("poll", topic="job:poll-2", after=first["seq"], wait=0.3)["result"]
    assert again == {"seq": first["seq"], "items": []}


@pytest.mark.parametrize("wait", [-1, "x", None, 1e999, [], True])
def test_a_strange_wait_does_not_hold_the_server(server: Server, wait: object) -> None:
    body = (
        b'{"v": 1, "id": "1", "op": "poll", "args": {"topic": "jobs", "wait": %s}}'
        % json.dumps(wait).encode()
    )
    status, _ = server.ask("rpc", body, timeout=35)
    assert status == 200


def test_stop_reaches_the_store(server: Server) -> None:
    store = job_of(server, "stop-1")
    assert server.rpc("job.cancel", job="stop-1")["result"] == {"status": "cancelled"}
    assert store.get("stop-1").status == "cancelled"
    assert any(job["id"] == "stop-1" for job in server.rpc("jobs")["result"]["jobs"])


def test_who_hangs_up_is_forgotten(server: Server) -> None:
    job_of(server, "gone-1")
    seq = server.rpc("poll", topic="job:gone-1", after=0, wait=0)["result"]["seq"]
    args = {"topic": "job:gone-1", "after": seq, "wait": 25}
    for _ in range(20):
        with contextlib.suppress(OSError, TimeoutError):
            server.ask("rpc", {"v": 1, "id": "x", "op": "poll", "args": args}, timeout=0.2)
    assert server.rpc("job", job="gone-1")["ok"]
    assert b"Traceback" not in (server.root.parent / "log").read_bytes()
