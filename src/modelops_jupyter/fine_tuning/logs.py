"""The worker's log, which may not grow for ever: the newest 5 MB and the 5 MB before them."""

import os
import shutil
from pathlib import Path

LOG = "worker.log"
OLDER = "worker.1.log"
LIMIT = 5_000_000  # bytes


def rotate(folder: Path) -> None:
    """Move a log that is full aside.

    It is copied and emptied, not renamed: the worker's output stays open on it, at its end.
    """
    log = folder / LOG
    if log.exists() and log.stat().st_size > LIMIT:
        shutil.copyfile(log, folder / OLDER)
        os.truncate(log, 0)
