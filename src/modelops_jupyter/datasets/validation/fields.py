"""Fields that are missing, empty or of the wrong type, for the layouts without messages."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from modelops_jupyter.datasets._json import Row, as_array, type_name
from modelops_jupyter.datasets.formats import DatasetFormat
from modelops_jupyter.datasets.validation.codes import Severity
from modelops_jupyter.datasets.validation.problem import Finding


class _Field(NamedTuple):
    name: str
    empty: Severity | None  # None: may be blank
    required: bool = True
    chat: bool = False  # may also be a list of messages


_FIELDS: dict[DatasetFormat, tuple[_Field, ...]] = {
    # An empty prompt is a style of training (the voice of a house), an empty answer is not.
    DatasetFormat.PROMPT_COMPLETION: (
        _Field("prompt", "warning", chat=True),
        _Field("completion", "error", chat=True),
    ),
    DatasetFormat.KTO: (_Field("prompt", "warning", chat=True), _Field("completion", "error", chat=True)),
    DatasetFormat.PREFERENCE: (
        _Field("prompt", "warning", required=False, chat=True),
        _Field("chosen", "error", chat=True),
        _Field("rejected", "error", chat=True),
    ),
    DatasetFormat.ALPACA: (
        _Field("instruction", "error"),
        _Field("input", None, required=False),
        _Field("output", "error"),
    ),
    DatasetFormat.TEXT: (_Field("text", "error"),),
}


def check_fields(row: Row, format: DatasetFormat) -> Iterator[Finding]:
    """Check the fields of a row that is not a chat."""
    for field in _FIELDS.get(format, ()):
        if field.name not in row:
            if field.required:
                yield Finding("missing-field", f"/{field.name}", f'The row has no "{field.name}".')
            continue
        yield from _check(row[field.name], field)
    if format is DatasetFormat.PREFERENCE:
        yield from _same_answers(row)


def _check(value: Any, field: _Field) -> Iterator[Finding]:
    at = f"/{field.name}"
    if isinstance(value, str):
        if field.empty and not value.strip():
            yield Finding("empty-field", at, f'"{field.name}" is empty.', field.empty)
    elif field.chat and (messages := as_array(value)) is not None:
        if not messages and field.empty:
            yield Finding("empty-field", at, f'"{field.name}" is empty.', field.empty)
    elif not (value is None and not field.required):
        wanted = "a text or a list of messages" if field.chat else "a text"
        yield Finding("ill-typed-field", at, f'"{field.name}" is {type_name(value)}, not {wanted}.')


def _same_answers(row: Row) -> Iterator[Finding]:
    chosen, rejected = row.get("chosen"), row.get("rejected")
    same = chosen == rejected
    if isinstance(chosen, str) and isinstance(rejected, str):
        same = chosen.strip() == rejected.strip()
    if chosen and same:
        yield Finding("chosen-equals-rejected", "/rejected", "Chosen and rejected answer are the same.")
