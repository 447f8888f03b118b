"""What the trainer gets, held to what TRL itself would feed."""

from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.masks import IGNORED
from modelops_jupyter.errors import ConfigError, RowError
from modelops_jupyter.training import TrainingPipeline
from modelops_jupyter.training.encode import encoded_rows
from modelops_jupyter.training.tiny import tiny_chat_model


def said(*texts: str) -> dict[str, Any]:
    roles = ("user", "assistant")
    return {"messages": [{"role": roles[i % 2], "content": text} for i, text in enumerate(texts)]}


CHATS = [said("3rd of March, 2021", "2021-03-03"), said("Hi", "Hello.", "Where?", "Ünder the pot.\n")]
PAIRS = [{"prompt": row["messages"][:-1], "completion": row["messages"][-1:]} for row in CHATS]
TEXTS = [{"text": "Monday Tuesday"}, {"text": "one two three"}]


@pytest.mark.parametrize("rows", [CHATS, PAIRS, TEXTS], ids=["chats", "pairs", "texts"])
def test_ids_and_labels_are_those_that_trl_makes_of_the_same_rows(
    rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    trl, hf = pytest.importorskip("trl"), pytest.importorskip("datasets")
    model, tokenizer = tiny_chat_model().load()
    config = trl.SFTConfig(
        output_dir=str(tmp_path),
        assistant_only_loss=rows is not TEXTS,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        report_to="none",
        disable_tqdm=True,
    )
    trainer = trl.SFTTrainer(
        model=model, args=config, train_dataset=hf.Dataset.from_list(rows), processing_class=tokenizer
    )
    ours = encoded_rows(Dataset(rows), tokenizer).kept
    theirs = trainer.train_dataset
    assert [row.input_ids for row in ours] == [list(ids) for ids in theirs["input_ids"]]
    if rows is TEXTS:
        assert all(row.labels == row.input_ids for row in ours)
    else:
        assert [row.labels for row in ours] == [list(labels) for labels in theirs["labels"]]


def test_the_batches_that_a_run_trains_on_are_the_previews(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collators = pytest.importorskip("trl.trainer.sft_trainer")
    batches: list[dict[str, Any]] = []
    collate = collators.DataCollatorForLanguageModeling.torch_call

    def noted(self: Any, rows: Any) -> Any:
        batches.append(collate(self, rows))
        return batches[-1]

    monkeypatch.setattr(collators.DataCollatorForLanguageModeling, "torch_call", noted)
    ds = Dataset(CHATS)
    TrainingPipeline({"epochs": 1, "batch_size": 2, "max_steps": 1}, folder=tmp_path).run(ds)
    _, tokenizer = tiny_chat_model().load()
    shown = [ds.preview_tokens(tokenizer, i) for i in range(2)]
    fed = {
        tuple(ids[mask == 1].tolist()): (labels[mask == 1] != IGNORED).tolist()
        for batch in batches
        for ids, labels, mask in zip(
            batch["input_ids"], batch["labels"], batch["attention_mask"], strict=True
        )
    }
    assert fed == {tuple(row.ids): [token.loss for token in row.tokens] for row in shown}
    assert all((batch["labels"][batch["attention_mask"] == 0] == IGNORED).all() for batch in batches)


def test_rows_of_other_formats_and_broken_rows_are_refused() -> None:
    _, tokenizer = tiny_chat_model().load()
    with pytest.raises(ConfigError, match="'preference' cannot be trained on") as caught:
        encoded_rows(Dataset([{"prompt": "q", "chosen": "a", "rejected": "b"}]), tokenizer)
    assert caught.value.code == "format-not-trainable"
    with pytest.raises(RowError):
        encoded_rows(Dataset.from_text('{"text": "a"}\n{"text"\n'), tokenizer)
    tokenizer.chat_template = None
    with pytest.raises(ConfigError, match="no chat template"):
        encoded_rows(Dataset([{"prompt": "q", "completion": "a"}]), tokenizer)
    assert encoded_rows(Dataset([{"text": "a"}]), tokenizer).kept[0].trained == 2
