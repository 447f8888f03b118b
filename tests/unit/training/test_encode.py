"""Which tokens carry loss, and that training and generation see the same ones."""

from typing import Any

import pytest

from modelops_jupyter.errors import ConfigError
from modelops_jupyter.training.encode import IGNORED, Encoded, encode, prompt_ids
from modelops_jupyter.training.tiny import tiny_chat_model

from .conftest import CHATML

END = 4
LAMP = [
    {"role": "user", "content": "Which colour is the lamp?"},
    {"role": "assistant", "content": "Amber."},
]
DOOR = [
    {"role": "user", "content": "And the door?"},
    {"role": "assistant", "content": "Blue, a dark one."},
    {"role": "user", "content": "Sure?"},
    {"role": "assistant", "content": "Yes."},
]


def trained_texts(tokenizer: Any, row: Encoded) -> list[str]:
    """The runs of trained tokens, as text."""
    runs: list[list[int]] = [[]]
    for label in row.labels:
        if label != IGNORED:
            runs[-1].append(label)
        elif runs[-1]:
            runs.append([])
    return [tokenizer.decode(run) for run in runs if run]


def test_a_template_without_marks_trains_the_answers_and_their_end(bytes_tokenizer: Any) -> None:
    assert trained_texts(bytes_tokenizer, encode(bytes_tokenizer, LAMP)) == ["Amber.<|im_end|>"]
    row = encode(bytes_tokenizer, DOOR)
    assert trained_texts(bytes_tokenizer, row) == ["Blue, a dark one.<|im_end|>", "Yes.<|im_end|>"]
    assert row.trained == 23


def test_there_is_one_start_token_in_training_and_in_generation(bytes_tokenizer: Any) -> None:
    bytes_tokenizer.chat_template = "{{ bos_token }}" + CHATML
    row = encode(bytes_tokenizer, LAMP)
    prompt = prompt_ids(bytes_tokenizer, LAMP[:1])
    assert row.input_ids[:2].count(1) == prompt[:2].count(1) == 1
    assert len(row.input_ids) == 53
    assert row.input_ids[: len(prompt)] == prompt


def test_padding_with_the_end_token_does_not_unteach_the_end(bytes_tokenizer: Any) -> None:
    collators = pytest.importorskip("trl.trainer.sft_trainer")
    bytes_tokenizer.pad_token = bytes_tokenizer.eos_token
    rows = [
        encode(bytes_tokenizer, LAMP),
        encode(
            bytes_tokenizer,
            [
                {"role": "user", "content": "Is it open on a Sunday in winter?"},
                {"role": "assistant", "content": "No."},
            ],
        ),
    ]
    collate = collators.DataCollatorForLanguageModeling(pad_token_id=END)
    batch = collate([{"input_ids": row.input_ids, "labels": row.labels} for row in rows])
    labels, mask = batch["labels"], batch["attention_mask"]
    assert int((labels == END).sum()) == 2
    assert int(((labels != IGNORED) & (mask == 0)).sum()) == 0
    assert int((labels != IGNORED).sum()) == 11


def test_a_template_that_rewrites_earlier_turns_is_refused(bytes_tokenizer: Any) -> None:
    bytes_tokenizer.chat_template = (
        "{% for m in messages %}{% set text = m['content'] %}"
        "{% if m['role'] == 'assistant' and not loop.last %}{% set text = text[-2:] %}{% endif %}"
        "<|im_start|>{{ m['role'] }}\n{{ text }}<|im_end|>\n{% endfor %}"
    )
    with pytest.raises(ConfigError, match="changes earlier turns") as caught:
        encode(bytes_tokenizer, DOOR)
    assert caught.value.code == "mask-unknown"
    assert trained_texts(bytes_tokenizer, encode(bytes_tokenizer, LAMP)) == ["Amber.<|im_end|>"]


def test_a_turn_of_weight_zero_is_not_trained(bytes_tokenizer: Any) -> None:
    rows = [*DOOR[:1], DOOR[1] | {"weight": 0}, *DOOR[2:]]
    assert trained_texts(bytes_tokenizer, encode(bytes_tokenizer, rows)) == ["Yes.<|im_end|>"]


def test_all_tokens_are_trained_when_asked(bytes_tokenizer: Any) -> None:
    row = encode(bytes_tokenizer, LAMP, assistant_only=False)
    assert row.labels == row.input_ids


def test_a_cut_row_says_so_and_may_teach_nothing(bytes_tokenizer: Any) -> None:
    row = encode(bytes_tokenizer, LAMP, max_length=20)
    assert (row.cut, len(row.input_ids), row.trained) == (True, 20, 0)


def test_a_tokenizer_without_a_template_is_refused(bytes_tokenizer: Any) -> None:
    bytes_tokenizer.chat_template = None
    with pytest.raises(ConfigError, match="no chat template"):
        encode(bytes_tokenizer, LAMP)


@pytest.mark.parametrize("messages", [LAMP, DOOR, [{"role": "system", "content": "Be brief.\n"}, *DOOR]])
def test_our_own_template_trains_answers_with_their_end_and_nothing_else(
    messages: list[dict[str, Any]],
) -> None:
    _, tokenizer = tiny_chat_model().load()
    row = encode(tokenizer, messages)
    answers = [m["content"] + "<|end|>" for m in messages if m["role"] == "assistant"]
    assert trained_texts(tokenizer, row) == answers
    for i, message in enumerate(messages):
        if message["role"] == "assistant":
            prompt = prompt_ids(tokenizer, messages[:i])
            assert row.input_ids[: len(prompt)] == prompt


def test_the_mask_of_our_own_template_is_the_one_its_marks_give() -> None:
    _, tokenizer = tiny_chat_model().load()
    marked = tokenizer.apply_chat_template(
        DOOR, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    row = encode(tokenizer, DOOR)
    assert row.input_ids == marked["input_ids"]
    assert [label != IGNORED for label in row.labels] == [bool(bit) for bit in marked["assistant_masks"]]
