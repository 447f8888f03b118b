"""The rows themselves, for metrics that a user wrote as a plain function of all rows."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.evaluation.rows import Rows


@dataclass(frozen=True, slots=True, eq=False)
class RowState:
    """Truth and prediction, kept as they are."""

    y_true: NDArray[Any]
    y_pred: NDArray[Any]

    @classmethod
    def empty(cls) -> Self:
        """No rows yet."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64))

    def add(self, rows: Rows) -> "RowState":
        """Keep these rows too."""
        return self.merge(RowState(rows.y_true, rows.y_pred))

    def merge(self, other: "RowState") -> "RowState":
        """Put two parts together."""
        if not self.n or not other.n:
            return other if not self.n else self
        return RowState(
            np.concatenate([self.y_true, other.y_true]), np.concatenate([self.y_pred, other.y_pred])
        )

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.y_true)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        return {"state": "rows", "y_true": self.y_true.tolist(), "y_pred": self.y_pred.tolist()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what `to_dict` wrote."""
        from modelops_jupyter.evaluation.rows import as_array

        return cls(as_array(data["y_true"]), as_array(data["y_pred"]))
