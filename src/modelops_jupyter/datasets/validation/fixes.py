"""Repairs that lose nothing."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from modelops_jupyter.datasets.validation.locate import span_of
from modelops_jupyter.datasets.validation.problem import Problem

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset


def apply_fixes(ds: "Dataset", problems: Iterable[Problem]) -> "Dataset":
    """Return `ds` with the safe fixes for `problems`."""
    copies: list[int] = []
    arguments: dict[int, list[str]] = {}
    for problem in problems:
        if problem.code == "exact-duplicate":
            copies.append(problem.row)
        elif problem.code == "tool-arguments-object":
            arguments.setdefault(problem.row, []).append(problem.pointer)
    changed = {row: _as_text(ds.raw(row), pointers) for row, pointers in arguments.items()}
    fixed = ds.replaced(changed.items(), "fix", changed=len(changed), removed=len(copies))
    return fixed.take(np.delete(np.arange(len(ds)), copies)) if copies else fixed


def _as_text(raw: bytes, pointers: Iterable[str]) -> bytes:
    """Put quotation marks around some values; their digits and escapes stay as they were written."""
    spans = sorted((span_of(raw, pointer) for pointer in pointers), reverse=True)
    for start, end in spans:
        text = json.dumps(raw[start:end].decode("utf-8"), ensure_ascii=False)
        raw = raw[:start] + text.encode("utf-8") + raw[end:]
    return raw
