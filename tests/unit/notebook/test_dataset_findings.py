"""Twins of what a dataset is asked: converted rows, rows that leak, tokens that are learned."""

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.notebook.display import mimebundle
from modelops_jupyter.training import tiny_chat_model

LONG = "The old lighthouse keeper counts nine ships on the horizon before breakfast every day"
PAIRS = Dataset([{"prompt": "<b>2 + 2?</b>", "completion": "4"}, {"prompt": LONG, "completion": "9"}])


def html(shown: object) -> str:
    return mimebundle(shown)[0]["text/html"]


def test_a_conversion_says_what_came_along_and_why_the_rest_did_not() -> None:
    messages = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    chats = Dataset([{"messages": messages}, {"messages": [*messages, *messages]}])
    conversion = chats.convert("prompt_completion")
    assert len(conversion.failed) == 1
    shown = html(conversion)
    assert "1 row as prompt_completion, 1 not" in shown
    assert conversion.failed[0].reason in shown
    assert mimebundle(conversion)[0]["text/plain"] == str(conversion)


def test_leaking_rows_stand_with_the_row_they_come_from() -> None:
    found = PAIRS.leakage(PAIRS[1:])
    assert "1 of 2 rows in the other dataset: exact 1" in html(found)
    assert LONG in html(found)
    assert "none of 1 row stands" in mimebundle(PAIRS[:1].leakage(PAIRS[1:]))[0]["text/plain"]


def test_what_is_learned_of_a_row_is_strong_and_its_text_is_text() -> None:
    _, tokenizer = tiny_chat_model().load()
    preview = PAIRS.convert("messages").dataset.preview_tokens(tokenizer, 0)
    shown = html(preview)
    assert f"{len(preview.tokens)} tokens, {preview.trained} trained on" in shown
    assert "&lt;b&gt;2 + 2?&lt;/b&gt;" in shown
    for learned in preview.trained_texts:
        assert f"<strong>{learned.replace('<', '&lt;').replace('>', '&gt;')}</strong>" in shown
