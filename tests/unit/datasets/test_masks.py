"""Which tokens carry loss, and that training and generation see the same ones."""

from typing import Any

import pytest

from modelops_jupyter.datasets.chat import Chat
from modelops_jupyter.datasets.masks import IGNORED, Encoded, encode, lay, prompt_ids
from modelops_jupyter.errors import ConfigError, DatasetError
from modelops_jupyter.training.tiny import tiny_chat_model

from .byte_tokens import BRACKETS, CHATML, END, FORGETFUL, byte_tokenizer

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


def test_a_template_without_marks_trains_the_answers_and_their_end() -> None:
    tokenizer = byte_tokenizer()
    assert trained_texts(tokenizer, encode(tokenizer, LAMP)) == ["Amber.<|im_end|>"]
    row = encode(tokenizer, DOOR)
    assert trained_texts(tokenizer, row) == ["Blue, a dark one.<|im_end|>", "Yes.<|im_end|>"]
    assert row.trained == 23


def test_there_is_one_start_token_in_training_and_in_generation() -> None:
    tokenizer = byte_tokenizer("{{ bos_token }}" + CHATML)
    row = encode(tokenizer, LAMP)
    prompt = prompt_ids(tokenizer, LAMP[:1])
    assert row.input_ids[:2].count(1) == prompt[:2].count(1) == 1
    assert len(row.input_ids) == 53
    assert row.input_ids[: len(prompt)] == prompt


def test_padding_with_the_end_token_does_not_unteach_the_end() -> None:
    collators = pytest.importorskip("trl.trainer.sft_trainer")
    tokenizer = byte_tokenizer(pad_token="<|im_end|>")
    rows = [
        encode(tokenizer, LAMP),
        encode(
            tokenizer,
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


def test_a_template_that_rewrites_earlier_turns_trains_what_it_writes() -> None:
    turns = [
        {"role": "user", "content": "6 * 7?"},
        {"role": "assistant", "content": "<think>six</think>\n42"},
    ]
    more = [{"role": "user", "content": "+ 1?"}, {"role": "assistant", "content": "<think>one</think>\n43"}]
    row = encode(byte_tokenizer(FORGETFUL), turns + more)
    assert trained_texts(byte_tokenizer(), row) == ["42<|im_end|>", "<think>one</think>\n43<|im_end|>"]
    first = encode(byte_tokenizer(FORGETFUL), turns)
    assert trained_texts(byte_tokenizer(), first) == ["<think>six</think>\n42<|im_end|>"]


def test_a_template_without_an_opening_for_the_answer_trains_the_answer() -> None:
    row = encode(byte_tokenizer(BRACKETS, eos_token="</s>"), [*LAMP, *DOOR])
    assert trained_texts(byte_tokenizer(), row) == ["Amber.</s>", "Blue, a dark one.</s>", "Yes.</s>"]


def test_a_token_that_begins_before_the_answer_and_reaches_into_it_is_trained() -> None:
    tokenizers = pytest.importorskip("tokenizers")
    tokenizer = byte_tokenizer(BRACKETS)
    words = tokenizers.Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    words.add_tokens([" Amber"])
    tokenizer._tokenizer = words
    assert trained_texts(tokenizer, encode(tokenizer, LAMP)) == [" Amber.<|im_end|>"]


MARKED = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% if m['role'] == 'assistant' %}"
    "{% generation %}{{ m['content'] }}<|im_end|>{% endgeneration %}{% else %}{{ m['content'] }}<|im_end|>"
    "{% endif %}{% endfor %}"
)


def test_a_template_that_marks_what_is_learned_is_believed() -> None:
    tokenizer = byte_tokenizer(
        MARKED.replace("<|im_end|>{% endgen", "{% endgen").replace(
            "tion %}{% else", "tion %}<|im_end|>{% else"
        )
    )
    assert trained_texts(tokenizer, encode(tokenizer, DOOR)) == ["Blue, a dark one.", "Yes."]


def test_turns_that_end_otherwise_than_the_last_are_trained_with_their_own_end() -> None:
    ends = CHATML.replace("<|im_end|>", "{% if loop.last %}<|im_end|>{% else %}</s>{% endif %}")
    row = encode(byte_tokenizer(ends), DOOR)
    assert trained_texts(byte_tokenizer(), row) == ["Blue, a dark one.</s>", "Yes.<|im_end|>"]


def test_arguments_are_objects_for_the_template_and_text_for_one_that_wants_text() -> None:
    call = {"type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    turns = [*LAMP[:1], {"role": "assistant", "content": None, "tool_calls": [call]}]
    head = "<|im_start|>{{ m['role'] }}\n{% for c in m.tool_calls or [] %}"
    for write in ("{{ c.function.arguments.a }}", "{{ 'text ' + c.function.arguments }}"):
        template = (
            "{% for m in messages %}" + head + write + "{% endfor %}{{ m['content'] }}<|im_end|>{% endfor %}"
        )
        row = encode(byte_tokenizer(template), turns)
        wanted = "1<|im_end|>" if "text" not in write else 'text {"a": 1}<|im_end|>'
        assert trained_texts(byte_tokenizer(), row) == [wanted]


def test_a_line_break_after_the_end_of_a_turn_is_not_its_end() -> None:
    tokenizer = byte_tokenizer(MARKED.replace("<|im_end|>{% endgen", "<|im_end|>\n{% endgen"))
    learned = [m["role"] == "assistant" for m in DOOR]
    (laid,) = lay(tokenizer, [Chat(DOOR, learned, [""] * len(DOOR))])
    assert laid.encoded().labels[-1] != IGNORED
    assert laid.said[-1] == END


@pytest.mark.parametrize("template", [CHATML, MARKED, FORGETFUL])
def test_weight_zero_takes_a_turn_out_whatever_the_template(template: str) -> None:
    rows = [*DOOR[:1], DOOR[1] | {"weight": 0}, *DOOR[2:]]
    tokenizer = byte_tokenizer(template)
    assert trained_texts(tokenizer, encode(tokenizer, rows)) == ["Yes.<|im_end|>"]


def test_a_row_that_the_template_refuses_is_a_clear_error() -> None:
    tokenizer = byte_tokenizer("{{ raise_exception('Turns must alternate.') }}")
    with pytest.raises(DatasetError, match="refuses the row: Turns must alternate") as caught:
        encode(tokenizer, LAMP)
    assert caught.value.code == "template-refuses"


def test_all_tokens_are_trained_when_asked() -> None:
    tokenizer = byte_tokenizer()
    row = encode(tokenizer, LAMP, assistant_only=False)
    assert row.labels == row.input_ids


def test_a_cut_row_says_so_and_may_teach_nothing() -> None:
    tokenizer = byte_tokenizer()
    row = encode(tokenizer, LAMP, max_length=20)
    assert (row.cut, len(row.input_ids), row.trained) == (True, 20, 0)


def test_a_tokenizer_without_a_template_is_refused() -> None:
    tokenizer = byte_tokenizer(None)
    with pytest.raises(ConfigError, match="no chat template"):
        encode(tokenizer, LAMP)


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
