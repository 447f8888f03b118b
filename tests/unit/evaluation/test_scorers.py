"""Scorers: what they give for right, wrong and empty answers, alone and as metrics."""

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation.scorers import (
    Bleu,
    CharErrorRate,
    Chrf,
    Contains,
    EditSimilarity,
    EmbeddingSimilarity,
    Exact,
    JsonSchema,
    Length,
    Not,
    Numeric,
    Regex,
    Rouge,
    Scorer,
    Threshold,
    TokenF1,
    ValidJson,
    Weighted,
    WordErrorRate,
)
from modelops_jupyter.evaluators import Evaluator

OVERLAP = [Exact(), TokenF1(), EditSimilarity(), Rouge(1), Rouge(2), Rouge("L"), Bleu(), Chrf()]
ERROR_RATES = [WordErrorRate(), CharErrorRate()]


@pytest.mark.parametrize(
    ("scorer", "output", "reference", "expected"),
    [
        (Exact(), " yes\n", "yes", 1),
        (Exact(), "Yes", "yes", 0),
        (Exact(casefold=True), "STRASSE", "straße", 1),
        (Exact(), "e\u0301", "\u00e9", 1),
        (Contains(), "the red door", "red", 1),
        (Contains("RED"), "the red door", None, 0),
        (Contains(("red", "blue")), "the red door", None, 0),
        (Contains(("red", "blue"), every=False), "the red door", None, 1),
        (Contains("the", where="start"), " the door", None, 1),
        (Contains("the", where="end"), "the door", None, 0),
        (Regex(r"\d{4}"), "in 2021", None, 1),
        (Regex(r"\d{4}", full=True), "in 2021", None, 0),
        (Regex(), "in 2021", r"^in", 1),
        (Length(min=2, max=2, unit="words"), "two words", None, 1),
        (Length(min=1), "", None, 0),
        (ValidJson(), '{"a": [1]}', None, 1),
        (ValidJson(), '{"a": NaN}', None, 0),
        (ValidJson(), "[" * 100_000, None, 0),
        (ValidJson(), "```json\n{}\n```", None, 0),
        (ValidJson(fenced=True), "```json\n{}\n```", None, 1),
        (JsonSchema({"required": ["a"]}), '{"a": 1}', None, 1),
        (JsonSchema({"required": ["a"]}), '{"b": 1}', None, 0),
        (JsonSchema({"required": ["a"]}), "", None, 0),
        (TokenF1(), "The cat, sat.", "a cat stood", 0.5),
        (EditSimilarity(), "kitten", "sitting", 1 - 3 / 7),
        (Rouge(2), "the cat sat down", "the cat sat", 0.8),
        (Rouge("L"), "police killed the gunman", "police kill the gunman", 0.75),
        (Rouge(1), "кот сидит", "пёс сидит", 0.5),
        (Rouge(2), "one", "one", 1),
        (WordErrorRate(), "a b d", "a b c", 1 / 3),
        (WordErrorRate(), "a b c d e f", "x", 6),
        (WordErrorRate(), "x", "", 1),
        (CharErrorRate(), "abd", "abc", 1 / 3),
    ],
)  # fmt: skip
def test_what_a_scorer_gives(scorer: Scorer, output: str, reference: str | None, expected: float) -> None:
    assert scorer.score(output, reference) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("scorer", OVERLAP, ids=lambda s: s.name)
def test_an_empty_answer_is_wrong_and_never_an_exception(scorer: Scorer) -> None:
    assert scorer.rows(["", "the gate", ""], ["the gate", "", ""]).tolist() == [0, 0, 1]
    assert scorer.score("the gate is shut", "the gate is shut") == pytest.approx(1)


@pytest.mark.parametrize("scorer", ERROR_RATES, ids=lambda s: s.name)
def test_an_empty_answer_has_the_error_rate_of_saying_nothing(scorer: Scorer) -> None:
    assert scorer.rows(["", ""], ["the gate", ""]).tolist() == [1, 0]


@pytest.mark.parametrize("scorer", [*OVERLAP, *ERROR_RATES], ids=lambda s: s.name)
def test_of_several_references_the_best_counts(scorer: Scorer) -> None:
    best = scorer.score("a red door", "a red door")
    assert scorer.score("a red door", ["nothing alike", "a red door"]) == pytest.approx(best)
    assert best != pytest.approx(scorer.score("a red door", "nothing alike"))


