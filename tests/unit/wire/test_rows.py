"""A dataset as it travels: formatted once, cut, and never markup."""

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.dispatch import answer

HOSTILE = "<script>alert(1)</script>\u202egnp\x00\x1b["


def ask(ds: Dataset, op: str, **args: Any) -> Any:
    context = Context(resolve_dataset=lambda _: ds)
    reply = answer({"v": 1, "id": "1", "op": op, "args": {"dataset": "d", **args}}, context)
    assert reply["ok"], reply
    return reply["result"]


def chat(*texts: str) -> dict[str, Any]:
    roles = ("user", "assistant")
    return {"messages": [{"role": roles[i % 2], "content": text} for i, text in enumerate(texts)]}


def typed(*rows: object) -> Dataset:
    return Dataset.from_text(
        "\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows) + "\n", name="t"
    )


def test_a_line_holds_what_a_list_shows() -> None:
    ds = typed(chat("Hello there", "Hi"), chat("a", "b", "c", "d", "e", "f", "g"))
    first, second = ask(ds, "rows", start=0, stop=9)["rows"]
    assert first["preview"] == {"type": "text", "text": "Hello there", "length": 11}
    assert [role["letter"] for role in first["roles"]] == ["U", "A"]
    assert first["line"] == 1
    assert (len(second["roles"]), second["more_roles"], second["turns"]) == (5, 2, 7)
    assert first["tokens"]["text"] == f"≈ {first['tokens']['value']}"


def test_a_row_that_cannot_be_read_shows_its_raw_text_and_keeps_its_place() -> None:
    ds = typed(chat("a", "b"), '{"messages": [<b>', chat("c", "d"))
    rows = ask(ds, "rows", start=0, stop=9)["rows"]
    assert [row["broken"] for row in rows] == [False, True, False]
    assert rows[1]["preview"]["text"] == '{"messages": [<b>'
    opened = ask(ds, "row", position=1)
    assert opened["json"] is None
    assert opened["turns"] == []
    assert opened["raw"]["text"] == '{"messages": [<b>'
    (problem,) = opened["problems"]
    assert (problem["line"], problem["column"]) == (2, 15)
    assert problem["fix"]


def test_the_faulty_turn_is_marked() -> None:
    ds = typed({"messages": [{"role": "user", "content": "a"}, {"role": "wizard", "content": "b"}]})
    (row,) = ask(ds, "rows", start=0, stop=1)["rows"]
    assert [role["problem"] for role in row["roles"]] == [False, True]


def test_a_match_is_named_where_it_stands_after_characters_were_made_visible() -> None:
    ds = typed(chat("\u202e\u202e needle in hay", "b"), chat("other", "needle"))
    rows = ask(ds, "rows", start=0, stop=9, query={"search": "NEEDLE"})["rows"]
    assert len(rows) == 2
    for row in rows:
        start, end = row["match"]
        assert row["preview"]["text"][start:end] == "needle"


def test_chips_count_inside_all_other_filters_and_zero_stays() -> None:
    ds = typed(chat("a", "b"), chat("a", "b"), chat("x", ""), "{", "{x")
    chips = {c["code"]: c for c in ask(ds, "summary")["chips"]}
    assert chips["not-json"]["count"] + chips.get("truncated-last-line", {"count": 0})["count"] == 2
    assert chips["exact-duplicate"]["severity"] == "warning"
    filtered = {
        c["code"]: c["count"]
        for c in ask(ds, "summary", query={"search": "x", "problem": "not-json"})["chips"]
    }
    assert set(filtered) == set(chips)
    assert filtered["exact-duplicate"] == 0
    order = [c["severity"] for c in ask(ds, "summary")["chips"]]
    assert order == sorted(order, key=("error", "warning", "info").index)


def test_the_summary_of_a_view_counts_the_view() -> None:
    ds = typed(*(chat(f"row {i}", "x" * (i + 1)) for i in range(50)))
    whole, some = ask(ds, "summary"), ask(ds, "summary", query={"search": "row 4"})
    assert (whole["rows"], whole["total"], some["rows"], some["total"]) == (50, 50, 50, 11)
    assert sum(whole["histogram"]["counts"]) == 50
    assert sum(some["histogram"]["counts"]) == 11
    assert len(whole["histogram"]["edges"]) == len(whole["histogram"]["counts"]) + 1
    assert ask(ds, "summary", query={"search": "nowhere"})["histogram"] is None


