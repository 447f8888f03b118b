"""Whether a job that is resumed is still the same job.

The engine goes on from a checkpoint with whatever rows and settings it is given, and says nothing.
The result is then that of no run. So what makes the result is recorded, and compared.
"""

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from modelops_jupyter import _documents
from modelops_jupyter._format import visible
from modelops_jupyter._version import __version__
from modelops_jupyter.errors import DatasetError, JobError, SourceNotFoundError, StoreError
from modelops_jupyter.fine_tuning.records import JobRow

ROWS = {"fingerprint": "train.jsonl", "validation_fingerprint": "validation.jsonl"}


def versions(engines: Sequence[str]) -> dict[str, str]:
    """Return the versions on which the last digits of a result depend."""
    found = {"modelops_jupyter": __version__, "python": platform.python_version()}
    for name in engines:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def differences(
    row: JobRow, folder: Path, engines: Sequence[str], *, threads: int | None, data_only: bool
) -> list[str]:
    """Return what is not as it was when the job was made, each as one phrase.

    Parameters
    ----------
    threads
        With how many the job began, if that was said.
    data_only
        Whether the attempt starts from the beginning: then only the rows must be the same.
    """
    spec = row.spec
    found = [
        text for key, name in ROWS.items() if (text := _rows(folder / name, spec.get(key), spec["format"]))
    ]
    if data_only:
        return found
    found += _settings(folder, spec) + _threads(folder, threads)
    recorded: dict[str, str] = spec.get("versions", {})
    now = versions(engines)
    return found + [
        f"{name} was {then} and is {now[name]}"
        for name, then in recorded.items()
        if now.get(name, then) != then
    ]


def require_same(
    row: JobRow, folder: Path, engines: Sequence[str], *, threads: int | None, data_only: bool, force: bool
) -> list[str]:
    """Refuse a resume whose result would be that of no run; with `force`, return what differs.

    Raises
    ------
    JobError
        Naming each difference.
    """
    found = differences(row, folder, engines, threads=threads, data_only=data_only)
    if found and not force:
        raise JobError(
            f"The job '{visible(row.shown_name)}' would not go on as it began: {visible('; '.join(found))}.",
            code="job-differs",
            hint="Restore that, start a new job, or accept another result with resume(force=True).",
        )
    return found


def _rows(path: Path, recorded: str | None, format: str) -> str:
    from modelops_jupyter.datasets import Dataset

    if recorded is None:
        return ""
    try:
        now = Dataset.from_file(path, format=format).fingerprint
    except (OSError, DatasetError) as error:
        return f"{path.name} cannot be read ({error})"
    return "" if now == recorded else f"the rows in {path.name} are not those the job was made with"


def _settings(folder: Path, spec: dict[str, Any]) -> list[str]:
    try:
        noted = _documents.load(folder / "job.json", "job")["spec"]
    except (SourceNotFoundError, StoreError, KeyError):
        return ["the settings in job.json cannot be read"]
    keys = [f"config.{key}" for key in spec["config"]] + ["seed"]
    changed = [key for key in keys if _at(spec, key) != _at(noted, key)]
    return [f"{key} is {_at(spec, key)!r} here and {_at(noted, key)!r} in job.json" for key in changed]


def _threads(folder: Path, recorded: int | None) -> list[str]:
    # The engine keeps to the number it noted when it began: with another the last digits differ.
    if recorded is None:
        return []
    try:
        now = _documents.load(folder / "threads.json", "threads")["threads"]
    except (SourceNotFoundError, StoreError, KeyError):
        return ["the number of threads is not known any more"]
    return [] if now == recorded else [f"the number of threads was {recorded} and is {now}"]


def _at(spec: dict[str, Any], key: str) -> Any:
    outer, _, inner = key.partition(".")
    return spec.get(outer, {}).get(inner) if inner else spec.get(outer)