@pytest.mark.parametrize("scorer", [*OVERLAP, *ERROR_RATES, Numeric()], ids=lambda s: s.name)
def test_a_missing_reference_is_said(scorer: Scorer) -> None:
    with pytest.raises(EvaluationError, match="compares with a reference"):
        scorer.score("x")


def test_the_last_number_of_a_sentence() -> None:
    """Case eval-last-number."""
    answers = [
        "The farmer stacks 72 crates, in the end.", "So she pays $29.00", "Total: 1,200.50.",
        "That leaves -4.", "I cannot tell.", "Between 3 and 5, so 4 , roughly.", "It is 12.",
    ]  # fmt: skip
    references = ["72", "29", "1200.5", "-4", "3", "4", "12,000"]
    value = Evaluator([Numeric()]).evaluate(answers, references)["numeric"]
    assert value.rows is not None
    assert value.rows.tolist() == [1, 1, 1, 1, 0, 1, 0]
    assert (float(value), value.n) == (pytest.approx(5 / 7, abs=1e-12), 7)
    details = [Numeric().detail(*pair) for pair in zip(answers, references, strict=True)]
    unparsed = [i for i, detail in enumerate(details) if detail["number"] is None]
    assert unparsed == [4]


def test_an_empty_prediction_is_a_wrong_answer() -> None:
    """Case eval-empty-prediction."""
    predictions, references = (
        ["the gate is open", "", "no", ""],
        ["the gate is open", "the gate is shut", "no", ""],
    )
    result = Evaluator([TokenF1(), "exact_match"]).evaluate(predictions, references)
    for name in ("token_f1", "exact_match"):
        rows = result[name].rows
        assert rows is not None
        assert (rows.tolist(), float(result[name]), result[name].n) == ([1, 0, 1, 1], 0.75, 4)
    assert Rouge("L").rows(predictions[:3], references[:3]).tolist() == [1, 0, 1]
    assert Bleu().rows(predictions[:3], references[:3])[1] == 0


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("pages 3-5", 5), ("gpt-4", 4), ("x2", None), ("−7 °C", -7), ("-$5", -5), ("$-5", -5), (".5", 0.5),
        ("50%", 50), ("1e3", 1000), ("v1.2", None), ("9,99", 99), ("1,234,567", 1234567), ("1e999", None),
        ("", None),
        ("12,0000", 0), ("= -3", -3), ("(−2)", -2), ("72kg", 72),
    ],
)  # fmt: skip
def test_which_number_is_taken(text: str, number: float | None) -> None:
    assert Numeric().number(text) == number


def test_numbers_within_a_tolerance() -> None:
    assert Numeric().score("3.14", "3.1416") == 0
    assert Numeric(absolute=0.01).score("3.14", "3.1416") == 1
    assert Numeric(relative=0.01).score("99", "-100") == 0
    assert Numeric(relative=0.01).score("-99", "-100") == 1
    assert Numeric(take="first").score("3, not 4", "3") == 1
    with pytest.raises(EvaluationError, match="holds no number"):
        Numeric().score("3", "three")


def test_a_pattern_that_would_never_end_ends() -> None:
    started = time.process_time()
    assert Regex(r"(a+)+$").score("a" * 5_000 + "b") == 0
    assert time.process_time() - started < 30  # a backtracking engine needs longer than the universe


@pytest.mark.parametrize("pattern", ["(", r"(?=a)", r"(a)\1"])
def test_a_pattern_that_cannot_be_run_is_an_error(pattern: str) -> None:
    with pytest.raises(ConfigError, match="linear time"):
        Regex(pattern).score("a")


def test_a_schema_is_never_fetched() -> None:
    with pytest.raises(ConfigError, match="not fetched"):
        JsonSchema({"$ref": "http://127.0.0.1:9/schema.json"}).score("{}")


