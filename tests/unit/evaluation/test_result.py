"""EvaluationResult and MetricValue: text, JSON, rows behind the numbers, built by hand."""

import json
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import (
    EvaluationResult,
    MetricValue,
    ModelEvaluator,
    TaskType,
    create_evaluator,
)
from modelops_jupyter.evaluators import Evaluator

Y, P = ["cat", "dog", "cat", "cow"], ["cat", "cat", "cat", "cow"]
RESULT = create_evaluator("multiclass").evaluate(Y, P, ids="abcd")


def test_a_value_is_a_float_that_prints_its_interval() -> None:
    value = RESULT["accuracy"]
    assert isinstance(value, float)
    assert value + 0.25 == 1.0
    assert str(value) == "0.750 [0.301, 0.954] n=4"
    assert repr(value) == "MetricValue(0.750 [0.301, 0.954] n=4)"


@pytest.mark.parametrize(
    "value",
    [
        MetricValue(0.5, low=0.1, high=0.9, n=7, rows=[1.0, math.nan], bounds=(0, 1), label="x"),
        MetricValue(math.nan, error="boom"),
    ],
)
def test_a_value_survives_pickle_and_json(value: MetricValue) -> None:
    for copy in (
        pickle.loads(pickle.dumps(value)),
        MetricValue.from_dict(json.loads(json.dumps(value.to_dict()))),
    ):
        assert json.dumps(copy.to_dict()) == json.dumps(value.to_dict())


def test_every_number_of_the_text_form_stands_beside_its_interval() -> None:
    lines = str(RESULT).splitlines()
    assert lines[0] == "Multiclass classification: 4 rows"
    assert lines[1].split() == ["metric", "value", "95", "%", "interval", "n", "method"]
    assert all("[" in line for line in lines[2:])
    assert repr(RESULT) == str(RESULT) == str(create_evaluator("multiclass").evaluate(Y, P, ids="abcd"))


@pytest.mark.parametrize(
    "result",
    [
        RESULT,
        ModelEvaluator("binary", positive_class="b").evaluate(
            ["a", "b", "b"], ["a", "b", "a"], scores=[0.1, math.inf, 0.5], weights=[1, 2, 1]
        ),
        create_evaluator("regression").evaluate([1.5, 2, 4], [1, 2, 3.5], ids=[1, 2, 3]),
        create_evaluator("multiclass").evaluate([2**70, 1], [2**70, 2]),
        create_evaluator("multiclass", labels=["x", "y"]).evaluate(["x", "y"], ["x", "z"]),
        Evaluator(["exact_match", "length_ratio"]).evaluate(["a", "b"], ["a", ""]),
        Evaluator({"mine": lambda p, r: [0.5] * len(p)}).evaluate(["a", "b"], ["a", "c"], ids="ab"),
        EvaluationResult({"accuracy": 0.9}, "binary", 10, {"model": "v1"}),
    ],
)
def test_a_result_survives_json_with_its_rows(result: EvaluationResult, tmp_path: Path) -> None:
    copy = EvaluationResult.from_json(result.to_json())
    assert copy == result
    assert str(copy) == str(result)
    result.to_json(tmp_path / "r.json")
    again = EvaluationResult.from_json(tmp_path / "r.json")
    assert again == result
    if result.confusion is not None:
        assert again.confusion is not None
        assert again.confusion.to_dict() == result.confusion.to_dict()
    if result.rows is not None:
        assert [r.p for r in again.compare(copy).rows] == [r.p for r in result.compare(result).rows]


def test_a_result_is_built_by_hand_from_numbers() -> None:
    result = EvaluationResult(
        {"accuracy": 0.9, "mine": 3}, TaskType.BINARY_CLASSIFICATION, 10, {"model": "v1"}
    )
    assert result.metrics == {"accuracy": 0.9, "mine": 3.0}
    assert result.metadata == {"model": "v1"}
    assert str(result["accuracy"]) == "0.900 no interval n=10"
    assert (result["accuracy"].label, result["mine"].label) == ("Accuracy", "mine")
    assert result.confusion is None
    assert result.per_class() == ()
    with pytest.raises(EvaluationError, match="no rows"):
        result.examples()


def test_texts_are_right_where_the_first_metric_says_so() -> None:
    def first_letter(predictions: list[str], references: list[str]) -> list[bool]:
        return [p[:1] == r[:1] for p, r in zip(predictions, references, strict=True)]

    def longer(predictions: list[str], references: list[str]) -> list[float]:
        return [len(p) / len(r) for p, r in zip(predictions, references, strict=True)]

    said, true = ["in 1969", "maybe", "no"], ["in 1969.", "yes", "no"]
    wrong = [Evaluator(m).evaluate(said, true).examples(correct=False) for m in ([first_letter], [longer])]
    assert [[e.position for e in found] for found in wrong] == [[1], [0, 1]]


def test_an_unknown_metric_names_the_nearest_and_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="Did you mean 'accuracy'"):
        RESULT["acuracy"]


def test_examples_are_the_rows_of_a_cell_or_the_wrong_ones() -> None:
    found = RESULT.examples(true="dog", predicted="cat")
    assert len(found) == 1
    example = found[0]
    assert (example.position, example.id, example.reference, example.prediction) == (1, "b", "dog", "cat")
    assert example.correct is False
    assert [e.position for e in RESULT.examples(correct=True)] == [0, 2, 3]
    assert [e.position for e in RESULT.examples(correct=True)[1:]] == [2, 3]
    assert len(RESULT.examples()) == 4
    assert "prediction" in repr(found)
    assert repr(RESULT.examples(true="none")) == "no examples"


def test_measured_numbers_are_not_right_or_wrong() -> None:
    result = create_evaluator("regression").evaluate([1.0, 2.0], [1.0, 3.0])
    assert result.examples()[0].correct is None
    with pytest.raises(EvaluationError, match="not right or wrong"):
        result.examples(correct=False)


def test_hostile_text_is_made_visible() -> None:
    result = create_evaluator("multiclass").evaluate(["a\u202e", "b\x1b"], ["a\u202e", "a\u202e"])
    result.title = "t\u202e"
    text = "\n".join([str(result), repr(result.examples()), str(result.confusion)])
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_per_class_numbers_are_those_of_the_matrix() -> None:
    per_class = {c.label: c for c in RESULT.per_class()}
    assert float(per_class["cat"].precision) == pytest.approx(2 / 3)
    assert float(per_class["dog"].recall) == 0.0
    assert per_class["dog"].precision.undefined


def test_notices_say_what_deserves_a_second_look() -> None:
    result: Any = ModelEvaluator("binary").evaluate(
        [0, 1, 0, 1], [0, 1, 0, 1], scores=np.array([0.9, 0.1, 0.8, 0.2])
    )
    assert any("below 0.5" in n for n in result.notices)
    assert "below 0.5" in str(result)
