"""evaluate_model: anything that answers, on the rows of a dataset."""

import json
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter import Dataset
from modelops_jupyter.errors import (
    ConfigError,
    EmptyInputError,
    EvaluationError,
    JobError,
    LengthMismatchError,
)
from modelops_jupyter.evaluation import Predictions, Prompt, TaskType, evaluate_model

CHAT = Dataset.from_records(
    [
        {"messages": [{"role": "user", "content": f"{a}+{b}"}, {"role": "assistant", "content": str(a + b)}]}
        for a in range(5)
        for b in range(5)
    ],
    name="sums",
)


def adds(prompts: list[str]) -> list[str]:
    return [str(sum(map(int, p.split("+")))) for p in prompts]


async def adds_later(prompts: list[str]) -> list[str]:
    return adds(prompts)


class Adder:
    name = "adder"

    def predict(self, dataset: Dataset) -> Predictions:
        return Predictions([" 4" for _ in range(len(dataset))], dataset=dataset)


@pytest.mark.parametrize("model", [adds, adds_later])
def test_a_function_sync_or_async_gets_prompts_and_gives_texts(model: Any) -> None:
    result = evaluate_model(model, CHAT)
    assert result["exact_match"] == 1.0
    assert result["exact_match"].low > 0.8
    assert (result.task_type, result.sample_count) == (TaskType.GENERATION, 25)
    assert result.ids == tuple(CHAT.ids)
    assert result.title == f"{model.__name__} on sums"
    assert result.metadata["dataset"] == CHAT.fingerprint


def test_a_model_with_predict_is_asked_for_the_dataset() -> None:
    result = evaluate_model(Adder(), CHAT, title="four")
    assert result.title == "four"
    assert result["exact_match"] == pytest.approx(5 / 25)
    wrong = result.examples(correct=False)
    assert len(wrong) == 20
    assert (wrong[0].prompt, wrong[0].reference, wrong[0].prediction) == ("0+0", "0", " 4")
    assert wrong.dataset is not None
    assert list(wrong.dataset.ids) == [e.id for e in wrong]


def test_predict_may_return_plain_texts() -> None:
    class Plain:
        def predict(self, dataset: Dataset) -> list[str]:
            return ["4"] * len(dataset)

    assert evaluate_model(Plain(), CHAT)["exact_match"] == pytest.approx(0.2)


def test_before_and_after_are_compared_by_id() -> None:
    comparison = evaluate_model(adds, CHAT).compare(evaluate_model(Adder(), CHAT))
    assert comparison.paired_by == "id"
    assert comparison["exact_match"].discordant == (20, 0)
    assert comparison.verdict == "better"


def test_prompts_carry_their_turns_and_completions_work() -> None:
    seen: list[Prompt] = []

    def model(prompts: list[Prompt]) -> list[str]:
        seen.extend(prompts)
        return ["x"] * len(prompts)

    chat = Dataset.from_records(
        [
            {
                "messages": [
                    {"role": "system", "content": "be brief"},
                    {"role": "user", "content": "hi"},
                    {"role": "assistant", "content": "x"},
                ]
            }
        ]
    )
    assert evaluate_model(model, chat)["exact_match"] == 1.0
    assert seen[0] == "system: be brief\nuser: hi"
    assert seen[0].messages[1] == {"role": "user", "content": "hi"}
    pairs = Dataset.from_records([{"prompt": "say x", "completion": " x"}])
    assert evaluate_model(model, pairs)["exact_match"] == 1.0
    assert seen[1] == "say x"


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("tiny", ["load_model('tiny')"]),
        (3, ["int", "predict(dataset)"]),
        (lambda prompts: "one", ["str", "one text per prompt"]),
        (lambda prompts: [1] * len(prompts), ["one str per row"]),
        (lambda prompts: ["a"], ["1 answers for 25"]),
    ],
)
def test_what_cannot_answer_is_refused_with_the_way_on(model: Any, words: list[str]) -> None:
    with pytest.raises(EvaluationError) as caught:
        evaluate_model(model, CHAT)
    for word in words:
        assert word in str(caught.value)


def test_an_empty_dataset_is_an_error_and_a_models_own_error_passes_through() -> None:
    with pytest.raises(EmptyInputError):
        evaluate_model(adds, Dataset())

    class Running:
        def predict(self, dataset: Dataset) -> Predictions:
            raise JobError("34 % done", hint="Call job.wait() first.")

    with pytest.raises(JobError, match="34 % done"):
        evaluate_model(Running(), CHAT)


MOODS = Dataset.from_records(
    [{"prompt": f"{i}", "completion": " good" if i % 3 else " bad"} for i in range(30)], name="moods"
)


def moody(prompts: list[str]) -> list[str]:
    return ["good" if int(p) % 3 else ("bad\n" if int(p) % 2 else "who knows") for p in prompts]


def test_few_distinct_references_may_be_evaluated_as_labels() -> None:
    result = evaluate_model(moody, MOODS, metrics=["exact_match", "accuracy", "f1"])
    assert list(result) == ["exact_match", "accuracy", "f1"]
    assert result["exact_match"] == result["accuracy"] == pytest.approx(25 / 30)
    assert result.task_type is TaskType.MULTICLASS_CLASSIFICATION
    assert result["f1"] == pytest.approx((1.0 + 2 / 3) / 2)
    assert result.metadata["other_answers"] == 5
    assert result.confusion is not None
    assert result.examples(true="bad", correct=False)[0].prediction == "who knows"
    comparison = result.compare(
        evaluate_model(lambda p: ["good"] * len(p), MOODS, metrics=["exact_match", "f1"])
    )
    assert [r.name for r in comparison.rows] == ["exact_match", "f1"]


def test_a_positive_class_makes_two_labels_binary() -> None:
    result = evaluate_model(moody, MOODS, metrics=["f1", "recall"], positive_class="bad")
    assert result.task_type is TaskType.BINARY_CLASSIFICATION
    assert result["recall"] == pytest.approx(0.5)


def test_free_text_is_no_label() -> None:
    many = Dataset.from_records([{"prompt": "a", "completion": f" {i}"} for i in range(60)])
    with pytest.raises(EvaluationError, match="exact_match"):
        evaluate_model(lambda p: ["a"] * len(p), many, metrics=["f1"])
    with pytest.raises(ConfigError, match="exact_match"):
        evaluate_model(adds, CHAT, metrics=["exact_mach"])


def test_functions_are_metrics_here_too() -> None:
    result = evaluate_model(adds, CHAT, metrics={"one_digit": lambda p, r: [len(t) == 1 for t in p]})
    assert result["one_digit"] == 1.0


def test_predictions_are_a_sequence_that_writes_jsonl(tmp_path: Path) -> None:
    found = Predictions(["a", "b"], ids=["1", "2"], prompts=["p", "q"], references=["a", "c"])
    assert list(found) == ["a", "b"]
    assert found[1:] == ("b",)
    found.to_jsonl(tmp_path / "p.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text(encoding="utf-8").splitlines()]
    assert rows[1] == {"prediction": "b", "id": "2", "prompt": "q", "reference": "c"}
    assert "2 texts" in repr(found)
    with pytest.raises(LengthMismatchError, match="ids"):
        Predictions(["a"], ids=["1", "2"])
