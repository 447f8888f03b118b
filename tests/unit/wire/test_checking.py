"""The rows of a large dataset are there before their problems: nobody waits for a pass over all of them."""

from threading import Event
from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset, validation
from modelops_jupyter.datasets.validation import ValidationReport
from modelops_jupyter.notebook.twin import dataset as twin
from modelops_jupyter.wire import checking
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.dispatch import answer


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Dataset:
    monkeypatch.setattr(checking, "LARGE", 3)
    return Dataset([{"prompt": text, "completion": "x"} for text in ("a", "b", "c", "d", "")])


def ask(ds: Dataset, op: str, **args: Any) -> Any:
    reply = answer(
        {"v": 1, "id": "1", "op": op, "args": {"dataset": "d1", **args}},
        Context(resolve_dataset=lambda _: ds),
    )
    assert reply["ok"], reply
    return reply["result"]


def listed(ds: Dataset) -> list[int]:
    return [len(row["problems"]) for row in ask(ds, "rows", start=0, stop=9)["rows"]]


def test_rows_come_before_their_problems(large: Dataset) -> None:
    summary = ask(large, "summary")
    assert (summary["checked"], summary["total"], summary["chips"]) == (False, 5, [])
    assert listed(large) == [0, 0, 0, 0, 0]
    assert ask(large, "row", position=4)["problems"] == []
    assert "report" not in large.memo


def test_a_small_dataset_is_checked_at_once(large: Dataset) -> None:
    small = large[2:]
    assert ask(small, "summary")["checked"]
    assert listed(small) == [0, 0, 1]


def test_a_view_that_asks_gets_the_problems_when_they_are_known(
    large: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end, passes = Event(), list[int]()

    def slow(ds: Dataset, **_: Any) -> ValidationReport:
        passes.append(len(ds))
        assert may_end.wait(30)
        return validation.validate(ds)

    monkeypatch.setattr(checking, "validate", slow)
    assert ask(large, "problems") == {"checked": False}
    assert ask(large, "problems") == {"checked": False}
    assert listed(large) == [0, 0, 0, 0, 0]
    may_end.set()
    report = large.validate()  # waits for the pass that is under way, and does not begin another
    assert (len(report.problems), passes) == (1, [5])
    assert large.memo["hidden-letters"]  # what the first search would have to look for
    answered = ask(large, "problems")
    assert (answered["checked"], answered["problem_rows"]) == (True, 1)
    assert [chip["count"] for chip in answered["chips"]] == [1]
    assert answered["fingerprint"] == ask(large, "summary")["fingerprint"]
    assert listed(large) == [0, 0, 0, 0, 1]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_check_that_fails_does_not_leave_a_view_waiting(
    large: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_ds: Dataset, **_: Any) -> ValidationReport:
        raise MemoryError

    monkeypatch.setattr(checking, "validate", broken)
    checking.begin(large)
    large.memo["checking"].join()
    assert ask(large, "problems")["checked"]


def test_a_check_gives_way_but_not_to_somebody_who_waits_for_it(
    large: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_GIVE_WAY_SECONDS", 3600.0)
    with checking.first():
        checking.begin(large)
        assert "report" not in large.memo
        assert len(large.validate().problems) == 1
    query = {"sort": [{"field": "problems", "descending": True}]}
    assert ask(large, "rows", start=0, stop=1, query=query)["rows"][0]["position"] == 4


def test_a_check_waits_until_nobody_asks_any_more(large: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    now, waits = 100.0, list[float]()

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        waits.append(seconds)
        if len(waits) < 3:  # somebody who scrolls asks again
            with checking.first():
                pass

    monkeypatch.setattr(checking.time, "monotonic", lambda: now)
    monkeypatch.setattr(checking.time, "sleep", sleep)
    with checking.first():
        pass
    check = checking._Check(large)
    check._quiet()
    assert len(waits) == 3

    with checking.first():
        pass
    check._awaited = True  # as by `join`
    check._quiet()
    assert len(waits) == 3


def test_an_output_tells_the_same_whenever_the_check_ends(large: Dataset) -> None:
    before = twin.text(large), str(twin.html(large))
    assert "Too many rows" in before[0]
    checking.begin(large)
    large.validate()
    assert (twin.text(large), str(twin.html(large))) == before


def test_an_output_tells_the_problems_that_somebody_asked_for(large: Dataset) -> None:
    large.validate()
    assert "Too many rows" not in twin.text(large)
    assert "fingerprint" in str(twin.html(large))
