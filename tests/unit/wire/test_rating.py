"""A rating over the wire: blind until the end, one verdict a question, forged messages harm nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter import Dataset
from modelops_jupyter.evaluation import Predictions
from modelops_jupyter.evaluation.rating import Rating
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.dispatch import answer
from modelops_jupyter.wire.rating import MAX_TEXT

WORDS = ("modelA", "modelB")


class Asked:
    """A rating, and what a page asks of it."""

    def __init__(self, journal: Path, size: int = 4, **options: Any) -> None:
        ds = Dataset([{"prompt": f"q{i}", "completion": f"a{i}"} for i in range(size)])
        models = {
            word: Predictions([f"{n}{i}" for i in range(size)], dataset=ds) for n, word in enumerate(WORDS)
        }
        self.rating = Rating(models, journal=journal, **options)
        self.context = Context(resolve_rating=lambda _: self.rating)

    def raw(self, op: str, **args: Any) -> Any:
        return answer({"v": 1, "id": "1", "op": op, "args": {"rating": "a1", **args}}, self.context)

    def __call__(self, op: str, **args: Any) -> Any:
        reply = self.raw(op, **args)
        assert reply["ok"], reply
        return json.loads(json.dumps(reply["result"]))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "r.jsonl"


@pytest.mark.parametrize("pairs", [False, True])
def test_it_is_blind_until_the_end_and_then_tells_all(journal: Path, pairs: bool) -> None:
    ask = Asked(journal, pairs=pairs)
    now = ask("rating")
    words: list[str] = []
    while now["question"]:
        words.append(json.dumps(now))
        verdict = "left" if pairs else "pass"
        now = ask("rating.rate", item=now["question"]["item"], verdict=verdict)
    assert len(words) == (4 if pairs else 8)
    assert not any(word in text for text in words for word in WORDS)
    assert [row[0] for row in now["findings"][0]["rows"]] == list(WORDS)
    assert (now["share"], now["can_undo"], now["skipped"]) == (1.0, True, 0)


def test_with_skipped_ones_left_it_tells_only_by_a_wish(journal: Path) -> None:
    ask = Asked(journal)
    now = ask("rating")
    while now["question"]:
        assert ask("rating", reveal=True)["findings"] == []
        word = "pass" if now["question"]["item"] else "skip"
        now = ask("rating.rate", item=now["question"]["item"], verdict=word)
    assert (now["skipped"], now["findings"]) == (1, [])
    assert ask("rating", reveal=True)["findings"][0]["title"] == "Share passed, by source"
    again = ask("rating.again")
    assert again["question"]["item"] == 0
    assert again["progress"] == "7 of 8 rated"


def test_a_verdict_goes_with_its_note_and_undo_brings_the_question_back(journal: Path) -> None:
    ask = Asked(journal)
    first = ask("rating")["question"]
    ask("rating.rate", item=first["item"], verdict="fail", note="n")
    assert ask.rating.verdicts[0]["note"] == "n"
    assert ask("rating.undo")["question"] == {**first, "note": "n"}
    assert ask("rating.undo")["can_undo"] is False


def test_agreement_is_told_at_the_end_with_each_who_rated_some_of_the_same(journal: Path) -> None:
    bob = Asked(journal.with_name("bob.jsonl"), rater="bob")
    bob.rating.rate("pass")
    Asked(journal.with_name("eve.jsonl"), rater="eve")
    ask = Asked(journal, rater="ann")
    while ask.rating.question:
        ask.rating.rate("pass")
    titles = [found["title"] for found in ask("rating")["findings"]]
    assert titles == ["Share passed, by source", "ann and bob: 1 item rated by both"]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"item": 1, "verdict": "pass"}, "moved-on"),
        ({"item": 0, "verdict": "left"}, "verdict"),
        ({"item": 0, "verdict": "x" * 11}, "bad-arguments"),
        ({"item": 0, "verdict": "pass", "note": "x" * 5_001}, "bad-arguments"),
        ({"item": "0", "verdict": "pass"}, "bad-arguments"),
        ({"item": True, "verdict": "pass"}, "bad-arguments"),
        ({"item": 10**30, "verdict": "pass"}, "moved-on"),
        ({"item": -1, "verdict": "pass"}, "moved-on"),
        ({"item": 0, "verdict": 1}, "bad-arguments"),
        ({"item": 0}, "bad-arguments"),
        ({"item": 0, "verdict": "pass", "source": "x"}, "bad-arguments"),
    ],
)
def test_a_forged_verdict_is_an_error_answer_and_nothing_is_kept(
    journal: Path, args: dict[str, Any], code: str
) -> None:
    ask = Asked(journal)
    assert ask.raw("rating.rate", **args)["error"]["code"] == code
    assert not ask.rating.can_undo


def test_an_unknown_rating_and_a_place_without_ratings_are_error_answers() -> None:
    for op in ("rating", "rating.undo", "rating.again"):
        message = {"v": 1, "id": "1", "op": op, "args": {"rating": "a99"}}
        assert answer(message, Context())["error"]["code"] == "gone"


def test_long_texts_are_cut_and_control_characters_shown(journal: Path) -> None:
    ds = Dataset([{"prompt": "a\u202eb", "completion": "x" * (MAX_TEXT + 5)}])
    ask = Asked(journal)
    ask.rating = Rating(ds, journal=journal.with_name("long.jsonl"))
    shown = ask("rating")["question"]
    assert shown["prompt"] == "a⟨U+202E⟩b"
    assert shown["answers"][0] == "x" * MAX_TEXT + "…\n\n(20,000 of 20,005 characters)"
    assert len(ask.rating.items[0].answers[0]) == MAX_TEXT + 5
