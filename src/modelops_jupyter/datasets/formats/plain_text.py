"""``{"text"}``: continued, not answered."""

from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.formats.base import DatasetFormat, RowFormat, missing
from modelops_jupyter.datasets.formats.turn import Turn, text_parts
from modelops_jupyter.datasets.formats.values import as_text


def _turns(row: Row) -> list[Turn]:
    return [Turn("text", tuple(text_parts(as_text(row.get("text")), "/text")), "/text", in_loss=True)]


def _reference(row: Row) -> str:
    if row.get("text") is None:
        raise missing('"text"')
    return as_text(row["text"])


TEXT = RowFormat(
    DatasetFormat.TEXT, frozenset({"text"}), lambda row: "text" in row, _turns, lambda _: [], _reference
)
