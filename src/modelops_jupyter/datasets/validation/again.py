"""A report brought up to date after an edit of a few rows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from modelops_jupyter.datasets.validation.engine import validate
from modelops_jupyter.datasets.validation.problem import Problem
from modelops_jupyter.datasets.validation.report import ValidationReport

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

WHOLE = 50_000  # rows that are simply checked again: a quarter of a second
_OF_MANY = ("exact-duplicate", "conflicting-duplicate", "unusually-long")


def revalidate(ds: "Dataset", before: ValidationReport, changed: Sequence[int]) -> ValidationReport:
    """Return the problems of `ds`, which differs from the dataset of `before` in the rows `changed`.

    In a large dataset only these rows are read; what rows have with each other (copies, conflicts)
    is then known again after `ds.validate()`.

    Examples
    --------
    >>> from modelops_jupyter.datasets import Dataset
    >>> ds = Dataset([{"text": ""}, {"text": "b"}])
    >>> len(revalidate(ds.patch({0: {"text": "a"}}), ds.validate(), [0]))
    0
    """
    if len(ds) <= WHOLE:
        return validate(ds)
    gone = set(changed)
    found = [p for p in before.problems if p.row not in gone] + recheck(ds, changed)
    found.sort(key=lambda p: (p.row, p.byte_column, p.code))
    return ValidationReport(ds, tuple(found), before.not_checked)


def recheck(ds: "Dataset", rows: Sequence[int]) -> list[Problem]:
    """Return what is wrong with some rows by themselves."""
    found = validate(ds.take(np.array(rows, dtype=np.int64)))
    return [replace(p, row=rows[p.row]) for p in found if p.code not in _OF_MANY]
