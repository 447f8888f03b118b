"""Fields that are missing, empty or of the wrong type, for the layouts that are not one conversation."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from modelops_jupyter.datasets._json import Row, as_array, as_object, type_name
from modelops_jupyter.datasets.formats import DatasetFormat
from modelops_jupyter.datasets.formats.layouts import preference_keys
from modelops_jupyter.datasets.validation.codes import Severity
from modelops_jupyter.datasets.validation.messages import check_each
from modelops_jupyter.datasets.validation.problem import Finding
from modelops_jupyter.datasets.validation.tools import check_definitions


class _Field(NamedTuple):
    name: str
    empty: Severity | None  # None: may be blank
    required: bool = True
    text: bool = True  # may be a text
    chat: bool = False  # may be a list of messages
    answer: bool = False  # in such a list somebody has to answer

    @property
    def wanted(self) -> str:
        """What its value may be, in words."""
        return " or ".join(["a text"] * self.text + ["a list of messages"] * self.chat)


# An empty prompt is a style of training (the voice of a house), an empty answer is not.
_PROMPT = _Field("prompt", "warning", chat=True)
_COMPLETION = _Field("completion", "error", chat=True, answer=True)
_ASKED = _Field("messages", "error", text=False, chat=True)
_FIELDS: dict[DatasetFormat, tuple[_Field, ...]] = {
    DatasetFormat.PROMPT_COMPLETION: (_PROMPT, _COMPLETION),
    DatasetFormat.KTO: (_PROMPT, _COMPLETION),
    DatasetFormat.PREFERENCE: (
        _PROMPT._replace(required=False),
        _Field("chosen", "error", chat=True, answer=True),
        _Field("rejected", "error", chat=True, answer=True),
    ),
    DatasetFormat.STEPWISE: (_PROMPT,),
    DatasetFormat.ALPACA: (
        _Field("instruction", "error"),
        _Field("input", None, required=False),
        _Field("output", "error"),
        _Field("system", None, required=False),
    ),
    DatasetFormat.TEXT: (_Field("text", "error"),),
}


def check_fields(row: Row, format: DatasetFormat) -> Iterator[Finding]:
    """Check the fields of a row that is not a chat."""
    if format is DatasetFormat.PREFERENCE and preference_keys(row)[0] != "chosen":
        yield from _openai_preference(row)
    else:
        for field in _FIELDS.get(format, ()):
            yield from _check(row, field)
    if more := _MORE.get(format):
        yield from more(row)
    if format is not DatasetFormat.TEXT:
        yield from check_definitions(row.get("tools"), "/tools")


def _check(holder: Row, field: _Field, base: str = "") -> Iterator[Finding]:
    at, value = f"{base}/{field.name}", holder.get(field.name)
    messages = as_array(value) if field.chat else None
    if field.name not in holder:
        if field.required:
            yield _missing(at)
    elif messages:
        yield from check_each(messages, at)
        if field.answer and all((as_object(m) or {}).get("role") != "assistant" for m in messages):
            yield Finding("assistant-missing", at, f'"{field.name}" has no turn of the assistant.')
    elif messages is not None or (field.text and isinstance(value, str)):
        if field.empty and not (isinstance(value, str) and value.strip()):
            yield Finding("empty-field", at, f'"{field.name}" is empty.', field.empty)
    elif not (value is None and not field.required):
        yield _ill_typed(at, value, field.wanted)


def _missing(at: str) -> Finding:
    return Finding("missing-field", at, f'The row has no "{at[1:]}".')


def _ill_typed(at: str, value: Any, wanted: str) -> Finding:
    return Finding("ill-typed-field", at, f'"{at[1:]}" is {type_name(value)}, not {wanted}.')


def _openai_preference(row: Row) -> Iterator[Finding]:
    """Check `input.messages`, `preferred_output` and `non_preferred_output`."""
    asked = as_object(row.get("input"))
    if asked is not None:
        yield from _check(asked, _ASKED, "/input")
        yield from check_definitions(asked.get("tools"), "/input/tools")
    else:
        yield _ill_typed("/input", row["input"], "an object") if "input" in row else _missing("/input")
    for name in ("preferred_output", "non_preferred_output"):
        yield from _check(row, _ASKED._replace(name=name, answer=True))


def _same_answers(row: Row) -> Iterator[Finding]:
    better, worse = preference_keys(row)
    chosen = _stripped(row.get(better))
    if chosen and chosen == _stripped(row.get(worse)):
        yield Finding("chosen-equals-rejected", f"/{worse}", "Chosen and rejected answer are the same.")


def _stripped(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    messages = as_array(value)
    if messages is None:
        return value
    return [
        {k: v.strip() if isinstance(v, str) else v for k, v in (as_object(m) or {}).items()} for m in messages
    ]


def _label(row: Row) -> Iterator[Finding]:
    if "label" not in row:
        yield _missing("/label")
    elif not isinstance(row["label"], bool):
        yield _ill_typed("/label", row["label"], "true or false")


def _steps(row: Row) -> Iterator[Finding]:
    steps, labels = as_array(row.get("completions")), as_array(row.get("labels"))
    for name, values in (("completions", steps), ("labels", labels)):
        if name not in row:
            yield _missing(f"/{name}")
        elif values is None:
            yield _ill_typed(f"/{name}", row[name], "a list")
    for i, step in enumerate(steps or ()):
        if not isinstance(step, str):
            yield _ill_typed(f"/completions/{i}", step, "a text")
        elif not step.strip():
            yield Finding("empty-field", f"/completions/{i}", "The step is empty.")
    for i, label in enumerate(labels or ()):
        if not isinstance(label, bool):
            yield _ill_typed(f"/labels/{i}", label, "true or false")
    if steps == []:
        yield Finding("empty-field", "/completions", '"completions" is empty.')
    elif steps and labels is not None and len(steps) != len(labels):
        message = f"There are {len(steps)} steps and {len(labels)} labels; each step has one."
        yield Finding("label-count", "/labels", message)


def _history(row: Row) -> Iterator[Finding]:
    pairs = as_array(row.get("history"))
    if pairs is None and row.get("history") is not None:
        yield _ill_typed("/history", row["history"], "a list of pairs")
    for i, value in enumerate(pairs or ()):
        pair = as_array(value)
        if pair is None or len(pair) != 2 or not all(isinstance(text, str) for text in pair):
            message = "An entry of the history is a question and its answer, two texts."
            yield Finding("ill-typed-field", f"/history/{i}", message)


_MORE: dict[DatasetFormat, Callable[[Row], Iterator[Finding]]] = {
    DatasetFormat.PREFERENCE: _same_answers,
    DatasetFormat.KTO: _label,
    DatasetFormat.STEPWISE: _steps,
    DatasetFormat.ALPACA: _history,
}
