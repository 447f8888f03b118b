"""One row opened: its turns as parts of text, its JSON, its raw line, its problems."""

from collections.abc import Sequence
from typing import Any

import msgspec

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets import Dataset, tokens
from modelops_jupyter.datasets.formats import Turn, turns
from modelops_jupyter.datasets.validation import Problem
from modelops_jupyter.datasets.validation.locate import span_of
from modelops_jupyter.errors import RowError
from modelops_jupyter.wire import checking
from modelops_jupyter.wire.protocol import WireError
from modelops_jupyter.wire.row_page import label, within

LIMIT = 4000  # characters of one text in one answer
MAX_TURNS, MAX_PARTS, MAX_MARKS = 1000, 50, 50


def detail(ds: Dataset, position: int) -> dict[str, Any]:
    """Return everything about one row, long texts cut at `LIMIT`."""
    pretty, report = _pretty(ds, position), checking.found(ds)
    found = report.for_row(position) if report is not None else ()
    return {
        "position": position,
        "id": fmt.visible(ds.ids[position]),
        "line": ds.line(position),
        "raw": _cut(_raw(ds, position)),
        "json": pretty[:LIMIT] if pretty is not None else None,
        "turns": shown_turns(ds, position, found),
        "problems": [problem(p) for p in found],
        "marks": {
            "raw": _marks(ds.raw(position), found),
            "json": _marks(_indented(ds, position) or b"", [p for p in found if p.pointer]),
        },
    }


def problem(p: Problem) -> dict[str, Any]:
    """Return a problem as a page shows it."""
    return {
        "code": p.code,
        "label": label(p.code),
        "severity": str(p.severity),
        "message": fmt.visible(p.message),
        "pointer": fmt.visible(p.pointer) if p.pointer else p.pointer,
        "column": p.column,
        "line": p.line,
        "fix": fmt.visible(p.fix) if p.fix else p.fix,
    }


def _marks(raw: bytes, found: Sequence[Problem]) -> list[list[Any]]:
    """Return where in the shown text each problem stands: first and last character, severity."""
    spans: list[tuple[int, int, str]] = []
    for p in found[:MAX_MARKS]:
        start, end = span_of(raw, p.pointer) if p.pointer else (p.byte_column - 1, p.byte_column)
        if p.pointer or start:  # what is about the row as a whole stands nowhere in it
            spans.append((start, end, str(p.severity)))
    return [[_shown_at(raw, start), _shown_at(raw, end), severity] for start, end, severity in sorted(spans)]


def _shown_at(raw: bytes, offset: int) -> int:
    return len(fmt.visible(raw[:offset].decode("utf-8", "replace")))


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


def shown_turns(ds: Dataset, position: int, problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return what is said in a row, turn by turn, with its problems in their place."""
    found = _turns(ds, position)
    sizes = [sum(len(part.text) for part in turn.parts) for turn in found]
    # The row's estimate, shared out: the turns of a row add up to what its line says.
    per_character = int(tokens.estimate(ds)[position]) / (sum(sizes) or 1)
    shown = zip(found[:MAX_TURNS], sizes, strict=False)
    return [_turn(turn, round(size * per_character), problems) for turn, size in shown]


def _turn(turn: Turn, length: int, problems: Sequence[Problem]) -> dict[str, Any]:
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
                "flag": _flag(part.pointer, turn.pointer, problems),
            }
            for part in turn.parts[:MAX_PARTS]
        ],
    }


def _flag(part: str, turn: str, problems: Sequence[Problem]) -> str | None:
    """Return the name of the first problem of a part, if it is not one of the turn as a whole."""
    own = (label(p.code) for p in problems if p.pointer != turn and within(p.pointer, part))
    return next(own, None)


def _word(value: object) -> str | None:
    return fmt.clip(fmt.visible(value), 100) if isinstance(value, str) and value else None


def _raw(ds: Dataset, position: int) -> str:
    return fmt.visible(ds.raw(position).decode("utf-8", "replace"))


def _pretty(ds: Dataset, position: int) -> str | None:
    pretty = _indented(ds, position)
    return None if pretty is None else fmt.visible(pretty.decode("utf-8", "replace"))


def _indented(ds: Dataset, position: int) -> bytes | None:
    """Return the row indented, its numbers and repeated keys as they were written."""
    try:
        return msgspec.json.format(ds.raw(position), indent=2)
    except (msgspec.DecodeError, RecursionError):
        return None


def _cut(text: str) -> dict[str, Any]:
    return {"text": text[:LIMIT], "length": len(text)}
