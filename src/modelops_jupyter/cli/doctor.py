"""`doctor()`: what this installation can do, what is missing, and what to do about it."""

import os
import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from modelops_jupyter import _home
from modelops_jupyter._display import Rich
from modelops_jupyter._version import __version__
from modelops_jupyter.errors import ModelOpsError

_OPTIONAL = re.compile(r"([\w-]+).*extra == ['\"](\w+)")  # in: trl>=1; extra == 'train'
_VARIABLES = (
    "MODELOPS_HOME",
    "MODELOPS_WIDGETS",
    "MODELOPS_LOG",
    "MODELOPS_LOCAL_JOBS",
    "HF_HOME",
    "HF_TOKEN",
    "HF_HUB_OFFLINE",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "NO_COLOR",
    "CUDA_VISIBLE_DEVICES",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a report; `state` is "ok", "warn" or "missing"."""

    name: str
    state: str
    found: str
    hint: str = ""


@dataclass(frozen=True)
class Report(Rich):
    """What `doctor` found; truth value: nothing is wrong (what is only missing is optional)."""

    kind: ClassVar[str] = "doctor"
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing needs attention."""
        return all(check.state != "warn" for check in self.checks)

    def __bool__(self) -> bool:
        return self.ok

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {"ok": self.ok, "checks": [asdict(check) for check in self.checks]}

    def __str__(self) -> str:
        lines = [
            f"{c.state:<8} {c.name:<14} {c.found}" + (f". {c.hint}" if c.hint else "") for c in self.checks
        ]
        return "\n".join(lines)


def doctor() -> Report:
    """Look at the environment; changes nothing and asks no network.

    Returns
    -------
    Report
        One check a line; values of secrets are never shown.
    """
    checks = [
        Check("version", "ok", f"modelops_jupyter {__version__}, Python {platform.python_version()}"),
        _home_check(),
        _widgets(),
        *_extras(),
        _server(),
        *(Check(name, "ok", "set") for name in _VARIABLES if os.environ.get(name)),
    ]
    return Report(tuple(checks))


def _home_check() -> Check:
    try:
        folder = _home.home()
        _home.home_id()
    except (OSError, ModelOpsError) as error:
        found = f"cannot be used: {getattr(error, 'message', error)}".rstrip(".")
        return Check("home", "warn", found, "Set MODELOPS_HOME to a folder you can write to.")
    if _home.is_network_disk(folder):
        hint = "Set MODELOPS_HOME to a local folder: the job store is slower and less sure there."
        return Check("home", "warn", f"{folder} on a network disk", hint)
    return Check("home", "ok", str(folder))


def _widgets() -> Check:
    if find_spec("anywidget") is None or find_spec("ipywidgets") is None:
        return Check("widgets", "warn", "anywidget is not installed", "Run pip install anywidget.")
    if not (Path(__file__).parents[1] / "notebook" / "static" / "widget.js").is_file():
        return Check("widgets", "warn", "the script is not built", "Run `make build` in the source tree.")
    if os.environ.get("MODELOPS_WIDGETS") == "0":
        return Check("widgets", "ok", "turned off by MODELOPS_WIDGETS=0")
    return Check("widgets", "ok", f"anywidget {metadata.version('anywidget')}")


def _extras() -> Iterator[Check]:
    needs = metadata.requires("modelops_jupyter") or ()
    wanted = [found.groups() for need in needs if (found := _OPTIONAL.match(need))]
    for name in dict.fromkeys(extra for _, extra in wanted if extra != "all"):
        yield _extra(name, [package for package, extra in wanted if extra == name])


def _extra(name: str, packages: list[str]) -> Check:
    found = {package: next(iter(metadata.distributions(name=package)), None) for package in packages}
    absent = ", ".join(package for package, there in found.items() if there is None)
    if absent:
        command = f'pip install "modelops_jupyter[{name}]"'
        return Check(name, "missing", f"without {absent}", f"{command} brings it.")
    return Check(name, "ok", ", ".join(f"{it.name} {it.version}" for it in found.values() if it))


def _server() -> Check:
    folder = Path(sys.prefix) / "etc" / "jupyter" / "jupyter_server_config.d"
    if (folder / "modelops_jupyter.json").is_file():
        return Check("server", "ok", "the server extension is enabled")
    hint = "Install from a wheel, or run jupyter server extension enable modelops_jupyter.server."
    return Check("server", "missing", "the server extension is not enabled", hint)
