"""Adapters and preferences change what a model says, judged by its greedy answers."""

from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter import Dataset
from modelops_jupyter.datasets.masks import Message
from modelops_jupyter.fine_tuning import FineTunedModel
from modelops_jupyter.training import TrainingPipeline, TrainingRun, generate

pytest.importorskip("trl")
pytestmark = pytest.mark.train
WORDS = "red blue green black white grey pink brown day night week month year hour north south".split()
PROMPTS = [f"Say {word}." for word in WORDS]


def rows(answers: dict[str, str]) -> list[dict[str, str]]:
    return [{"prompt": prompt, "completion": answer} for prompt, answer in answers.items()]


BARE = dict(zip(PROMPTS, WORDS, strict=True))
POLITE = {prompt: f"Here you are: {word}" for prompt, word in BARE.items()}
LOUD = {prompt: f"{word}! {word}!" for prompt, word in BARE.items()}


def share(model: FineTunedModel, wanted: dict[str, str]) -> float:
    answers = model.generate(PROMPTS, max_new_tokens=40)
    return sum(a == wanted[p] for a, p in zip(answers, PROMPTS, strict=True)) / len(PROMPTS)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> TrainingRun:
    """A model of two styles, the bare one more often."""
    both = Dataset.from_records([*rows(BARE), *rows(BARE), *rows(POLITE)])
    settings = {"max_steps": 100, "batch_size": 16, "save_steps": 1000}
    return TrainingPipeline(settings, folder=tmp_path_factory.mktemp("base")).run(both)


@pytest.fixture(scope="module")
def adapted(base: TrainingRun, tmp_path_factory: pytest.TempPathFactory) -> TrainingRun:
    settings = {"method": "lora", "max_steps": 60, "batch_size": 16, "save_steps": 1000}
    folder = tmp_path_factory.mktemp("lora")
    return TrainingPipeline(settings, model=base, folder=folder).run(Dataset.from_records(rows(LOUD)))


def test_an_adapter_teaches_a_new_way_of_answering(base: TrainingRun, adapted: TrainingRun) -> None:
    assert share(FineTunedModel(base.path), BARE) >= 0.8
    assert share(FineTunedModel(base.path), LOUD) == 0
    assert share(FineTunedModel(adapted.path), LOUD) >= 0.8


def test_without_its_adapter_the_model_is_the_base_to_the_token(
    base: TrainingRun, adapted: TrainingRun
) -> None:
    peft: Any = pytest.importorskip("peft")
    untouched, tokenizer = base.load()
    wrapped = peft.PeftModel.from_pretrained(base.load()[0], adapted.path / "adapter").eval()
    asked: list[list[Message]] = [[{"role": "user", "content": prompt}] for prompt in PROMPTS]

    def tokens(model: Any) -> list[list[int]]:
        return generate.greedy_ids(model, tokenizer, asked, max_new_tokens=24)

    with wrapped.disable_adapter():
        assert tokens(wrapped) == tokens(untouched)
    merged, _ = adapted.load()
    assert tokens(wrapped) == tokens(merged) != tokens(untouched)


@pytest.mark.parametrize("adapter", [{}, {"lora_r": 16}], ids=["all weights", "adapter"])
def test_preferences_change_the_style(base: TrainingRun, adapter: dict[str, Any], tmp_path: Path) -> None:
    pairs = [{"prompt": p, "chosen": POLITE[p], "rejected": BARE[p]} for p in PROMPTS]
    settings = {"method": "dpo", "max_steps": 40, "batch_size": 16, "save_steps": 1000}
    run = TrainingPipeline({**settings, **adapter}, model=base, folder=tmp_path).run(
        Dataset.from_records(pairs)
    )
    assert share(FineTunedModel(base.path), POLITE) <= 0.2
    assert share(FineTunedModel(run.path), POLITE) >= 0.8
    assert (run.path / "adapter").is_dir() == bool(adapter)
