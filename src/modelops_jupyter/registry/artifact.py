"""What is registered: a file, a folder, or anything that can save itself into one."""

import os
import stat
import unicodedata
from collections.abc import Callable, Generator
from pathlib import Path

from modelops_jupyter._format import visible
from modelops_jupyter._where import Where
from modelops_jupyter.errors import RegistryError, SourceNotFoundError
from modelops_jupyter.registry import names

File = tuple[str, Path]  # path inside the artifact, where it lies now


def files_of(artifact: object, draft: Callable[[], Path], registry: Path) -> list[File]:
    """Return every file of an artifact, in a fixed order.

    Parameters
    ----------
    draft
        Makes an empty folder, in which an object may save itself.
    registry
        The registry's own folder, which is no artifact.

    Raises
    ------
    RegistryError
        If it is empty, holds a link or a device, or a name that does not work on every system.
    SourceNotFoundError
        If there is no such file or folder.
    """
    if callable(save := getattr(artifact, "save", None)):
        artifact = draft() / "artifact"
        save(artifact)
    if not isinstance(artifact, str | Path):
        raise RegistryError(
            f"An artifact is a file, a folder or something with save(folder), not {type(artifact).__name__}.",
            code="registry-artifact",
            hint="A finished job has its model: job.model.",
        )
    try:
        root = Path(artifact).expanduser().resolve(strict=True)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        where = Where(file=visible(str(artifact)))
        raise SourceNotFoundError("There is no such file or folder.", where=where) from error
    if registry.is_relative_to(root):
        raise RegistryError(f"The folder '{visible(str(root))}' holds the registry itself.")
    if not root.is_dir():
        _refuse_special(root, root.lstat().st_mode)
        return [(names.check_path(root.name), root)]
    found = [(names.check_path(path.relative_to(root).as_posix()), path) for path in _walk(root)]
    if not found:
        raise RegistryError(f"The folder '{visible(str(root))}' holds no file.", code="registry-artifact")
    _refuse_twins([name for name, _ in found])
    return sorted(found)


def _walk(folder: Path) -> Generator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(path)
            else:
                _refuse_special(path, entry.stat(follow_symlinks=False).st_mode)
                yield path


def _refuse_special(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        what = "a link" if stat.S_ISLNK(mode) else "no regular file"
        text = f"'{visible(path.name)}' is {what}: it has no content of its own to keep."
        hint = "Put a copy of the file in its place ('cp -rL' copies a folder so)."
        raise RegistryError(text, code="registry-link", where=Where(file=visible(str(path))), hint=hint)


def _refuse_twins(paths: list[str]) -> None:
    seen: dict[str, str] = {}
    for path in paths:
        other = seen.setdefault(unicodedata.normalize("NFD", path).casefold(), path)
        if other != path:
            text = f"'{visible(other)}' and '{visible(path)}' are one file on many systems."
            raise RegistryError(text, code="registry-path", hint="Rename one of them.")
