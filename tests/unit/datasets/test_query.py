"""What views ask for: searches, filters, orders, first words."""

import json
import sys
from typing import Any

import numpy as np
import pytest

from modelops_jupyter.datasets import Dataset, Query
from modelops_jupyter.datasets.query import PREVIEW, positions, preview, previewed, problem_counts, row_texts
from modelops_jupyter.datasets.stats import histogram
from modelops_jupyter.datasets.tokens import estimate
from modelops_jupyter.errors import ConfigError

from .build import chat, pairs


def hits(ds: Dataset, search: str, **options: Any) -> list[int]:
    return positions(ds, Query(search=search, **options)).tolist()


def test_search_looks_into_text_not_into_json() -> None:
    ds = Dataset([chat("u:the role", "a:x"), chat("u:other", "a:y")])
    assert hits(ds, "role") == [0]
    assert hits(ds, "content") == []


def test_search_finds_text_however_it_is_escaped() -> None:
    raw = ['{"text": "Zürich"}', '{"text": "Z\\u00fcrich"}', '{"text": "Bern"}', '{"text": "\\u005aurich"}']
    ds = Dataset.from_text("\n".join(raw))
    assert hits(ds, "zürich") == [0, 1]
    assert hits(ds, "ZURICH") == [3]
    assert hits(Dataset([{"text": 'say "hi"\n\\o/'}]), '"hi"\n\\o/') == [0]


def test_search_tells_capitals_apart_only_when_asked() -> None:
    ds = Dataset([{"text": "March"}, {"text": "march"}, {"text": "Straße \u212a"}])
    assert hits(ds, "MARCH") == [0, 1]
    assert hits(ds, "March", case=True) == [0]
    assert hits(ds, "k") == [2], "the Kelvin sign folds to k"


def test_search_by_regular_expression_and_its_error() -> None:
    ds = Dataset(pairs(20))
    assert hits(ds, r"question 1\d$", regex=True) == list(range(10, 20))
    with pytest.raises(ConfigError, match="no regular expression"):
        hits(ds, "(", regex=True)
    assert hits(ds, "(") == []


def test_bad_rows_are_searched_in_their_bytes() -> None:
    assert hits(Dataset.from_text('{"text": "a"}\n{"text": "needle\n'), "needle") == [1]


def test_a_problem_filter_and_a_search_act_together() -> None:
    ds = Dataset([{"text": ""}, {"text": "a@b.org"}, {"text": "a"}, {"text": "c@d.org x"}])
    assert positions(ds, Query(problem="personal-data")).tolist() == [1, 3]
    assert positions(ds, Query(search="x", problem="personal-data")).tolist() == [3]
    assert problem_counts(ds, positions(ds, Query(search="x"))) == {
        "empty-field": 0,
        "personal-data": 1,
    }


def test_orders_are_stable_and_the_first_field_counts_most() -> None:
    rows = [
        chat("u:" + "x" * n, "a:b", *["u:q", "a:r"] * more) for n, more in ((9, 1), (50, 0), (9, 1), (200, 1))
    ]
    ds = Dataset(rows)
    assert positions(ds, Query(sort=(("turns", True), ("tokens", False)))).tolist() == [0, 2, 3, 1]
    assert positions(ds, Query(sort=(("tokens", True),))).tolist()[0] == 3
    assert positions(ds, Query(sort=(("row", True),))).tolist() == [3, 2, 1, 0]
    assert positions(ds, Query(sort=(("problems", True),))).tolist()[0] in (0, 2)


