"""`ValidationReport`: every problem, found by row and by code, and the safe repairs."""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from modelops_jupyter._display import Rich
from modelops_jupyter._format import plural
from modelops_jupyter.datasets.encode import encode_row
from modelops_jupyter.datasets.validation.fixes import apply_fixes
from modelops_jupyter.datasets.validation.problem import Problem
from modelops_jupyter.errors import DatasetError, Where

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset


class ValidationReport(Rich):
    """The problems of a dataset; true when none is an error.

    Parameters
    ----------
    dataset
        What was checked.
    problems
        All problems in the order of rows and columns.
    not_checked
        What was not asked for, in words.
    """

    kind: ClassVar[str] = "report"

    def __init__(
        self, dataset: "Dataset", problems: tuple[Problem, ...], not_checked: tuple[str, ...]
    ) -> None:
        self.dataset = dataset
        self.problems = problems
        self.not_checked = not_checked

    @property
    def ok(self) -> bool:
        """No problem is an error."""
        return self.counts["error"] == 0

    @cached_property
    def counts(self) -> dict[str, int]:
        """Number of problems by severity."""
        out = {"error": 0, "warning": 0, "info": 0}
        for problem in self.problems:
            out[problem.severity] += 1
        return out

    def __bool__(self) -> bool:
        return self.ok

    def __len__(self) -> int:
        return len(self.problems)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.problems)

    def __repr__(self) -> str:
        parts = [plural(n, word) for word, n in self.counts.items() if word != "info" and n]
        if self.counts["info"]:
            parts.append(plural(self.counts["info"], "remark"))
        found = ", ".join(parts) or "no problem"
        return f"ValidationReport({plural(len(self.dataset), 'row')}: {found})"

    @cached_property
    def _by_row(self) -> dict[int, tuple[Problem, ...]]:
        out: dict[int, list[Problem]] = {}
        for problem in self.problems:
            out.setdefault(problem.row, []).append(problem)
        return {row: tuple(found) for row, found in out.items()}

    def for_row(self, row: int) -> tuple[Problem, ...]:
        """Return the problems of one row."""
        return self._by_row.get(row, ())

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows that have a problem."""
        return tuple(self._by_row)

    def by_code(self) -> dict[str, list[Problem]]:
        """Return the problems of each code, errors first, then by number."""
        found: dict[str, list[Problem]] = {}
        for problem in self.problems:
            found.setdefault(problem.code, []).append(problem)
        rank = {"error": 0, "warning": 1, "info": 2}
        order = sorted(
            found, key=lambda code: (min(rank[p.severity] for p in found[code]), -len(found[code]), code)
        )
        return {code: found[code] for code in order}

    def fix(self) -> "Dataset":
        """Return the dataset with the safe fixes applied: those that lose nothing.

        Later copies of a row go, tool arguments given as an object become JSON text, a
        byte-order mark is not written. Ids stay.
        """
        return apply_fixes(self.dataset, self.problems)

    def raise_for_errors(self) -> None:
        """Raise `DatasetError` with the first error, if there is one."""
        first = next((p for p in self.problems if p.severity == "error"), None)
        if first is not None:
            raise DatasetError(
                f"The dataset has {plural(self.counts['error'], 'error')}, the first: {first.message}",
                code=first.code,
                where=Where(self.dataset.source, first.line, first.column, first.row, first.pointer or None),
                hint="ds.validate() lists them all.",
            )

    def to_json(self) -> str:
        """Return the report as a JSON document."""
        body = {
            "kind": "validation-report",
            "schema": 1,
            "rows": len(self.dataset),
            "ok": self.ok,
            "counts": self.counts,
            "not_checked": self.not_checked,
            "problems": [problem.to_json() for problem in self.problems],
        }
        return encode_row(body).decode()
