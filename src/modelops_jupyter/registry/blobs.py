"""Contents by their SHA-256: written once, whole or not there, and checked whenever they are read."""

import contextlib
import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from modelops_jupyter._atomic import sync_folder
from modelops_jupyter._where import Where
from modelops_jupyter.errors import RegistryError

_CHUNK = 1 << 20


class Content(NamedTuple):
    """What a file holds: its hash and its size."""

    sha256: str
    size: int


class Blobs:
    """A folder of contents, and beside it one of drafts, which exist only while somebody writes them."""

    def __init__(self, root: Path) -> None:
        self.root, self.drafts = root / "blobs", root / "drafts"

    def path(self, sha256: str) -> Path:
        """Return where a content lies or would lie."""
        return self.root / sha256

    def make(self) -> None:
        """Make the folders, and make sure that they outlive a power cut."""
        for folder in (self.root, self.drafts):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(self.root.parent)

    @contextlib.contextmanager
    def draft(self, make: Callable[[Path], object] = Path.mkdir) -> Generator[Path]:
        """Make a folder (or a file) for what is not ready yet; it is gone afterwards.

        It is locked while its process lives, so that the leavings of a killed one can be told.
        """
        while True:
            draft = self.drafts / secrets.token_hex(8)
            make(draft)
            lock = _lock(draft, wait=True)
            if draft.exists():  # else it was swept before it was locked: once more
                break
            _unlock(lock)
        try:
            yield draft
        finally:
            _remove(draft)
            _unlock(lock)

    def put(self, source: Path | bytes) -> Content:
        """Keep what a regular file holds, or bytes; it is there for certain after `settle`."""
        # A file of its own and no folder around it: making and removing one takes as long as a sync.
        with self.draft(Path.touch) as draft:
            opened = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
            with opened as stream, draft.open("wb") as copy:
                content = _copied(stream, copy)
                # The same content may be there already. If it was damaged since, this one replaces it.
                target = self.path(content.sha256)
                if _holds(target, content):
                    return content
                copy.flush()
                os.fsync(copy.fileno())
            draft.replace(target)
        return content

    def settle(self) -> None:
        """Make every content that is there outlive a power cut, also what a killed process had put."""
        sync_folder(self.root)

    def fetch(self, content: Content, target: Path) -> None:
        """Copy a content to a new file, checked on the way.

        Raises
        ------
        RegistryError
            If what is on the disk is not what was registered, or not there.
        """
        source = self.path(content.sha256)
        try:
            with source.open("rb") as stream, target.open("xb") as copy:
                found = _copied(stream, copy)
                copy.flush()
                os.fsync(copy.fileno())
        except FileNotFoundError as error:
            raise _damaged("is missing", source) from error
        if found != content:
            target.unlink()
            raise _damaged("has changed on disk", source)

    def read(self, sha256: str) -> bytes:
        """Return a small content, checked."""
        path = self.path(sha256)
        try:
            held = path.read_bytes()
        except FileNotFoundError as error:
            raise _damaged("is missing", path) from error
        if hashlib.sha256(held).hexdigest() != sha256:
            raise _damaged("has changed on disk", path)
        return held

    def readable(self, sha256: str) -> bool:
        """Tell whether a content of unknown size is there and unchanged."""
        path = self.path(sha256)
        return path.exists() and content_of(path).sha256 == sha256

    def good(self, content: Content) -> bool:
        """Tell whether a content is there and unchanged."""
        return _holds(self.path(content.sha256), content)

    def remove(
        self, kept: "set[str] | frozenset[str]", among: Iterable[str] | None = None
    ) -> tuple[int, int]:
        """Delete contents that are not kept; return how many, and their bytes.

        The caller holds the lock under which versions are written: nobody can begin to need one.
        """
        found = [self.path(sha) for sha in among] if among is not None else list(self.root.glob("*"))
        gone = [path for path in found if path.name not in kept and path.exists()]
        size = sum(path.stat().st_size for path in gone)
        for path in gone:
            path.unlink()
        return len(gone), size

    def sweep(self) -> int:
        """Delete the drafts of processes that are gone; return how many."""
        swept = 0
        for draft in self.drafts.glob("*"):
            lock = _lock(draft, wait=False)
            if lock is not None:
                swept += draft.exists()  # else it was put in its place just now
                _remove(draft)
                _unlock(lock)
        return swept


def digest(files: Iterable[tuple[str, Content]]) -> str:
    """Return one fingerprint of all files of a version: names, sizes and contents."""
    lines = sorted(f"{c.sha256} {c.size} {path}\n" for path, c in files)
    return "sha256:" + hashlib.sha256("".join(lines).encode()).hexdigest()


def content_of(path: Path) -> Content:
    """Return hash and size of a file."""
    with path.open("rb") as stream:
        return _copied(stream, None)


def _copied(stream: BinaryIO, copy: BinaryIO | None) -> Content:
    hasher, size = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK):
        hasher.update(chunk)
        size += len(chunk)
        if copy is not None:
            copy.write(chunk)
    return Content(hasher.hexdigest(), size)


def _holds(path: Path, content: Content) -> bool:
    try:
        return path.stat().st_size == content.size and content_of(path) == content
    except FileNotFoundError:
        return False


def _remove(draft: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        else:
            draft.unlink()


def _lock(draft: Path, *, wait: bool) -> int | None:
    """Lock a draft until its process ends; None where somebody else has it, or there are no locks."""
    with contextlib.suppress(ImportError, OSError):  # Windows; some network disks
        import fcntl

        handle = os.open(draft, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError:
            os.close(handle)
            raise
        return handle
    return None


def _unlock(lock: int | None) -> None:
    if lock is not None:
        os.close(lock)


def _damaged(how: str, path: Path) -> RegistryError:
    return RegistryError(
        f"A file of this version {how}: nothing of it was handed out.",
        code="registry-damaged",
        where=Where(file=str(path)),
        hint="Register the same content again, which mends it, or restore it from a copy.",
    )
