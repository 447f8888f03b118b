"""Rows with several labels go everywhere that rows with one label go."""

import json
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import (
    AUCROCMetric,
    AveragePrecisionMetric,
    EvaluationResult,
    Gate,
    ModelEvaluator,
)
from modelops_jupyter.notebook import display
from modelops_jupyter.notebook.widgets import MetricsExplorer

RNG = np.random.default_rng(0)
Y = (RNG.random((200, 4)) < 0.3).astype(int)
S = np.clip(Y * 0.3 + RNG.random((200, 4)) * 0.7, 0, 1)
Q = (S > 0.5).astype(int)
NAMES = ["red", "blue", "green", "grey"]


def measured(scores: Any = S, predicted: Any = Q, metrics: Any = ("f1", "auc_roc", "ks")) -> EvaluationResult:
    return ModelEvaluator("multilabel", list(metrics)).evaluate(Y, predicted, scores=scores)


@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_areas_are_those_of_scikit_learn(average: Any) -> None:
    found = measured(metrics=[AUCROCMetric(average=average), AveragePrecisionMetric(average=average)])
    assert found["auc_roc"] == pytest.approx(sk.roc_auc_score(Y, S, average=average))
    assert found["average_precision"] == pytest.approx(sk.average_precision_score(Y, S, average=average))
    assert found["auc_roc"].low < found["auc_roc"] < found["auc_roc"].high


def test_sets_by_name_give_the_same_area_as_a_matrix() -> None:
    def sets(matrix: Any) -> list[set[str]]:
        return [{NAMES[i] for i in np.flatnonzero(row)} for row in matrix]

    named = ModelEvaluator("multilabel", ["auc_roc"], labels=NAMES).evaluate(sets(Y), sets(Q), scores=S)
    assert named["auc_roc"] == measured()["auc_roc"]


def test_a_label_that_no_row_has_is_named() -> None:
    none = Y.copy()
    none[:, 2] = 0
    value = ModelEvaluator("multilabel", ["auc_roc"]).evaluate(none, Q, scores=S)["auc_roc"]
    assert np.isnan(value)
    assert value.undefined == "class 2 never occurs"


def test_there_is_no_average_but_these() -> None:
    with pytest.raises(ConfigError, match="one against the rest"):
        AUCROCMetric(average="ovo")  # type: ignore[arg-type]


def test_scores_need_a_column_per_label() -> None:
    with pytest.raises(EvaluationError, match="4 classes and 2 score columns"):
        measured(S[:, :2])


def test_a_set_is_right_as_a_whole() -> None:
    right = (Y == Q).all(axis=1)
    assert len(measured().examples(correct=True)) == right.sum()
    assert measured().by({"half": np.arange(200) % 2}).slices[0].n == 100


def test_comparison_gate_search_and_files_take_sets() -> None:
    after, before = measured(), measured(RNG.permutation(S), RNG.permutation(Q))
    assert {row.name: row.verdict for row in after.compare(before).rows}["auc_roc"] == "better"
    assert Gate("auc_roc", min_value=0.5).check(after)
    assert after.worst_slices({"half": np.arange(200) % 2}).summary
    assert EvaluationResult.from_json(after.to_json())["auc_roc"] == after["auc_roc"]


def test_the_notebook_shows_sets() -> None:
    text = display.told(measured())[0]["text/html"]
    assert f"{200 - int((Y == Q).all(axis=1).sum())} of 200 rows are wrong" in text
    spec = MetricsExplorer(measured())._spec
    assert {answer["op"] for answer in spec["answers"]} == {"result", "examples"}
    json.dumps(spec)
