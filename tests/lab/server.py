"""A JupyterLab server of its own: own folders for everything, so no run sees another's trust or settings."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 300  # only a bound for a machine in distress
NO_NEWS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
FOLDERS = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "IPYTHONDIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
)


@dataclass(frozen=True)
class Server:
    """Where it listens, what it serves and the home its kernels use."""

    url: str
    token: str
    root: Path
    home: Path
    log: Path


@contextmanager
def running(folder: Path, *, home: Path, extension: bool = True) -> Iterator[Server]:
    """Start JupyterLab on a free port; without `extension` our half of the server stays off."""
    root = folder / "root"
    root.mkdir(parents=True)
    server = Server(
        url=f"http://127.0.0.1:{_free_port()}",
        token=secrets.token_hex(16),
        root=root,
        home=home,
        log=folder / "server.log",
    )
    with server.log.open("wb") as log:
        process = subprocess.Popen(
            _command(server), env=_environment(folder, home, extension), stdout=log, stderr=log, cwd=root
        )
        try:
            _wait(server, process)
            yield server
        finally:
            _end(process)


def _command(server: Server) -> list[str]:
    options = {
        "ServerApp.port": server.url.rpartition(":")[2],
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": server.root,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": server.token,
        "LabApp.expose_app_in_browser": True,
        "JupyterNotebookApp.expose_app_in_browser": True,
    }
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        *(f"--{name}={value}" for name, value in options.items()),
    ]


def _environment(folder: Path, home: Path, extension: bool) -> dict[str, str]:
    own = {name: str(folder / name.lower()) for name in FOLDERS}
    settings = Path(own["JUPYTERLAB_SETTINGS_DIR"])
    for plugin, values in NO_NEWS.items():
        package, _, name = plugin.partition(":")
        (settings / package).mkdir(parents=True)
        (settings / package / f"{name}.jupyterlab-settings").write_text(json.dumps(values))
    if not extension:
        own["JUPYTER_CONFIG_PATH"] = str(_switched_off(folder / "off"))
    return os.environ | own | {"MODELOPS_HOME": str(home)}


def _switched_off(folder: Path) -> Path:
    """A folder of settings that come before those that the installed package brings."""
    place = folder / "jupyter_server_config.d"
    place.mkdir(parents=True)
    off = {"ServerApp": {"jpserver_extensions": {"modelops_jupyter.server": False}}}
    (place / "modelops_jupyter.json").write_text(json.dumps(off))
    return folder


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/api/status?token={server.token}", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{server.log.read_text()[-4000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            continue
