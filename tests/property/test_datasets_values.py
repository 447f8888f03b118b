"""Values go in and come out the same, and every pointer finds its bytes."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets._json import escape_pointer
from modelops_jupyter.datasets.validation.keys import check_duplicate_keys
from modelops_jupyter.datasets.validation.locate import span_of

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ['"', "\\", '\\"', ": ", '":', "a\\", "{", "]", "~/", "\u2028", "\x7f", "\x00"]
)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUE = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)
ROW = st.dictionaries(TEXT, VALUE, max_size=4)
STYLE = st.sampled_from(
    [{}, {"separators": (",", ":")}, {"ensure_ascii": False}, {"separators": (" ,", " : ")}]
)


def places(value: Any, pointer: str = "") -> list[tuple[str, Any]]:
    out = [(pointer, value)]
    if isinstance(value, dict):
        for key, item in value.items():
            out += places(item, f"{pointer}/{escape_pointer(key)}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            out += places(item, f"{pointer}/{i}")
    return out


@settings(deadline=None)
@given(st.lists(ROW, max_size=4))
def test_records_come_back_equal_with_big_integers_and_odd_keys(rows: list[dict[str, Any]]) -> None:
    ds = Dataset.from_records(rows)
    assert ds.to_list() == rows
    assert [json.loads(raw) for raw in ds.raws()] == rows


@settings(deadline=None)
@given(ROW, STYLE)
def test_the_span_of_every_pointer_holds_exactly_its_value(
    row: dict[str, Any], style: dict[str, Any]
) -> None:
    raw = json.dumps(row, **style).encode()
    for pointer, value in places(row):
        start, end = span_of(raw, pointer)
        assert json.loads(raw[start:end]) == value


@settings(deadline=None)
@given(ROW, STYLE)
def test_a_row_without_a_repeated_key_is_never_accused(row: dict[str, Any], style: dict[str, Any]) -> None:
    raw = json.dumps(row, **style).encode()
    assert not list(check_duplicate_keys(raw))


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT, SCALAR), min_size=1, max_size=4), STYLE, st.data())
def test_a_repeated_key_is_always_found(
    pairs: list[tuple[str, Any]], style: dict[str, Any], data: st.DataObject
) -> None:
    first = data.draw(st.sampled_from(pairs))
    comma, colon = style.get("separators", (", ", ": "))
    body = comma.join(f"{json.dumps(key)}{colon}{json.dumps(value)}" for key, value in [*pairs, first])
    raw = ("{" + body + "}").encode()
    found = {finding.message for finding in check_duplicate_keys(raw)}
    assert any(repr(first[0])[1:-1] in m or first[0] in m for m in found)
