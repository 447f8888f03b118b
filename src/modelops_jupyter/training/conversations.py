"""Rows of the trainable formats as conversations."""

from typing import TYPE_CHECKING, Any, cast

from modelops_jupyter.errors import ConfigError

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset

Message = dict[str, Any]


def conversations(dataset: "Dataset") -> list[list[Message]]:
    """Return the messages of every row."""
    return [conversation(dataset[i], str(dataset.format)) for i in range(len(dataset))]


def conversation(row: dict[str, Any], row_format: str) -> list[Message]:
    """Return a row as messages; a prompt and its completion become a question and its answer."""
    if row_format == "messages":
        return list(row["messages"])
    if row_format == "prompt_completion":
        return [*_turn("user", row["prompt"]), *_turn("assistant", row["completion"])]
    raise ConfigError(
        f"Rows of the format '{row_format}' cannot be trained on yet.",
        code="format-not-trainable",
        hint="Convert them to 'messages' or 'prompt_completion'.",
    )


def _turn(role: str, value: Any) -> list[Message]:
    if isinstance(value, list):  # a conversation already
        return cast("list[Message]", value)
    return [{"role": role, "content": value}]
