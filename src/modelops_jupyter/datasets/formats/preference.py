"""``{"prompt", "chosen", "rejected"}``, each a text or a list of messages."""

from typing import Any

from modelops_jupyter.datasets._json import Row, as_array
from modelops_jupyter.datasets.formats.base import DatasetFormat, RowFormat
from modelops_jupyter.datasets.formats.messages import last_answer
from modelops_jupyter.datasets.formats.prompt_completion import field_answer, field_messages, field_turns
from modelops_jupyter.datasets.formats.turn import Turn


def _turns(row: Row) -> list[Turn]:
    return [
        *field_turns(row, "prompt", "user"),
        *field_turns(row, "chosen", "assistant", in_loss=True, name="chosen"),
        *field_turns(row, "rejected", "assistant", name="rejected"),
    ]


def _prompt(row: Row) -> list[dict[str, Any]]:
    if "prompt" in row:
        return field_messages(row, "prompt", "user")
    chosen = as_array(row.get("chosen")) or []  # the prompt is then the common beginning
    return field_messages({"chosen": chosen[: max(last_answer(chosen), 0)]}, "chosen", "user")


PREFERENCE = RowFormat(
    DatasetFormat.PREFERENCE,
    frozenset({"prompt", "chosen", "rejected", "tools"}),
    lambda row: "chosen" in row and "rejected" in row,
    _turns,
    _prompt,
    lambda row: field_answer(row, "chosen"),
)