def test_the_parts_of_a_weighted_score() -> None:
    scorer = Weighted([(Contains("yes"), 3), Length(max=2), Length(max=9)])
    assert scorer.detail("oh yes") == {"score": 0.8, "parts": {"contains": 1, "length": 0, "length 2": 1}}
    assert scorer.rows(["oh yes", "no"], [None, None]).tolist() == [0.8, 0.4]
    with pytest.raises(ConfigError, match="do not lie between 0 and 1"):
        Weighted([WordErrorRate()])


def test_turned_and_cut_scores() -> None:
    assert Not(Contains("x")).rows(["x", ""], [None, None]).tolist() == [0, 1]
    assert Threshold(Rouge("L"), 0.5).rows(["a b", "a b"], ["a c", "c d"]).tolist() == [1, 0]
    assert Threshold(WordErrorRate(), 0.5).rows(["a b", "c"], ["a c", "a b"]).tolist() == [1, 0]


def test_embeddings_are_asked_for_once_a_text() -> None:
    asked: list[list[str]] = []

    async def embed(texts: list[str]) -> list[list[float]]:
        asked.append(texts)
        return [[1.0, 0.0] if "a" in text else [0.0, 2.0] for text in texts]

    rows = EmbeddingSimilarity(embed).rows(["a", "b", "", "", "b"], ["ab", "a", "a", "", ["a", "b"]])
    assert rows.tolist() == [1, 0, 0, 1, 1]
    assert asked == [["a", "ab", "b"]]
    with pytest.raises(EvaluationError, match=r"shape \(2,\)"):
        EmbeddingSimilarity(lambda texts: [1.0] * len(texts)).score("a", "b")


def test_a_metric_knows_its_direction_and_is_compared() -> None:
    references = ["one two", "three four"] * 20
    before = Evaluator([WordErrorRate()]).evaluate(["one two", "three"] * 20, references)
    after = Evaluator({"wer": WordErrorRate()}).evaluate(["one two", ""] * 20, references)
    assert before["word_error_rate"].greater_is_better is False
    assert (float(after["wer"]), after["wer"].bounds) == (0.5, (0.0, math.inf))
    after.metrics["word_error_rate"] = after["wer"]
    assert after.compare(before)["word_error_rate"].verdict == "worse"


@pytest.mark.parametrize(
    "scorer",
    [Contains(("a", "b"), every=False), Regex("x"), Rouge(2), Numeric(absolute=1), JsonSchema({"kind": "x"}),
     Threshold(Rouge("L"), 0.5), Not(Exact(casefold=True)), Weighted([(Exact(), 2), Length(max=3)])],
    ids=lambda s: s.name,
)  # fmt: skip
def test_a_scorer_comes_back_from_json(scorer: Scorer) -> None:
    assert Scorer.from_dict(scorer.to_dict()) == scorer


def test_what_has_no_json_form_says_so() -> None:
    class Own(Scorer):
        kind = "own"

    for scorer in (Own(), EmbeddingSimilarity(len), Not(Own())):
        with pytest.raises(ConfigError, match="cannot be written"):
            scorer.to_dict()
    with pytest.raises(ConfigError, match="Did you mean 'regex'"):
        Scorer.from_dict({"kind": "regexp"})


words = st.lists(st.sampled_from("abcd"), max_size=7)


@given(words, words)
def test_distances_and_subsequences_by_the_book(a: list[str], b: list[str]) -> None:
    edits, common = np.zeros((len(a) + 1, len(b) + 1)), np.zeros((len(a) + 1, len(b) + 1))
    edits[:, 0], edits[0, :] = range(len(a) + 1), range(len(b) + 1)
    for i, x in enumerate(a, 1):
        for j, y in enumerate(b, 1):
            edits[i, j] = min(edits[i - 1, j] + 1, edits[i, j - 1] + 1, edits[i - 1, j - 1] + (x != y))
            common[i, j] = common[i - 1, j - 1] + 1 if x == y else max(common[i - 1, j], common[i, j - 1])
    if b:
        assert WordErrorRate().score(" ".join(a), " ".join(b)) == pytest.approx(edits[-1, -1] / len(b))
    if a and b:
        precision, recall = common[-1, -1] / len(a), common[-1, -1] / len(b)
        f1 = 2 * precision * recall / (precision + recall) if precision else 0
        assert Rouge("L").score(" ".join(a), " ".join(b)) == pytest.approx(f1)
