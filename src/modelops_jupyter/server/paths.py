"""Which files a request may touch: regular files under the server's root, nothing else."""

import re
from pathlib import Path

from modelops_jupyter.wire.protocol import WireError, clip

_CODED = re.compile(r"%[0-9a-fA-F]{2}")
_DRIVE = re.compile(r"^[A-Za-z]:")


def confine(root: Path, given: str) -> Path:
    """Return the file that `given` names below `root`.

    Raises
    ------
    WireError
        If the path is absolute, has `..`, a backslash, a control character, a %-code or a
        hidden part, leads out of the root through a link, or is no regular file.
    """
    if problem := _fault(given):
        raise WireError(
            f"The path {clip(given)!r} {problem}.",
            code="bad-path",
            hint="Give it relative to the folder the server was started in, as the file browser shows it.",
        )
    base = root.resolve()
    try:
        path = (base / given).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise _missing(given) from error
    if not path.is_relative_to(base):
        raise WireError(f"The path {clip(given)!r} leads out of the server's folder.", code="bad-path")
    if not path.is_file():
        raise _missing(given)
    return path


def _missing(given: str) -> WireError:
    return WireError(
        f"There is no file {clip(given)!r} on the server.", code="not-found", hint="It may have been moved."
    )


def _fault(given: str) -> str | None:
    parts = given.split("/")
    faults = (
        (not given, "is empty"),
        (not given.isprintable(), "has a control character"),
        ("\\" in given, "has a backslash"),
        (_CODED.search(given) is not None, "has a %-code"),
        (given.startswith(("/", "~")) or _DRIVE.match(given) is not None, "is absolute"),
        (".." in parts, "has '..'"),
        ("" in parts, "has an empty part"),
        (any(part.startswith(".") for part in parts), "has a hidden part"),
        (any(len(part.encode("utf-8", "replace")) > 255 for part in parts), "is too long"),
    )
    return next((problem for wrong, problem in faults if wrong), None)
