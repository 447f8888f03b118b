"""A row as text to edit or to copy, and the bytes that an edited text stands for."""

import json
from collections.abc import Mapping

import msgspec

from modelops_jupyter._format import visible
from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.formats import DatasetFormat, row_format, turns
from modelops_jupyter.datasets.parse import try_decode
from modelops_jupyter.datasets.validation.locate import span_of
from modelops_jupyter.errors import RowError
from modelops_jupyter.wire.protocol import WireError

MAX_EDITED = 200_000  # characters of a row that can be edited in the page
_FENCE = "````"


def editable(ds: Dataset, position: int) -> dict[str, object]:
    """Return a row as JSON in which nothing is hidden, and the texts of its turns that are plain text.

    Raises
    ------
    WireError
        If the row is too long to be edited in a page.
    """
    raw = ds.raw(position)
    if len(raw) > MAX_EDITED:
        raise WireError(
            "The row is too long to be edited here.", code="too-long", hint="Use viewer.dataset.patch({...})."
        )
    row = try_decode(raw)
    shown = raw if row is None else msgspec.json.format(raw, indent=2)
    shown = raw if len(shown) > MAX_EDITED else shown
    texts = [] if row is None else _texts(raw, row, ds.format)
    return {"json": _unhidden(shown.decode("utf-8", "replace")), "readable": row is not None, "texts": texts}


def _texts(raw: bytes, row: Row, format: DatasetFormat) -> list[dict[str, object]]:
    """Return the turns whose words are one text, and can be shown as they are."""
    known, found = row_format(row, format), list[dict[str, object]]()
    asked, answered = known.said(row) if known else ([], [])
    for number, said in enumerate(asked + answered):
        pointer = said.pointer + said.words
        start, end = span_of(raw, pointer)
        text = _string(raw[start:end])
        if text is not None and visible(text) == text:
            found.append({"turn": number, "pointer": pointer, "text": text})
    return found


def _string(raw: bytes) -> str | None:
    try:
        return msgspec.json.decode(raw, type=str)
    except msgspec.DecodeError:
        return None


def _unhidden(text: str) -> str:
    """Write characters that would hide or move their neighbours as the escapes that JSON has for them."""
    if visible(text) == text:
        return text
    return "".join(c if visible(c) == c else json.dumps(c)[1:-1] for c in text)


def written(ds: Dataset, position: int, text: str | None, texts: Mapping[str, str]) -> bytes:
    """Return the bytes of a row after an edit: other JSON, or other texts at some pointers.

    An edit of texts leaves all other bytes as they are.
    """
    raw = ds.raw(position)
    ascii_only = raw.isascii() and b"\\u" in raw
    if text is not None:
        return _line(text, raw)
    for pointer, said in texts.items():
        start, end = span_of(raw, pointer)
        if _string(raw[start:end]) is None:
            raise WireError("There is no text at this place of the row.", code="bad-arguments")
        raw = raw[:start] + json.dumps(said, ensure_ascii=ascii_only).encode() + raw[end:]
    return raw


def _line(text: str, before: bytes) -> bytes:
    """Return JSON on one line, spaced as the row was; what is no JSON as it is."""
    if not text.strip():
        raise WireError("A row cannot be blank.", code="bad-arguments", hint="Drop it instead.")
    raw = text.encode("utf-8", "replace")
    try:
        return msgspec.json.format(raw, indent=0 if b'": ' in before else -1)
    except (msgspec.DecodeError, RecursionError):
        return raw.replace(b"\r", b" ").replace(b"\n", b" ")


def markdown(ds: Dataset, position: int) -> str:
    """Return a row as Markdown: a heading for each turn, calls and results as code."""
    try:
        found = turns(ds[position], ds.format)
    except RowError:
        return f"{_FENCE}\n{ds.raw(position).decode('utf-8', 'replace')}\n{_FENCE}"
    blocks: list[str] = []
    for turn in found:
        blocks.append(f"**{turn.role}**")
        for part in turn.parts:
            name = str(part.meta.get("name") or part.meta.get("language") or "")
            plain = part.kind in ("text", "image")
            blocks.append(part.text.strip("\n") if plain else f"{_FENCE}{name}\n{part.text}\n{_FENCE}")
    return "\n\n".join(blocks)