def test_an_order_is_kept_over_pages() -> None:
    ds = typed(*(chat("q" * (1 + i * 7 % 20) * 4, "a") for i in range(20)))
    query = {"sort": [{"field": "tokens", "descending": True}]}
    pages = [ask(ds, "rows", start=s, stop=s + 7, query=query)["rows"] for s in (0, 7, 14)]
    values = [row["tokens"]["value"] for page in pages for row in page]
    assert values == sorted(values, reverse=True)
    assert len(values) == 20


def test_an_order_that_is_none_is_refused_with_the_near_one() -> None:
    args = {"dataset": "d1", "start": 0, "stop": 9, "query": {"sort": [{"field": "token"}]}}
    context = Context(resolve_dataset=lambda _: typed(chat("a", "b")))
    reply = answer({"v": 1, "id": "1", "op": "rows", "args": args}, context)
    assert not reply["ok"]
    assert reply["error"]["hint"] == "Did you mean 'tokens'?"


def test_a_long_text_is_cut_and_the_rest_can_be_fetched() -> None:
    text = "".join(f"{i:05d}" for i in range(2000))
    ds = typed(chat("q", text))
    part = ask(ds, "row", position=0)["turns"][1]["parts"][0]
    assert (len(part["text"]), part["length"]) == (4000, 10_000)
    whole = part["text"]
    while len(whole) < part["length"]:
        whole += ask(ds, "row", position=0, part="1/0", start=len(whole))["text"]
    assert whole == text
    assert ask(ds, "row", position=0, part="raw", start=10**9)["text"] == ""


def test_numbers_keep_all_their_digits() -> None:
    ds = typed('{"text": "a", "big": 12345678901234567890123, "small": 1E5, "same": 1, "same": 2}')
    shown = ask(ds, "row", position=0)["json"]
    assert "12345678901234567890123" in shown
    assert "1E5" in shown
    assert shown.count('"same"') == 2


def test_tokens_of_the_turns_add_up_to_those_of_the_row() -> None:
    ds = typed(chat("a" * 400, "b" * 800))
    line = ask(ds, "rows", start=0, stop=1)["rows"][0]["tokens"]["value"]
    turns = [int(t["tokens_text"].split()[1].replace(",", "")) for t in ask(ds, "row", position=0)["turns"]]
    assert abs(sum(turns) - line) <= 1


@pytest.mark.parametrize("op", ["summary", "rows", "row"])
def test_hostile_text_travels_as_visible_text(op: str) -> None:
    row = {"messages": [{"role": HOSTILE, "content": HOSTILE, "name": HOSTILE}], HOSTILE: HOSTILE}
    ds = Dataset.from_text(json.dumps(row, ensure_ascii=False) + "\n", name=HOSTILE)
    args = {"summary": {}, "rows": {"start": 0, "stop": 1}, "row": {"position": 0}}[op]
    for text in texts(ask(ds, op, **args)):
        assert all(unicodedata.category(c) != "Cc" or c in "\t\n" for c in text)
        assert "\u202e" not in text


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for item in [*value.keys(), *value.values()] if isinstance(value, dict) else value:
            yield from texts(item)


def test_fields_are_sorted_by_whatever_their_names_hold() -> None:
    names = ['say "x"', "back\\slash", "a/b", "~", "k" * 100]
    ds = typed(*(dict.fromkeys(names, n) for n in (2, 1)), {"k" * 101: 0, "\u0000": 0})
    fields = ask(ds, "summary")["fields"]
    assert fields == names  # but those that cannot be shown whole
    for name in fields:
        pointer = "/" + name.replace("~", "~0").replace("/", "~1")
        found = ask(ds, "rows", start=0, stop=9, query={"sort": [{"field": pointer}]})
        assert [row["position"] for row in found["rows"]] == [1, 0, 2]


def test_a_number_that_a_page_would_round_comes_as_its_text() -> None:
    ds = typed('{"n": 1234567890123456789}', '{"n": 1234567890123456800}')
    where = [{"field": "n", "op": "==", "value": "1234567890123456789", "exact": True}]
    found = ask(ds, "rows", start=0, stop=9, query={"where": where})
    assert [row["position"] for row in found["rows"]] == [0]


def test_a_whole_question_can_be_searched_for_and_a_long_talk_is_shown_whole() -> None:
    ds = typed(chat("why " * 1000, *("a" for _ in range(299))))
    assert ask(ds, "rows", start=0, stop=9, query={"search": "why " * 1000})["total"] == 1
    assert len(ask(ds, "row", position=0)["turns"]) == 300