def test_rows_are_ordered_by_a_field_of_theirs() -> None:
    values: list[Any] = [3, "b", None, 2.5, True, "a", [1]]
    ds = Dataset([{"text": "x", "score": value, "in": {"/": at}} for at, value in enumerate(values)])
    ds += Dataset.from_text('{"text": "no score"}\n{"score": 9\n')
    upwards = [4, 3, 0, 6, 5, 1, 2, 7, 8]  # numbers, texts (one is that of a list), none
    assert positions(ds, Query(sort=(("/score", False),))).tolist() == upwards
    assert positions(ds, Query(sort=(("/score", True),))).tolist() == [1, 5, 6, 0, 3, 4, 2, 7, 8]
    assert positions(ds, Query(sort=(("/in/~1", True),))).tolist() == [6, 5, 4, 3, 2, 1, 0, 7, 8]
    assert positions(ds, Query(search="no", sort=(("/score", True),))).tolist() == [7]
    assert positions(Dataset([]), Query(sort=(("/score", True),))).tolist() == []


def test_many_distinct_values_are_ordered_as_few_are() -> None:
    lengths = np.random.default_rng(0).permutation(70_000)  # more than 16 bits hold
    ds = Dataset([{"text": "x", "n": n} for n in lengths.tolist()])
    assert positions(ds, Query(sort=(("/n", False),))).tolist() == np.argsort(lengths).tolist()
    assert positions(ds, Query(sort=(("/n", True),))).tolist() == np.argsort(-lengths).tolist()


def test_an_unknown_field_is_no_silent_order() -> None:
    with pytest.raises(ConfigError, match="Rows cannot be sorted"):
        positions(Dataset(pairs(2)), Query(sort=(("length", True),)))


def test_an_answer_is_kept_for_the_next_page() -> None:
    ds = Dataset(pairs(50))
    first = positions(ds, Query(search="question"))
    assert positions(ds, Query(search="question")) is first
    for n in range(40):
        positions(ds, Query(search=str(n)))
    assert len(ds.memo["queries"]) <= 16


def test_first_words_begin_near_the_match_and_the_span_points_at_it() -> None:
    ds = Dataset([chat("s:be kind", "u:" + "blah " * 100 + "needle " + "blah " * 50, "a:fine\n\tanswer")])
    assert preview(ds, 0).startswith("blah blah")
    assert len(preview(ds, 0)) <= PREVIEW
    for search in ("needle", "kind", "answer"):
        query = Query(search=search)
        shown, span = previewed(ds.raw(0), ds.format, query)
        assert span is not None
        assert shown[span[0] : span[1]] == search
    assert previewed(ds.raw(0), ds.format, Query())[1] is None
    assert previewed(ds.raw(0), ds.format, Query(search="nowhere"))[0] == preview(ds, 0)


def test_a_row_that_cannot_be_read_shows_its_bytes() -> None:
    ds = Dataset.from_text('{"text": "half\n')
    assert preview(ds, 0) == '{"text": "half'


def test_rows_without_layout_still_show_something() -> None:
    assert "42" in preview(Dataset([{"answer": 42}]), 0)


def test_tokens_are_estimated_from_the_text_share_of_the_bytes() -> None:
    ds = Dataset([chat("u:" + "word " * n, "a:ok") for n in range(1, 200)])
    estimated = estimate(ds)
    assert estimated.dtype == np.int32
    assert (np.diff(estimated) >= 0).all()
    assert abs(int(estimated.sum()) - sum(5 * n + 2 for n in range(1, 200)) / 4) < 0.05 * estimated.sum()


def test_a_histogram_counts_every_value_once() -> None:
    values = np.array([1, 1, 2, 5, 40, 300, 12_000])
    made = histogram(values)
    assert made is not None
    assert sum(made.counts) == 7
    assert len(made.edges) == len(made.counts) + 1
    assert (made.edges[0], made.median) == (1, 5)
    assert histogram(np.array([], dtype=np.int64)) is None
    assert histogram(np.array([3, 3])) is not None
    json.dumps([made.edges, made.counts, made.median, made.p95])


