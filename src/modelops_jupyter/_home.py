"""Where the library keeps what must outlive a notebook."""

import os
import secrets
from pathlib import Path

import platformdirs

from modelops_jupyter import _documents
from modelops_jupyter.errors import SourceNotFoundError, StoreError

_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "lustre", "gpfs", "ceph"})


def home() -> Path:
    """Return the home folder, made with mode 0700 on first use.

    `$MODELOPS_HOME` if set, else the user data folder of the platform.
    """
    given = os.environ.get("MODELOPS_HOME")
    folder = Path(given).expanduser().resolve() if given else platformdirs.user_data_path("modelops")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The home folder {folder} cannot be made: {error.strerror}.",
            hint="Set MODELOPS_HOME to a folder you can write to.",
        ) from None
    return folder


def home_id() -> str:
    """Return the random name of this home: a kernel and a server that agree on it share one store."""
    path = home() / "home.json"
    try:
        return str(_documents.load(path, "home")["home_id"])
    except SourceNotFoundError:
        _create_once(path)
        return str(_documents.load(path, "home")["home_id"])


def _create_once(path: Path) -> None:
    # Two first starts at once: a hard link is made by exactly one of them.
    draft = path.with_name(f".home.{os.getpid()}.{secrets.token_hex(4)}.json")
    _documents.dump(draft, "home", {"home_id": secrets.token_hex(16)})
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def is_network_disk(path: Path) -> bool:
    """Tell whether `path` lies on a disk whose locks SQLite cannot trust."""
    import psutil

    best, kind = "", ""
    for part in psutil.disk_partitions(all=True):
        if path.is_relative_to(part.mountpoint) and len(part.mountpoint) >= len(best):
            best, kind = part.mountpoint, part.fstype
    return kind.lower() in _NETWORK
