"""What people met who trained on chats: the same tokens in preview, plan, training and generation."""

from pathlib import Path
from typing import Any

import pytest
from tests.unit.datasets.byte_tokens import CHATML, START, byte_tokenizer

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.masks import IGNORED
from modelops_jupyter.training import TrainingConfig, TrainingPipeline, generate, models, plan
from modelops_jupyter.training.tiny import tiny_chat_model

collators = pytest.importorskip("trl.trainer.sft_trainer")
pytestmark = pytest.mark.train
SETTINGS = TrainingConfig(method="sft", assistant_only_loss=True, max_steps=1, batch_size=2, warmup_steps=0)


def said(*texts: str) -> dict[str, Any]:
    return {"messages": [{"role": ("user", "assistant")[i % 2], "content": t} for i, t in enumerate(texts)]}


LAMP = said("Which colour is the lamp?", "Amber.")
DOOR = said("And the door?", "Blue, a dark one.", "Sure?", "Yes.")
SUNDAY = said("Is it open on a Sunday in winter?", "No.")


class Trained:
    """A tiny model with a tokenizer of one token a byte, and what its training was fed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, template: str, **special: str) -> None:
        self.model, _ = tiny_chat_model("nano").load()
        self.tokenizer = byte_tokenizer(template, **special)
        self.batches: list[dict[str, Any]] = []
        collate = collators.DataCollatorForLanguageModeling.torch_call

        def noted(collator: Any, rows: Any) -> Any:
            self.batches.append(collate(collator, rows))
            return dict(self.batches[-1])

        def load(*_: object) -> tuple[Any, Any]:
            return self.model, self.tokenizer

        monkeypatch.setattr(collators.DataCollatorForLanguageModeling, "torch_call", noted)
        monkeypatch.setattr(models, "load", load)
        monkeypatch.setattr(models, "skeleton", load)

    def run(self, ds: Dataset, folder: Path) -> list[tuple[list[int], list[int], list[int]]]:
        """Train; return ids, labels and attention of each row that was fed."""
        assert TrainingPipeline(SETTINGS, folder=folder).run(ds).complete
        (batch,) = self.batches
        columns = (batch[name].tolist() for name in ("input_ids", "labels", "attention_mask"))
        return list(zip(*columns, strict=True))


def trained_text(tokenizer: Any, labels: list[int]) -> str:
    return str(tokenizer.decode([label for label in labels if label != IGNORED]))


def test_a_template_without_marks_still_trains_on_the_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made, ds = Trained(monkeypatch, CHATML), Dataset([LAMP, DOOR])
    tokenizer = made.tokenizer
    wanted = ["Amber.<|im_end|>", "Blue, a dark one.<|im_end|>Yes.<|im_end|>"]
    for row, (text, count) in enumerate(zip(wanted, (7, 23), strict=True)):
        tokens = ds.preview_tokens(tokenizer, row).tokens
        assert sum(token.loss for token in tokens) == count
        assert "".join(token.text for token in tokens if token.loss) == text
    audit = plan("tiny", ds, SETTINGS).audit
    assert audit is not None
    assert (audit.empty, audit.unended, audit.stray) == ((), (), ())
    fed = made.run(ds, tmp_path)
    assert sorted(trained_text(tokenizer, labels) for _, labels, _ in fed) == sorted(wanted)


def test_there_is_one_start_token_and_a_prompt_is_the_beginning_of_its_row(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made, ds = Trained(monkeypatch, "{{ bos_token }}" + CHATML), Dataset([LAMP])
    sent: list[list[int]] = []

    def answer(_: Any, __: Any, prompts: list[list[int]], *___: Any) -> list[list[int]]:
        sent.extend(prompts)
        return [[4] for _ in prompts]

    monkeypatch.setattr(generate, "_answer", answer)
    generate.greedy(made.model, made.tokenizer, [LAMP["messages"][:1]], max_new_tokens=1)
    shown = list(ds.preview_tokens(made.tokenizer, 0).ids)
    ((fed, _, _),) = made.run(ds, tmp_path)
    assert [ids[:2].count(START) for ids in (shown, fed, sent[0])] == [1, 1, 1]
    assert (len(shown), len(fed)) == (53, 53)
    assert fed[: len(sent[0])] == sent[0]


def test_padding_that_is_the_end_of_turn_does_not_unteach_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = Trained(monkeypatch, CHATML, pad_token="<|im_end|>")
    fed = made.run(Dataset([LAMP, SUNDAY]), tmp_path)
    assert sum(labels.count(4) for _, labels, _ in fed) == 2
    padding = [(i, a) for _, labels, mask in fed for i, a in zip(labels, mask, strict=True) if not a]
    assert padding
    assert all(label == IGNORED for label, _ in padding)
    assert sum(label != IGNORED for _, labels, _ in fed for label in labels) == 11
