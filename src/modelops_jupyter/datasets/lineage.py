"""What was done to a dataset, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class LineageStep:
    """One recorded operation: its name, its arguments as JSON, and how many rows it left."""

    operation: str
    rows: int
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        return {"operation": self.operation, "arguments": dict(self.arguments), "rows": self.rows}

    def __str__(self) -> str:
        given = ", ".join(f"{key}={value!r}" for key, value in self.arguments.items())
        return f"{self.operation}({given}) → {self.rows:,} rows"


def described(value: Any) -> Any:
    """Return a JSON value that stands for an argument; a function stands as its name."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list() | tuple():
            return [described(item) for item in value]  # pyright: ignore[reportUnknownVariableType]  # arguments are anything
        case dict():
            return {str(key): described(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # arguments are anything
        case _:
            return getattr(value, "__qualname__", None) or type(value).__name__
