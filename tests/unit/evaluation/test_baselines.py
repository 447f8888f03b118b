"""What a model must beat, and what it must not lose."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from modelops_jupyter import Dataset
from modelops_jupyter.errors import ConfigError, EvaluationError, JobError
from modelops_jupyter.evaluation import EvaluationResult, evaluate_model
from modelops_jupyter.evaluation.baselines import BASE, MAJORITY, NEAREST, nearest
from modelops_jupyter.evaluation.forgetting import neutral_texts
from modelops_jupyter.evaluation.suites import BenchmarkCase, BenchmarkSuite

COLOURS = ["red", "red", "red", "green", "blue"]
TRAIN = Dataset.from_records(
    [{"prompt": f"what colour has thing {i}", "completion": COLOURS[i % 5]} for i in range(100)]
)
TEST = Dataset.from_records(
    [{"prompt": f"colour of thing {i}?", "completion": COLOURS[i % 5]} for i in range(60)], name="things"
)


class Base:
    """A model that says one thing, and knows a loss for every text."""

    def __init__(self, says: str = "blue", loss: float = 2.0) -> None:
        self.says, self.loss = says, loss

    def predict(self, dataset: Dataset) -> list[str]:
        return [self.says] * len(dataset)

    def token_loss(self, texts: Sequence[str]) -> tuple[list[float], list[int]]:
        counts = [len(text.split()) for text in texts]
        return [self.loss * n + 0.1 * (i % 3) for i, n in enumerate(counts)], counts


class Tuned(Base):
    """A model that knows where it comes from."""

    trained_on = TRAIN

    def __init__(self, base: Base, **options: Any) -> None:
        super().__init__(**options)
        self.base = base

    def predict(self, dataset: Dataset) -> list[str]:
        return [COLOURS[i % 5] if i % 10 else "?" for i in range(len(dataset))]


def test_a_model_is_measured_beside_its_base_the_majority_and_the_nearest_row() -> None:
    result = evaluate_model(Tuned(Base()), TEST)
    assert list(result.baselines) == [BASE, MAJORITY, NEAREST]
    assert [float(b["exact_match"]) for b in result.baselines.values()] == pytest.approx([0.2, 0.6, 1.0])
    against = result.against_baselines
    assert against is not None
    assert [r.verdict for r in against.rows] == ["better", "better", "worse"]
    assert against.rows[0].row.difference == pytest.approx(0.9 - 0.2)
    assert against.rows[1].p_adjusted > against.rows[1].row.p
    lines = str(result).splitlines()
    assert lines[1].startswith("against")
    assert lines[2].startswith(BASE)
    assert lines[5].startswith("metric")
    with pytest.raises(Exception, match="mess"):
        evaluate_model(Tuned(Broken()), TEST)


class Broken(Base):
    def predict(self, dataset: Dataset) -> list[str]:
        raise ZeroDivisionError("a mess")


def test_a_base_that_cannot_be_had_costs_a_sentence_not_the_evaluation() -> None:
    class Hosted(Tuned):
        @property
        def base(self) -> Any:
            raise JobError("The model is at the service.")

        @base.setter
        def base(self, value: Any) -> None: ...

    result = evaluate_model(Hosted(Base()), TEST)
    assert list(result.baselines) == [MAJORITY, NEAREST]
    assert "No base model: The model is at the service." in result.notices


def test_baselines_are_asked_only_when_wanted() -> None:
    model = Tuned(Base())
    assert evaluate_model(model, TEST, baselines=None).baselines == {}
    assert list(evaluate_model(model, TEST, baselines=[NEAREST]).baselines) == [NEAREST]
    with pytest.raises(ConfigError, match="majority answer"):
        evaluate_model(model, TEST, baselines="majority")
    plain = evaluate_model(lambda prompts: ["red"] * len(prompts), TEST)
    assert list(plain.baselines) == [MAJORITY]
    assert plain.baselines[MAJORITY]["exact_match"] == 0.6
    unlike = Dataset.from_records([{"prompt": str(i), "completion": str(i)} for i in range(50)])
    assert evaluate_model(lambda prompts: list(prompts), unlike).baselines == {}
    missing = evaluate_model(lambda prompts: list(prompts), unlike, baselines=[BASE])
    assert "the model does not tell" in missing.notices[0]


def test_a_result_keeps_its_baselines_in_json() -> None:
    result = evaluate_model(Tuned(Base()), TEST, metrics=["accuracy", "f1"], retain=True)
    again = EvaluationResult.from_json(result.to_json())
    assert str(again.against_baselines) == str(result.against_baselines)
    assert again.retained == result.retained
    assert again == result


def test_the_nearest_prompt_shares_the_telling_words() -> None:
    known = ["the cat sat on the mat", "the dog sat on the rug", "the bird flew"]
    assert nearest(known, ["a bird on the roof", "dog", "the the the cat", "nothing shared"]) == [2, 1, 0, 0]
    rng, words = np.random.default_rng(0), [f"w{i}" for i in range(60)]
    texts = [" ".join(rng.choice(words, 6)) for _ in range(80)]
    assert nearest(texts, texts) == [texts.index(text) for text in texts]


def test_zero_training_steps_forget_exactly_nothing() -> None:
    base = Base(loss=3.0)
    (found,) = evaluate_model(Tuned(base, loss=3.0), TEST, retain=True).retained
    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)
    assert found.verdict == "no difference shown"
    assert found.n == len(neutral_texts()) == 60


def test_what_was_lost_is_said_with_its_interval() -> None:
    model = Tuned(Base(loss=2.0), loss=2.3)
    loss, task = evaluate_model(model, TEST, retain=[TEST]).retained
    assert loss.difference == pytest.approx(0.3)
    assert loss.verdict == "worse"
    assert "Loss per token of neutral text: 2." in str(loss)
    assert (task.name, task.verdict) == ("Exact match on things", "better")
    with pytest.raises(EvaluationError, match="before training"):
        evaluate_model(Base(), TEST, retain=True)
    with pytest.raises(ConfigError, match="retain="):
        evaluate_model(model, TEST, retain=3)

    class Same(Tuned):
        predict = Base.predict

    unsure = evaluate_model(Same(Base()), TEST, retain=[TEST]).retained[1]
    assert (unsure.difference, unsure.verdict) == (0.0, "no difference shown")


def test_a_suite_must_still_pass() -> None:
    suite = BenchmarkSuite(
        "colours", "1", [BenchmarkCase("a", "thing 1", "red"), BenchmarkCase("b", "2", "red")]
    )

    class Talks(Tuned):
        def generate(self, prompts: Sequence[str]) -> list[str]:
            return [self.says for _ in prompts]

    base = Talks(Base(), says="red")
    (_, kept) = evaluate_model(Talks(base, says="blue"), TEST, retain=suite).retained
    assert (kept.difference, kept.n) == (-1.0, 2)
    assert kept.name.endswith("on colours")
    with pytest.raises(EvaluationError, match="one prompt at a time"):
        evaluate_model(Tuned(Base()), TEST, retain=suite)


def test_neutral_texts_are_sixty_plain_sentences() -> None:
    texts = neutral_texts()
    assert len(set(texts)) == 60
    assert all(text.isascii() and text.endswith(".") and 30 <= len(text) <= 90 for text in texts)


def test_rare_and_repeated_words_weigh_more_in_the_nearest_prompt() -> None:
    often = ["pear pear apple", "pear apple apple"]
    assert nearest(often, ["apple", "apple apple apple pear", "pear pear pear apple"]) == [1, 1, 0]
    rare = ["common", "rare one two three", *(f"common {i}x" for i in range(20))]
    assert nearest(rare, ["common rare"]) == [1]
    beside = ["target rare", "target common", *(f"common {i}x" for i in range(20))]
    assert nearest(beside, ["target"]) == [1]  # a common word beside it takes less away