def test_stats_count_roles_and_unreadable_rows() -> None:
    ds = Dataset([chat("s:a", "u:b", "a:c"), chat("u:b", "a:c")]) + Dataset.from_text("{\n")
    stats = ds.stats()
    assert stats.roles == {"assistant": 2, "system": 1, "user": 2}
    assert (stats.rows, stats.unreadable, stats.turns, stats.characters) == (3, 1, 5, 5)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", r"(\w+\s?)*x", "(a|a)*$", "((ab?)c)+", r"(?:(?:a*)b){2,}", "a*a*a*a*b"]
)
def test_a_pattern_that_may_take_for_ever_is_refused_without_a_linear_engine(
    pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    with pytest.raises(ConfigError, match="many ways"):
        hits(Dataset([{"text": "a" * 40 + "b"}]), pattern, regex=True)


@pytest.mark.parametrize("pattern", [r"(ab)+", r"[(a+)+]", r"\(a+\)+", r"(a+)b|(c*)", r"(a|b)c", "a+b+"])
def test_repeats_that_cannot_multiply_are_allowed(pattern: str) -> None:
    assert hits(Dataset([{"text": "ab (aa) abc"}]), pattern, regex=True) == [0]


def test_a_linear_engine_takes_what_would_take_for_ever() -> None:
    pytest.importorskip("re2")
    ds = Dataset([{"text": "a" * 40 + "b"}, {"text": "x" + "A" * 40}])
    assert hits(ds, "(a+)+$", regex=True) == [1]
    assert hits(ds, "(a+)+$", regex=True, case=True) == []
    assert previewed(ds.raw(1), ds.format, Query(search="(a+)+$", regex=True))[1] == (1, 41)
    with pytest.raises(ConfigError, match="many ways"):  # it has no look-ahead
        hits(ds, "(?=a)(a+)+$", regex=True)


def test_many_repeats_look_into_fewer_characters() -> None:
    ds = Dataset([{"text": "a" * 10_000 + "b"}])
    assert hits(ds, "b", regex=True) == [0]
    assert hits(ds, "x*y*b", regex=True) == []


def test_a_search_finds_the_same_in_blocks_as_row_by_row() -> None:
    texts = ["Kiwi", "\u212aiwi", "kıwı", "a/b", 'say "hi"', "tab\there", "Zürich", "東京", "ſet", "wi ki"]
    raw = [json.dumps({"text": text}, ensure_ascii=i % 2 == 0) for i, text in enumerate(texts * 2)]
    raw += ['{"text": "\\u004biwi"}', '{"text": "k\\/w"}', "", "  ", '{"te: "kiwi"', '{"kiwi": 1}']
    for ending in ("\n", "\r\n"):
        ds = Dataset.from_text(ending.join(raw) + ending)
        for search in (
            "kiwi",
            "KI",
            "i",
            "a/b",
            '"hi"',
            "b\th",
            "ürich",
            "zür",
            "東",
            "set",
            "k/w",
            " ",
            "te",
        ):
            for case in (False, True):
                pattern = Query(search=search, case=case).pattern()
                assert pattern is not None
                expected = [at for at in range(len(ds)) if any(map(pattern.search, row_texts(ds.raw(at))))]
                assert hits(ds, search, case=case) == expected, (search, case)
                some = ds.take([len(ds) - 1, 0, 1])
                assert [some.ids[at] for at in hits(some, search, case=case)] == [
                    ds.ids[at] for at in (len(ds) - 1, 0, 1) if at in expected
                ]


def test_a_row_that_takes_too_long_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelops_jupyter.datasets.pattern._SLOW", -1.0)
    with pytest.raises(ConfigError, match="row 0 alone"):
        hits(Dataset(pairs(2)), "q.*n", regex=True)


def test_a_search_that_nobody_waits_for_ends_and_is_not_kept() -> None:
    def gone() -> None:
        raise InterruptedError

    ds = Dataset(pairs(2))
    with pytest.raises(InterruptedError):
        positions(ds, Query(search="question"), gone)
    assert positions(ds, Query(search="question")).tolist() == [0, 1]
