"""Datasets that a browser names by their path under the server's root."""

import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from modelops_jupyter.server.paths import confine
from modelops_jupyter.wire.protocol import WireError

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset

_PREFIX = "file:"
_KEPT = 8  # open files


class Files:
    """Opens files below a root and keeps the last few open while they do not change."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open: OrderedDict[tuple[Path, int, int], Dataset] = OrderedDict()
        self._lock = threading.Lock()

    def dataset(self, name: str) -> "Dataset":
        """Return the dataset behind ``file:<path>``."""
        if not name.startswith(_PREFIX):
            raise WireError(
                "The server knows files, not the objects of a kernel.",
                code="gone",
                hint="Run the cell again.",
            )
        path = confine(self._root, name.removeprefix(_PREFIX))
        found = path.stat()
        key = (path, found.st_size, found.st_mtime_ns)
        with self._lock:
            if key not in self._open:
                self._open[key] = _read(path)
            self._open.move_to_end(key)
            while len(self._open) > _KEPT:
                self._open.popitem(last=False)
            return self._open[key]


def _read(path: Path) -> "Dataset":
    from modelops_jupyter.datasets import Dataset

    return Dataset.from_file(path)
