"""Rows are shown before they are checked: of a large dataset a view asks for the problems afterwards."""

import threading

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.validation import ValidationReport, validate

LARGE = 20_000  # rows; more are not checked while somebody waits for the first of them
_THREAD = "checking"  # in the memo of a dataset: what `Dataset.validate` waits for


def found(ds: Dataset) -> ValidationReport | None:
    """Return the problems, None where they are not known yet."""
    thread = ds.memo.get(_THREAD)
    ended = thread is not None and not thread.is_alive()  # without a report it failed: it is told again
    return ds.validate() if len(ds) <= LARGE or "report" in ds.memo or ended else None


def told(ds: Dataset) -> ValidationReport | None:
    """Return the problems that an output may tell: what it says must not depend on when a thread ends."""
    return None if _THREAD in ds.memo else found(ds)


def begin(ds: Dataset) -> None:
    """Look for the problems in a thread of its own, unless that is done or under way."""
    if found(ds) is None and _THREAD not in ds.memo:
        ds.memo[_THREAD] = thread = threading.Thread(target=_check, args=(ds,), daemon=True)
        thread.start()


def _check(ds: Dataset) -> None:
    _ = ds.fingerprint  # shown with the problems
    ds.memo["report"] = validate(ds)
