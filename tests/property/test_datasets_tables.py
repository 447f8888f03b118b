"""Whatever JSON rows hold: an Arrow table gives the same rows back, types, nulls and keys."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelops_jupyter.datasets import Dataset

pytest.importorskip("pyarrow")  # here: it takes longer to import than one example may take

SCALARS = st.sampled_from(
    [None, True, False, 0, 1, -1, 2**63 - 1, 2**63, -(2**70), 0.0, -0.5, 1e300, "", "a", "é"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=6,
)
ROWS = st.lists(st.dictionaries(st.sampled_from("xyz"), VALUES, min_size=1, max_size=3), max_size=4)


@given(ROWS)
def test_rows_come_back_from_a_table_as_they_went(rows: list[dict[str, Any]]) -> None:
    back = Dataset.from_arrow(Dataset(rows).to_arrow()).to_list()
    assert list(map(by_key, back)) == list(map(by_key, rows))


def by_key(row: dict[str, Any]) -> list[str]:
    """Top-level keys stand in the order of the columns, those inside keep theirs; 1, 1.0 and true differ."""
    return [f"{key}: {row[key]!r}" for key in sorted(row)]
