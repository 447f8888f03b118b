"""One question of a benchmark."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, cast

from modelops_jupyter._where import Where
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.predictions import Prompt
from modelops_jupyter.evaluation.scorers import Scorer

Messages = tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class BenchmarkCase:
    """What the model is asked, and what a good answer is.

    Parameters
    ----------
    id
        Its name for life; results are compared by it.
    input
        A text, or chat messages.
    expected
        The reference, or several that are all right.
    tags
        Words to group by.
    checks
        Scorers of this case alone; it passes if all of them give 1.

    Examples
    --------
    >>> BenchmarkCase("sum", "2 + 2?", "4", ("maths",)).prompt
    '2 + 2?'
    """

    id: str
    input: str | Messages
    expected: str | tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()
    checks: tuple[Scorer, ...] = ()

    @property
    def prompt(self) -> Prompt:
        """What the model gets: a str with `.messages`."""
        given = self.input
        return Prompt([{"role": "user", "content": given}] if isinstance(given, str) else given)

    @property
    def reference(self) -> str:
        """The first expected answer, '' without one."""
        return self.expected if isinstance(self.expected, str) else (self.expected or ("",))[0]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        body: dict[str, Any] = {k: v for k, v in vars(self).items() if k != "checks" and v not in (None, ())}
        return {k: _listed(v) for k, v in body.items()} | (
            {"checks": [c.to_dict() for c in self.checks]} if self.checks else {}
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], row: int = 0) -> Self:
        """Read what `to_dict` gave.

        Raises
        ------
        EvaluationError
            If something is missing or of the wrong type; it says which row and field.
        """
        extra = sorted(set(data) - set(cls.__dataclass_fields__))
        if extra:
            raise _wrong(row, extra[0], f"A case has no field {extra[0]!r}")
        checks = tuple(Scorer.from_dict(c) for c in data.get("checks", ()))
        given = {k: tuple(cast("list[Any]", v)) if isinstance(v, list) else v for k, v in data.items()}
        found: dict[str, Any] = {"id": None, "input": None, **given, "checks": checks}
        expected, case = found.get("expected"), found["input"]
        for field, right in (
            ("id", isinstance(found["id"], str)),
            ("input", isinstance(case, str) or _all(case, dict)),
            ("expected", expected is None or isinstance(expected, str) or _all(expected, str)),
            ("tags", found.get("tags", ()) == () or _all(found["tags"], str)),
        ):
            if not right:
                raise _wrong(row, field, f"The case's {field} cannot be {found.get(field)!r}")
        return cls(**found)


def _listed(value: Any) -> Any:
    return list(cast("Messages", value)) if isinstance(value, tuple) else value


def _all(values: Any, kind: type) -> bool:
    return (
        isinstance(values, tuple)
        and values != ()
        and all(isinstance(v, kind) for v in cast("Messages", values))
    )


def _wrong(row: int, field: str, what: str) -> EvaluationError:
    hint = "id and input are texts, expected a text or a list of texts, tags a list of texts."
    return EvaluationError(f"{what}.", where=Where(row=row, field=field), hint=hint)
