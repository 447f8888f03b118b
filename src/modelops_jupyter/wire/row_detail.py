"""One row opened: its turns as parts of text, its JSON, its raw line, its problems."""

from typing import Any

import msgspec

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets import Dataset, tokens
from modelops_jupyter.datasets.formats import Turn, turns
from modelops_jupyter.errors import RowError
from modelops_jupyter.wire.protocol import WireError
from modelops_jupyter.wire.row_page import label

LIMIT = 4000  # characters of one text in one answer
MAX_TURNS, MAX_PARTS = 200, 50


def detail(ds: Dataset, position: int) -> dict[str, Any]:
    """Return everything about one row, long texts cut at `LIMIT`."""
    pretty = _pretty(ds, position)
    return {
        "position": position,
        "id": fmt.visible(ds.ids[position]),
        "line": ds.line(position),
        "raw": _cut(_raw(ds, position)),
        "json": pretty[:LIMIT] if pretty is not None else None,
        "turns": _shown_turns(ds, position),
        "problems": [
            {
                "code": p.code,
                "label": label(p.code),
                "severity": str(p.severity),
                "message": fmt.visible(p.message),
                "pointer": fmt.visible(p.pointer) if p.pointer else p.pointer,
                "column": p.column,
                "line": p.line,
                "fix": fmt.visible(p.fix) if p.fix else p.fix,
            }
            for p in ds.validate().for_row(position)
        ],
    }


def rest(ds: Dataset, position: int, part: str, start: int) -> dict[str, Any]:
    """Return the next `LIMIT` characters of one text: "raw", "json" or "turn/part"."""
    if part == "raw":
        text = _raw(ds, position)
    elif part == "json":
        text = _pretty(ds, position) or ""
    else:
        text = _part(ds, position, part)
    return {"text": text[start : start + LIMIT], "length": len(text), "start": start}


def _part(ds: Dataset, position: int, part: str) -> str:
    texts = {
        f"{number}/{index}": found.text
        for number, turn in enumerate(_turns(ds, position))
        for index, found in enumerate(turn.parts)
    }
    if part not in texts:
        raise WireError("There is no such part in this row.", code="bad-arguments")
    return fmt.visible(texts[part])


def _turns(ds: Dataset, position: int) -> list[Turn]:
    try:
        return list(turns(ds[position], ds.format))
    except RowError:
        return []


def _shown_turns(ds: Dataset, position: int) -> list[dict[str, Any]]:
    found = _turns(ds, position)
    sizes = [sum(len(part.text) for part in turn.parts) for turn in found]
    # The row's estimate, shared out: the turns of a row add up to what its line says.
    per_character = int(tokens.estimate(ds)[position]) / (sum(sizes) or 1)
    shown = zip(found[:MAX_TURNS], sizes, strict=False)
    return [_turn(turn, round(size * per_character)) for turn, size in shown]


def _turn(turn: Turn, length: int) -> dict[str, Any]:
    return {
        "role": fmt.clip(fmt.visible(turn.role), 40),
        "name": fmt.clip(fmt.visible(turn.name), 100) if turn.name else None,
        "in_loss": turn.in_loss,
        "tokens_text": f"≈ {fmt.plural(length, 'token')}",
        "pointer": fmt.visible(turn.pointer),
        "parts": [
            {
                "kind": part.kind,
                **_cut(fmt.visible(part.text)),
                "title": _word(part.meta.get("title") or part.meta.get("name")),
                "language": _word(part.meta.get("language")),
            }
            for part in turn.parts[:MAX_PARTS]
        ],
    }


def _word(value: object) -> str | None:
    return fmt.clip(fmt.visible(value), 100) if isinstance(value, str) and value else None


def _raw(ds: Dataset, position: int) -> str:
    return fmt.visible(ds.raw(position).decode("utf-8", "replace"))


def _pretty(ds: Dataset, position: int) -> str | None:
    """Return the row indented, its numbers and repeated keys as they were written."""
    try:
        return fmt.visible(msgspec.json.format(ds.raw(position), indent=2).decode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return None


def _cut(text: str) -> dict[str, Any]:
    return {"text": text[:LIMIT], "length": len(text)}
