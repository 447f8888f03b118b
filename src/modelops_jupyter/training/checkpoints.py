"""Checkpoints that are whole: a manifest with sizes and checksums is written last.

The engine writes its folders in place; a worker that is killed leaves a torn newest one. A folder
counts only if its manifest is there and every file is as the manifest says.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from modelops_jupyter import _documents
from modelops_jupyter._atomic import sync_folder
from modelops_jupyter.errors import ModelOpsError

FOLDER = "checkpoints"
MANIFEST = "manifest.json"
KIND = "checkpoint_manifest"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint that was verified."""

    step: int
    path: Path


def seal(folder: Path, step: int) -> None:
    """Write the manifest of a folder whose files are all there."""
    files: dict[str, dict[str, str | int]] = {}
    for path in _files(folder):
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            os.fsync(stream.fileno())
        files[str(path.relative_to(folder))] = {"size": path.stat().st_size, "sha256": digest}
    sync_folder(folder)
    _documents.dump(folder / MANIFEST, KIND, {"step": step, "files": files})


def verified(folder: Path, *, checksums: bool = True) -> Checkpoint | None:
    """Return the checkpoint in a folder if it is whole."""
    try:
        manifest = _documents.load(folder / MANIFEST, KIND)
        for name, expected in manifest["files"].items():
            path = folder / name
            if path.stat().st_size != expected["size"]:
                return None
            if not checksums:
                continue
            with path.open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != expected["sha256"]:
                    return None
        return Checkpoint(int(manifest["step"]), folder)
    except (OSError, ModelOpsError, KeyError, TypeError):
        return None


def newest(job_folder: Path, *, checksums: bool = True) -> Checkpoint | None:
    """Return the whole checkpoint with the highest step."""
    folders = [p for p in (job_folder / FOLDER).glob("checkpoint-*") if p.name[11:].isdigit()]
    for folder in sorted(folders, key=lambda p: int(p.name[11:]), reverse=True):
        if found := verified(folder, checksums=checksums):
            return found
    return None


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST)
