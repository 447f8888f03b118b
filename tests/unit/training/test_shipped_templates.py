"""Every chat template that TRL brings: the audit counts what TRL's collator is fed, token for token."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.datasets.byte_tokens import byte_tokenizer

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.masks import IGNORED
from modelops_jupyter.errors import ModelOpsError
from modelops_jupyter.training import TrainingPipeline, models, plan
from modelops_jupyter.training.encode import encoded_rows
from modelops_jupyter.training.tiny import tiny_chat_model

trl = pytest.importorskip("trl")
hf = pytest.importorskip("datasets")
collators = pytest.importorskip("trl.trainer.sft_trainer")
pytestmark = pytest.mark.train

SHIPPED = {path.stem: path for path in sorted((Path(trl.__file__).parent / "chat_templates").glob("*.jinja"))}
# Of models that see pictures: they write only messages whose content is a list of parts, and no text.
VISION = {"idefics3", "idefics3_training", "llava_next", "llava_next_training", "smolvlm", "smolvlm_training"}
# TRL cannot tell their answers from the rest, and refuses them; we find the answers by their place.
UNMASKED = {"gemma4", "gemma4_v2", "gemma4_v3", "gemma4_v4", "gemma4_v5", "llama3_1", "llama3_2"}
CHATS = [name for name in SHIPPED if name not in VISION]
CONTROL = re.compile(r"<[|｜][^<>'\"\s]{1,40}?>|<\w+_of_\w+>|<\w+\|>|</?s>|<eos>|\[/?\w+\]")

LONGEST = 2048  # one writes a long page of its own before the first turn
Labels = dict[tuple[int, ...], list[int]]  # the ids of a row → its labels


def said(*texts: str) -> dict[str, Any]:
    return {"messages": [{"role": ("user", "assistant")[i % 2], "content": t} for i, t in enumerate(texts)]}


ROWS = [said("Which colour?", "Amber."), said("And the door?", "Blue, a dark one.", "Sure?", "Yes.")]
QUESTIONS, ANSWERS = (
    [m["content"] for r in ROWS for m in r["messages"] if m["role"] == role] for role in ("user", "assistant")
)


def tokenizer_for(name: str) -> Any:
    """One token a byte, and one for each control token that the template writes."""
    template = SHIPPED[name].read_text("utf-8")
    tokenizer = byte_tokenizer(template)
    tokenizer.add_special_tokens({"additional_special_tokens": sorted(set(CONTROL.findall(template)))})
    return tokenizer


class Enough(Exception):
    """Ends a training that has shown its first batch."""


def fed(monkeypatch: pytest.MonkeyPatch, train: Callable[[], object]) -> Labels:
    """What TRL's own collator makes of the first batch of a training, without the padding."""
    batches: list[dict[str, Any]] = []
    collate = collators.DataCollatorForLanguageModeling.torch_call

    def noted(self: Any, rows: Any) -> Any:
        batches.append(collate(self, rows))
        raise Enough

    with monkeypatch.context() as patched:
        patched.setattr(collators.DataCollatorForLanguageModeling, "torch_call", noted)
        with pytest.raises(Enough):
            train()
    return {
        tuple(ids[real == 1].tolist()): labels[real == 1].tolist()
        for batch in batches
        for ids, labels, real in zip(
            batch["input_ids"], batch["labels"], batch["attention_mask"], strict=True
        )
    }


@pytest.fixture(scope="module")
def model() -> Any:
    """One for all: none of them gets as far as a step."""
    made, _ = tiny_chat_model("nano").load()
    made.config.max_position_embeddings = LONGEST
    return made


@pytest.fixture(params=CHATS)
def tokenizer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, model: Any) -> Any:
    return use(monkeypatch, model, request.param)


def use(monkeypatch: pytest.MonkeyPatch, model: Any, name: str) -> Any:
    """Let "tiny" be this model with a template that TRL brings."""
    tokenizer = tokenizer_for(name)

    def load(*_: object) -> tuple[Any, Any]:
        return model, tokenizer

    monkeypatch.setattr(models, "load", load)
    monkeypatch.setattr(models, "skeleton", load)
    return tokenizer


def audited(tokenizer: Any) -> Labels:
    return {tuple(row.input_ids): row.labels for row in encoded_rows(Dataset(ROWS), tokenizer).kept}


def test_a_run_feeds_what_the_audit_counted(
    tokenizer: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = {"max_steps": 1, "batch_size": 2, "warmup_steps": 0, "max_length": LONGEST}
    given = fed(monkeypatch, lambda: TrainingPipeline(settings, folder=tmp_path).run(Dataset(ROWS)))
    assert given == audited(tokenizer)
    audit = plan("tiny", Dataset(ROWS), settings).audit
    assert audit is not None
    trained = [label != IGNORED for labels in given.values() for label in labels]
    assert audit.share == sum(trained) / len(trained)
    texts = "".join(spans(tokenizer, given))
    assert all(answer in texts for answer in ANSWERS)
    assert not any(question in texts for question in QUESTIONS)
    # Only this one writes no end after the last answer.
    assert bool(audit.unended) == (tokenizer.chat_template == SHIPPED["glm4moe"].read_text("utf-8"))
    assert (audit.empty, audit.cut, audit.stray) == ((), (), ())


def test_the_labels_are_those_that_trl_alone_would_feed(
    tokenizer: Any, model: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"output_dir": str(tmp_path), "assistant_only_loss": True, "max_length": None}
    settings |= {"use_cpu": True, "bf16": False, "gradient_checkpointing": False, "report_to": "none"}
    args = trl.SFTConfig(**settings, disable_tqdm=True, per_device_train_batch_size=2)
    template, ours = str(tokenizer.chat_template), audited(tokenizer)
    table = hf.Dataset.from_list(ROWS)

    def make() -> Any:
        return trl.SFTTrainer(model=model, args=args, train_dataset=table, processing_class=tokenizer)

    if template in [SHIPPED[name].read_text("utf-8") for name in UNMASKED & SHIPPED.keys()]:
        with pytest.raises(ValueError, match="not training-compatible"):
            make()
        return
    theirs = fed(monkeypatch, lambda: make().train())
    if trl.chat_template_utils.has_generation_markers(template):
        assert ours == theirs
        return
    # TRL puts another template in the place of this one. Where that writes the same text, it may train the
    # opening of a turn and the line break after its end too; the answers are the same.
    for ids in ours.keys() & theirs.keys():
        more = [i for i, (a, b) in enumerate(zip(ours[ids], theirs[ids], strict=True)) if a != b]
        assert all(ours[ids][i] == IGNORED for i in more)
        extra = tokenizer.decode([ids[i] for i in more])
        assert not any(text in extra for text in (*QUESTIONS, *ANSWERS))


@pytest.mark.parametrize("name", sorted(VISION & SHIPPED.keys()))
def test_a_template_that_leaves_out_what_a_row_says_is_refused_before_training(
    name: str, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, model, name)
    with pytest.raises(ModelOpsError, match=r"would teach nothing|refuses the row") as caught:
        plan("tiny", Dataset(ROWS))
    assert caught.value.code in ("mask-empty", "template-refuses")


def spans(tokenizer: Any, rows: Labels) -> list[str]:
    """What is trained, as text; other tokens are a gap."""
    return [
        "".join(
            tokenizer.decode([id]) if label != IGNORED else "\0"
            for id, label in zip(ids, labels, strict=True)
        )
        for ids, labels in rows.items()
    ]
