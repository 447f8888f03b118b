"""How much memory a run takes, and how much there is: of the GPU where one trains, else of the processor."""

from collections.abc import Iterator
from pathlib import Path

import psutil

_GROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")


def used() -> int:
    """Return the bytes that this process holds."""
    import torch

    return torch.cuda.memory_reserved() if torch.cuda.is_available() else psutil.Process().memory_info().rss


def limit() -> int:
    """Return the bytes that it may hold: a container often gets less than its machine has."""
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.mem_get_info()[1])
    return min([psutil.virtual_memory().total, *group_limits()])


def group_limits(own: Path = _OWN, groups: Path = _GROUPS) -> Iterator[int]:
    """Return the limits of the control groups that this process is in, those of both kinds."""
    for line in own.read_text().splitlines() if own.is_file() else ():
        _, controllers, group = line.split(":", 2)
        names = {"": "memory.max", "memory": "memory.limit_in_bytes"}
        if controllers not in names:
            continue
        place = groups / controllers / group.lstrip("/")
        # A group has the limits of those above it; inside a container only some can be seen.
        for folder in (place, *place.parents[: len(place.parts) - len(groups.parts)]):
            file = folder / names[controllers]
            text = file.read_text().strip() if file.is_file() else "max"
            if text != "max":
                yield int(text)
