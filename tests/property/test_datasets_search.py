"""A search finds exactly the rows that a look at each decoded row finds."""

import json
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelops_jupyter.datasets import Dataset, Query, scan
from modelops_jupyter.datasets.query import positions
from modelops_jupyter.datasets.scan import may_hold

# Letters that fold into ASCII, line breaks and escapes stand among a few plain letters: hits are common.
TEXTS = st.text(st.sampled_from('abAB kK\u212as\u017f\u0130i\u0131"\\\n\t/é日'), max_size=12)


@pytest.mark.parametrize(("block", "few"), [(2 << 20, 0.01), (7, 0.0), (16, 2.0)])
@given(st.lists(st.tuples(TEXTS, st.booleans()), max_size=8), TEXTS.filter(bool), st.booleans())
def test_a_search_in_bytes_misses_nothing(
    block: int, few: float, rows: list[tuple[str, bool]], search: str, case: bool
) -> None:
    lines = [json.dumps({"text": text}, ensure_ascii=ascii_only) for text, ascii_only in rows]
    ds = Dataset.from_text("".join(line + "\n" for line in lines))
    with patch.multiple(scan, _BLOCK=block, _PART=3 * block, _FEW=few):
        found = positions(ds, Query(search=search, case=case)).tolist()
    pattern = Query(search=search, case=case).pattern()
    assert pattern is not None
    assert found == [at for at, (text, _) in enumerate(rows) if pattern.search(text)]


@given(st.binary(max_size=40), st.binary(min_size=1, max_size=4), st.booleans())
def test_places_in_bytes_are_those_of_find(block: bytes, needle: bytes, case: bool) -> None:
    needle = needle if case else needle.lower()
    text = block if case else block.lower()
    wanted = [at for at in range(len(block)) if text.startswith(needle, at)]
    assert sorted(scan.Pairs(len(block)).places(block, needle, case=case).tolist()) == wanted


@given(st.lists(TEXTS, min_size=1, max_size=8), st.sampled_from("abk"))
def test_what_can_be_excluded_really_lacks_the_text(texts: list[str], letter: str) -> None:
    ds = Dataset([{"text": text} for text in texts])
    for may, text in zip(may_hold(ds, letter * 2, case=True).tolist(), texts, strict=True):
        assert may or letter * 2 not in text
