"""Blind rating: what is shown, what is kept, what comes of it."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter import Dataset
from modelops_jupyter.errors import EmptyInputError, EvaluationError, StoreError
from modelops_jupyter.evaluation import Predictions
from modelops_jupyter.evaluation.judges import PairwiseJudge, RubricJudge
from modelops_jupyter.evaluation.rating import Rating


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MODELOPS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def rows(count: int = 10) -> Dataset:
    return Dataset([{"prompt": f"q{i}", "completion": f"a{i}"} for i in range(count)], name="sums")


def answers(count: int = 10, word: str = "p") -> Predictions:
    return Predictions([f"{word}{i}" for i in range(count)], dataset=rows(count))


def two(count: int = 10) -> dict[str, Any]:
    return {"tuned": answers(count, "t"), "base": answers(count, "b")}


def said(rating: Rating, verdicts: Sequence[Any]) -> Rating:
    for verdict in verdicts:
        rating.rate(verdict)
    return rating


def shown(rating: Rating) -> list[tuple[str, ...]]:
    """Skip through and return what was shown."""
    while rating.question:
        rating.rate("skip")
    return [question.answers for question in rating.rated]


# ---- what is shown ----
def test_every_answer_is_shown_once_in_an_order_that_seed_and_rater_draw(home: Path) -> None:
    orders = [shown(Rating(rows(), rater=r, seed=s)) for r, s in (("a", 0), ("b", 0), ("c", 1), ("d", 1))]
    assert all(sorted(order) == [(f"a{i}",) for i in range(10)] for order in orders)
    assert len({tuple(order) for order in orders}) == 4
    shutil.rmtree(home)
    assert shown(Rating(rows(), rater="a")) == orders[0]


def test_sides_of_pairs_fall_both_ways_whatever_the_source() -> None:
    sides = shown(Rating(two(40), pairs=True))
    first = [a[0] for a, _ in sides]
    assert 10 < first.count("t") < 30
    assert {frozenset(pair) for pair in sides} == {frozenset((f"t{i}", f"b{i}")) for i in range(40)}


def test_what_stands_beside_an_answer_does_not_tell_its_source() -> None:
    bare = Predictions([f"b{i}" for i in range(6)], ids=rows(6).ids)  # it knows neither prompt nor reference
    for pairs in (False, True):
        rating = Rating({"tuned": answers(6, "t"), "base": bare}, pairs=pairs)
        assert all(item.prompt == f"q{item.answers[0][1:]}" for item in rating.items)
        assert all(item.reference == f"a{item.answers[0][1:]}" for item in rating.items)
    human = Rating({"tuned": answers(6, "t"), "people": rows(6)})
    assert {item.reference for item in human.items} == {None}
    for word in ("tuned", "people"):
        assert word not in repr(human.question)
    # Nor does the place of what is asked: it is that of the order.
    places = [(rating.question.item, rating.rate("skip")) for _ in range(3) if rating.question]
    assert [place for place, _ in places] == [0, 1, 2]


def test_pairs_of_one_source_are_chosen_and_rejected_or_prediction_and_reference() -> None:
    row = {"prompt": "q", "chosen": "good", "rejected": "bad"}
    assert Rating(Dataset([row]), pairs=True).items[0].answers == ("good", "bad")
    openai = {
        "input": {"messages": [{"role": "user", "content": "q"}]},
        "preferred_output": [{"role": "assistant", "content": "good"}],
        "non_preferred_output": [{"role": "assistant", "content": "bad"}],
    }
    assert Rating(Dataset([openai]), pairs=True).items[0].answers == ("good", "bad")
    (item,) = Rating(answers(1), pairs=True).items
    assert (item.answers, item.sources, item.reference) == (("p0", "a0"), ("answer", "reference"), None)


@pytest.mark.parametrize(
    ("items", "pairs", "message"),
    [
        (rows(), True, "two answers to a prompt; these rows are prompt_completion"),
        ({"a": answers(), "b": answers(9)}, True, "a and b have not one answer each to the same rows"),
        ({"a": answers()}, True, "Pairs are of two sources; here are 1"),
        ({}, False, "nothing to rate"),
        (rows(0), False, "nothing to rate"),
    ],
)
def test_what_cannot_be_rated_is_refused(items: Any, pairs: bool, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        Rating(items, pairs=pairs)
    with pytest.raises(EmptyInputError):
        Rating(Dataset())


# ---- rating ----
def test_verdicts_by_word_or_number_progress_and_undo() -> None:
    rating = said(Rating(rows(5)), ["pass", 0, None, 1])
    assert rating.progress == "3 of 5 rated, 1 skipped"
    last = rating.rated[-1]
    assert rating.undo()
    assert rating.progress == "2 of 5 rated, 1 skipped"
    assert rating.question is not None
    assert rating.question.answers == last.answers
    said(rating, ["fail", "pass"])
    assert rating.question is None
    with pytest.raises(EvaluationError, match="All is rated"):
        rating.rate("pass")
    rating.again()
    assert rating.question is not None
    rating.undo()
    assert rating.question is None
    for _ in range(5):
        assert rating.undo()
    assert not rating.undo()
    assert rating.rated == []


def test_a_note_is_kept_and_comes_back_with_undo() -> None:
    rating = Rating(rows(2))
    rating.rate("fail", "wrong sign")
    assert rating.verdicts[0]["note"] == "wrong sign"
    rating.undo()
    assert rating.question is not None
    assert rating.question.note == "wrong sign"
    rating.rate("pass")
    assert "note" not in rating.verdicts[0]
    assert rating.question.note == ""


@pytest.mark.parametrize(("pairs", "verdict"), [(False, "passs"), (False, 2), (True, "pass"), (True, 1)])
def test_an_unknown_verdict_is_refused_and_nothing_is_written(pairs: bool, verdict: Any) -> None:
    rating = Rating(two(3), pairs=pairs)
    with pytest.raises(EvaluationError, match="There is no verdict"):
        rating.rate(verdict)
    assert not rating.can_undo


def test_a_verdict_on_what_is_no_longer_shown_is_refused() -> None:
    rating = Rating(rows(3))
    assert rating.question is not None
    here = rating.question.item
    rating.rate("pass", item=here)
    with pytest.raises(EvaluationError, match="Another answer"):
        rating.rate("pass", item=here)
    assert rating.progress == "1 of 3 rated"


# ---- what is kept ----
def test_it_goes_on_where_it_was_with_undo_too(tmp_path: Path) -> None:
    for journal in (None, tmp_path / "r.jsonl"):
        rating = said(Rating(rows(5), journal=journal), ["pass", "skip", "fail", "pass"])
        rating.undo()
        again = Rating(rows(5), journal=journal, seed=7)
        assert again.verdicts == rating.verdicts
        assert again.progress == "2 of 5 rated, 1 skipped"
        again.undo()
        assert Rating(rows(5), journal=journal).progress == "1 of 5 rated, 1 skipped"


def test_other_items_another_rater_and_other_pairs_begin_anew(tmp_path: Path) -> None:
    said(Rating(rows(5)), ["pass"])
    assert not Rating(rows(4)).can_undo
    assert not Rating(rows(5), rater="bob").can_undo
    path = tmp_path / "r.jsonl"
    said(Rating(rows(5), journal=path), ["pass"])
    for other in (lambda: Rating(rows(4), journal=path), lambda: Rating(rows(5), rater="bob", journal=path)):
        with pytest.raises(StoreError, match="other items, or by another rater"):
            other()
    edits = tmp_path / "e.jsonl"
    rows().edit(edits)
    with pytest.raises(StoreError, match="no journal of ratings"):
        Rating(rows(), journal=edits)
    with pytest.raises(StoreError, match="no journal of edits"):
        rows(5).edit(path)


def test_a_verdict_that_cannot_be_written_was_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    rating = said(Rating(rows(3)), ["pass"])

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(StoreError, match="No space left"):
            rating.rate("fail")
    assert rating.progress == "1 of 3 rated"
    rating.rate("fail")
    assert Rating(rows(3)).verdicts == rating.verdicts


def test_two_people_rate_the_same_items_at_the_same_time() -> None:
    ann, bob = (Rating(rows(4), rater=name) for name in ("ann", "bob"))
    for _ in range(4):
        ann.rate("pass")
        bob.rate("fail")
    assert (len(ann.verdicts), len(bob.verdicts), ann.others, bob.others) == (4, 4, ["bob"], ["ann"])


# ---- what comes of it ----
def test_rows_calibrate_a_judge_with_each_label_on_its_own_answer() -> None:
    rating = Rating(answers(40))
    while question := rating.question:
        rating.rate("pass" if int(question.answers[0][1:]) % 3 else "fail")
    assert {(int(r["output"][1:]) % 3 > 0, r["label"]) for r in rating.rows} == {
        (True, "pass"),
        (False, "fail"),
    }
    assert all(
        r["reference"] == "a" + r["output"][1:] and r["input"] == "q" + r["output"][1:] for r in rating.rows
    )
    reply = {True: '{"verdict": "pass"}', False: '{"verdict": "fail"}'}

    def ask(prompt: str) -> str:
        material = json.loads(prompt.partition("JSON: ")[2].partition("\n")[0])
        return reply[int(material["answer"][1:]) % 3 > 0]

    judge = RubricJudge(ask, "Right.", model="m", cache=False)
    found = judge.calibrate(rating.rows)
    assert (found.n, float(found.agreement), float(found.kappa)) == (40, 1.0, 1.0)
    assert float(found.base_rate) == pytest.approx(26 / 40)


def rate_pairs(count: int = 40) -> Rating:
    """The tuned answer wins on even rows, the base on odd ones; every tenth is a tie."""
    rating = Rating(two(count), pairs=True)
    while question := rating.question:
        number = int(question.answers[0][1:])
        wins = "t" if number % 2 == 0 else "b"
        side = "left" if question.answers[0].startswith(wins) else "right"
        rating.rate("tie" if number % 10 == 0 else side)
    return rating


def test_pairs_become_preference_rows_that_training_takes() -> None:
    rating = rate_pairs()
    found = rating.rows
    assert (found.format, len(found)) == ("preference", 36)
    assert found.validate().ok
    for row in found:
        number = int(row["prompt"][0]["content"][1:])
        wins, loses = ("t", "b") if number % 2 == 0 else ("b", "t")
        assert row["chosen"] == [{"role": "assistant", "content": f"{wins}{number}"}]
        assert row["rejected"] == [{"role": "assistant", "content": f"{loses}{number}"}]


def test_plain_prompts_make_plain_preference_rows() -> None:
    models = {k: Predictions([f"{k}{i}" for i in range(3)], prompts=["x", "y", "z"]) for k in "ab"}
    rating = said(Rating(models, pairs=True), ["left"])
    (row,) = rating.rows
    assert isinstance(row["prompt"], str)
    assert {row["chosen"][0], row["rejected"][0]} == {"a", "b"}
    assert row["chosen"] == rating.rated[0].answers[0]


def test_pairs_calibrate_a_pairwise_judge() -> None:
    rating = rate_pairs()

    def ask(prompt: str) -> str:
        material = json.loads(prompt.partition("JSON: ")[2].partition("\n")[0])
        number = int(material["first"][1:])
        wins = "t" if number % 2 == 0 else "b"
        verdict = "tie" if number % 10 == 0 else "first" if material["first"][0] == wins else "second"
        return json.dumps({"verdict": verdict})

    found = PairwiseJudge(ask, "Better.", model="m", cache=False).calibrate(rating.verdicts)
    assert (found.n, float(found.agreement)) == (40, 1.0)
    assert float(found.base_rate) == pytest.approx((16 + 0.5 * 4) / 40)


def test_reveal_says_each_sources_share_with_its_interval() -> None:
    found = rate_pairs().reveal()
    assert found.ties == 4
    assert float(found.shares["tuned"]) == pytest.approx(16 / 36)
    assert float(found.shares["base"]) == pytest.approx(20 / 36)
    assert found.shares["tuned"].low < 16 / 36 < found.shares["tuned"].high
    assert all(row["output"][0] == row["output_source"][0] for row in found.rows)
    single = Rating(two(10))
    while question := single.question:
        single.rate(question.answers[0].startswith("t"))
    alone = single.reveal()
    assert {k: (float(v), v.n) for k, v in alone.shares.items()} == {"tuned": (1.0, 10), "base": (0.0, 10)}
    assert all(row["output"][0] == row["source"][0] for row in alone.rows)


def test_a_source_without_verdicts_has_no_share() -> None:
    share = Rating(rows(3)).reveal().shares["sums"]
    assert (share.n, share.has_interval, share.undefined) == (0, False, "0/0")


# ---- agreement ----
def by_number(rating: Rating, verdict: Callable[[int], str]) -> Rating:
    while question := rating.question:
        rating.rate(verdict(int(question.answers[0][1:])))
    return rating


def test_agreement_is_share_and_kappa_on_what_both_rated() -> None:
    ann = by_number(
        Rating(rows(30), rater="ann"), lambda i: "skip" if i > 24 else "pass" if i % 2 else "fail"
    )
    bob = by_number(Rating(rows(30), rater="bob"), lambda i: "pass" if i % 2 or i < 6 else "fail")
    found = ann.agreement()
    # 25 in common; they differ on 0, 2 and 4. By hand: passes 12 and 15 of 25.
    assert (found.raters, found.n, float(found.share)) == (("ann", "bob"), 25, 22 / 25)
    chance = (12 * 15 + 13 * 10) / 25**2
    assert float(found.kappa) == pytest.approx((22 / 25 - chance) / (1 - chance))
    assert found.kappa.low < found.kappa < found.kappa.high
    ids = rows(30).ids
    assert set(found.differing) == {ids[0], ids[2], ids[4]}
    assert ann.agreement(bob).share == ann.agreement("bob").share == bob.agreement("ann").share


def test_agreement_needs_somebody_who_rated_the_same() -> None:
    ann = said(Rating(rows(5), rater="ann"), ["pass"])
    with pytest.raises(EvaluationError, match="also rated by nobody else"):
        ann.agreement()
    with pytest.raises(EvaluationError, match="of other items"):
        ann.agreement(said(Rating(rows(4), rater="bob"), ["pass"]))
    bob, eve = Rating(rows(5), rater="bob"), Rating(rows(5), rater="eve")
    with pytest.raises(EvaluationError, match=r"rated by (bob, eve|eve, bob)"):
        ann.agreement()
    with pytest.raises(EvaluationError, match="No item was rated by both ann and eve"):
        ann.agreement(eve)
    with pytest.raises(EvaluationError, match="also rated by"):
        ann.agreement("nobody")
    by_number(bob, lambda _: "pass")
    assert ann.agreement("bob").n == 1


def test_journals_in_one_folder_of_ones_own_find_each_other(tmp_path: Path) -> None:
    (tmp_path / "other.jsonl").write_text('{"text": "no journal"}\n')
    (tmp_path / "empty.jsonl").touch()
    ann = said(Rating(rows(5), rater="ann", journal=tmp_path / "ann.jsonl"), ["pass"] * 5)
    said(Rating(rows(5), rater="bob", journal=tmp_path / "bob.jsonl"), ["pass"] * 4 + ["fail"])
    said(Rating(rows(4), rater="eve", journal=tmp_path / "eve.jsonl"), ["pass"])
    assert ann.others == ["bob"]
    assert float(ann.agreement().share) == pytest.approx(0.8)
    assert (tmp_path / "empty.jsonl").read_bytes() == b""
    assert json.loads(ann.agreement().to_json())["n"] == 5


def test_who_listens_is_told_after_every_verdict() -> None:
    rating = Rating(rows(3))
    heard: list[str] = []
    rating.changed = lambda: heard.append(rating.progress)
    rating.rate("pass")
    rating.undo()
    rating.rate("skip")
    rating.again()
    assert heard == ["1 of 3 rated", "0 of 3 rated", "0 of 3 rated, 1 skipped", "0 of 3 rated"]
