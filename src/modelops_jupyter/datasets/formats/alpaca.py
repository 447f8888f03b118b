"""``{"instruction", "input", "output", "system", "history"}``; a blank input is the normal case."""

from typing import Any

from modelops_jupyter.datasets._json import Row, as_array
from modelops_jupyter.datasets.formats.base import DatasetFormat, RowFormat, missing
from modelops_jupyter.datasets.formats.turn import Turn, text_parts
from modelops_jupyter.datasets.formats.values import as_text


def _spoken(row: Row) -> list[tuple[str, str, str]]:
    """Return (role, text, pointer) of everything before the answer."""
    out: list[tuple[str, str, str]] = []
    if as_text(row.get("system")):
        out.append(("system", as_text(row["system"]), "/system"))
    for i, pair in enumerate(as_array(row.get("history")) or ()):
        for j, said in enumerate((as_array(pair) or [])[:2]):
            out.append(("assistant" if j else "user", as_text(said), f"/history/{i}/{j}"))
    asked = [as_text(row.get(key)) for key in ("instruction", "input")]
    out.append(("user", "\n\n".join(text for text in asked if text), "/instruction"))
    return out


def _turns(row: Row) -> list[Turn]:
    turns = [
        Turn(role, tuple(text_parts(text, at)), at, role == "assistant") for role, text, at in _spoken(row)
    ]
    if "output" in row:
        turns.append(
            Turn("assistant", tuple(text_parts(as_text(row["output"]), "/output")), "/output", in_loss=True)
        )
    return turns


def _prompt(row: Row) -> list[dict[str, Any]]:
    return [{"role": role, "content": text} for role, text, _ in _spoken(row)]


def _reference(row: Row) -> str:
    if row.get("output") is None:
        raise missing('"output"')
    return as_text(row["output"])


ALPACA = RowFormat(
    DatasetFormat.ALPACA,
    frozenset({"instruction", "input", "output", "system", "history"}),
    lambda row: "instruction" in row and "output" in row,
    _turns,
    _prompt,
    _reference,
)
