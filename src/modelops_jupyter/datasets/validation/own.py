"""Rules that a user passes to `validate`."""

from typing import TYPE_CHECKING

from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.validation.problem import Finding, Rule
from modelops_jupyter.errors import DatasetError, Where

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset


def own_findings(rule: Rule, row: Row, ds: "Dataset", position: int) -> list[Finding]:
    """Return what a rule finds in a row; a rule that fails is an error with its name and the row."""
    try:
        found = list(rule(row) or ())  # a rule that finds nothing may return nothing
        wrong = next((one for one in found if not isinstance(one, Finding)), None)  # pyright: ignore[reportUnnecessaryIsInstance]  # a user's function may return anything
    except Exception as error:
        raise _failed(rule, ds, position, f"failed with {type(error).__name__}: {error}") from error
    if wrong is not None:
        raise _failed(rule, ds, position, f"returned {wrong!r}, which is no Finding")
    return found


def _failed(rule: Rule, ds: "Dataset", position: int, how: str) -> DatasetError:
    name = getattr(rule, "__name__", type(rule).__name__)
    return DatasetError(
        f'The rule "{name}" {how}.',
        code="rule-failed",
        where=Where(file=ds.stored.file(position), line=ds.line(position), row=position),
        hint="A rule takes a row and returns Finding(code, pointer, message) objects, or nothing.",
    )
