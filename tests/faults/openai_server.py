"""A service that speaks the public fine-tuning API, as a process; told over /control what goes wrong."""

import json
import re
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 3  # small, so that every list has several pages
faults: list[dict[str, Any]] = []  # {"call": ..., "kind": ..., "times": n}, the first that fits is used up
calls: list[str] = []
files: list[dict[str, Any]] = []
jobs: list[dict[str, Any]] = []
events: dict[str, list[dict[str, Any]]] = {}
checkpoints: dict[str, list[dict[str, Any]]] = {}


def create(body: dict[str, Any]) -> dict[str, Any]:
    job = {
        "id": f"ftjob-{len(jobs) + 1}",
        "object": "fine_tuning.job",
        "created_at": 1_800_000_000,
        "status": "validating_files",
        "fine_tuned_model": None,
        "error": None,
        **{key: body.get(key) for key in ("model", "training_file", "validation_file", "seed", "method")},
        **{key: body.get(key) for key in ("metadata", "suffix")},
        "organization_id": "org",
        "result_files": [],
        "hyperparameters": {},
    }
    jobs.append(job)
    events[job["id"]] = []
    checkpoints[job["id"]] = []
    return job


def find(job_id: str) -> dict[str, Any]:
    return next(job for job in jobs if job["id"] == job_id)


def cancel(job_id: str) -> dict[str, Any]:
    find(job_id)["status"] = "cancelled"
    return find(job_id)


def page(items: list[dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
    """Newest first, in pages that end where the next begins after the last id."""
    newest = items[::-1]
    after = query.get("after", [""])[0]
    first = next((i + 1 for i, item in enumerate(newest) if item["id"] == after), 0)
    part = newest[first : first + PAGE]
    return {"object": "list", "data": part, "has_more": first + PAGE < len(newest)}


def control(body: dict[str, Any]) -> dict[str, Any]:
    """Change what the service knows, and tell all of it."""
    faults.extend(body.get("faults", []))
    for job_id, change in body.get("jobs", {}).items():
        find(job_id).update(change)
    for job_id, more in body.get("events", {}).items():
        for event in more:
            new = {"id": f"ev-{job_id}-{len(events[job_id])}", "object": "fine_tuning.job.event"}
            events[job_id].append({**new, "created_at": 1_800_000_000 + len(events[job_id]), **event})
    for job_id, more in body.get("checkpoints", {}).items():
        for step, loss in more:
            mark = {"id": f"cp-{step}", "object": "fine_tuning.job.checkpoint", "created_at": 1_800_000_000}
            model = {"fine_tuned_model_checkpoint": f"ft:m:{step}", "fine_tuning_job_id": job_id}
            losses = {"step_number": step, "metrics": {"full_valid_loss": loss}}
            checkpoints[job_id].append({**mark, **model, **losses})
    return {"calls": calls, "jobs": jobs, "files": files, "faults": faults}


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *_: Any) -> None:
        pass

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        url = urlsplit(self.path)
        if url.path == "/control":
            self._reply(200, control(json.loads(body)))
            return
        call, act = self._route(url.path.removeprefix("/v1"), parse_qs(url.query), body)
        calls.append(call)
        fault = next((f for f in faults if f["call"] == call), None)
        if fault is None:
            self._reply(200, act())
            return
        fault["times"] -= 1
        if not fault["times"]:
            faults.remove(fault)
        self._fail(fault, act)

    def _route(
        self, path: str, query: dict[str, list[str]], body: bytes
    ) -> tuple[str, Callable[[], dict[str, Any]]]:
        post = self.command == "POST"
        if path == "/files":
            return "upload", lambda: self._file(body)
        if path == "/fine_tuning/jobs":
            return (
                ("create", lambda: create(json.loads(body))) if post else ("list", lambda: page(jobs, query))
            )
        found = re.fullmatch(r"/fine_tuning/jobs/([^/]+)(?:/(\w+))?", path)
        assert found, path
        job_id, word = found.groups()
        return {
            None: ("retrieve", lambda: find(job_id)),
            "cancel": ("cancel", lambda: cancel(job_id)),
            "events": ("events", lambda: page(events[job_id], query)),
            "checkpoints": ("checkpoints", lambda: page(checkpoints[job_id], query)),
        }[word]

    def _file(self, body: bytes) -> dict[str, Any]:
        content = re.search(rb'name="file".*?\r\n\r\n(.*?)\r\n--', body, re.DOTALL)
        assert content
        file = {
            "id": f"file-{len(files) + 1}",
            "object": "file",
            "bytes": len(content[1]),
            "purpose": "fine-tune",
        }
        files.append({**file, "content": content[1].decode()})
        return {**file, "created_at": 1, "filename": "train.jsonl", "status": "processed"}

    def _fail(self, fault: dict[str, Any], act: Callable[[], dict[str, Any]]) -> None:
        match fault["kind"]:
            case "lost reply":  # it was done, and nobody hears of it
                act()
                self.close_connection = True
            case "lost request":
                self.close_connection = True
            case "timeout":
                if fault.get("done"):
                    act()
                time.sleep(fault.get("seconds", 2))
                self.close_connection = True
            case status:
                if fault.get("done"):
                    act()
                # Some services repeat what they were sent; ours repeats even the key.
                said = f"{fault.get('said', 'no')} (you sent {self.headers.get('authorization')})"
                self._reply(int(status), {"error": {"message": said, "code": fault.get("code"), "type": "x"}})

    def _reply(self, status: int, value: dict[str, Any]) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.send_header("retry-after", "0.01")
        self.end_headers()
        self.wfile.write(data)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    sys.exit(server.serve_forever())
