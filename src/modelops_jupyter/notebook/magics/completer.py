"""One completer for all our magics: options, choices, variables by type, files, keys of a row.

Inside our magics there is always an answer, if only the word as typed: with no answer IPython
would go on to ask a cold Jedi, which takes seconds.
"""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any, cast

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    completion_matcher,  # pyright: ignore[reportUnknownVariableType] -- IPython's is untyped
)

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.errors import ModelOpsError
from modelops_jupyter.evaluation.metrics import CATALOGUE
from modelops_jupyter.fine_tuning.references import registry
from modelops_jupyter.notebook.magics.command import Command
from modelops_jupyter.notebook.magics.gates import LIMITS
from modelops_jupyter.notebook.magics.kinds import BUILT_IN, BY_NAME
from modelops_jupyter.notebook.magics.names import of_kind
from modelops_jupyter.notebook.magics.parser import split
from modelops_jupyter.notebook.magics.spec import Option, Spec, UsageError
from modelops_jupyter.wire.rows import fields

Matcher = Callable[[CompletionContext], SimpleMatcherResult]
_CHAT = ("messages", "role", "content", "system", "user", "assistant")
_KEYS = (*_CHAT, "prompt", "completion", "text", "prediction", "reference")
_WRITTEN = re.compile(r'"([^"\\\n]{1,100})"\s*:')
_MOST = 200
# What words of a kind may be besides variables and files.
_WORDS: dict[str, Callable[[], Iterable[str]]] = {
    "model": lambda: BUILT_IN,
    "base": lambda: BUILT_IN,
    "metric": lambda: CATALOGUE,
    "gate": lambda: [f"{name}{limit}=" for name in ("", *(f"{m}:" for m in CATALOGUE)) for limit in LIMITS],
    "registered": lambda: [model.name for model in registry().list_models()],
}


def matcher(shell: Any, commands: Sequence[Command]) -> Matcher:
    """Build the matcher of one shell."""
    by_sign = {command.spec.name: command.spec for command in commands}

    def modelops_matcher(context: CompletionContext) -> SimpleMatcherResult:
        try:
            found = complete(context, by_sign, shell.user_ns)
        except Exception:
            found = None  # a completer that fails must not stand in the way of typing
        if found is None:
            return {"completions": []}
        fragment, words = found
        completions = [SimpleCompletion(word) for word in list(words)[:_MOST]] or [SimpleCompletion(fragment)]
        return {"completions": completions, "matched_fragment": fragment, "suppress": True, "ordered": True}

    decorate = cast("Any", completion_matcher)
    return decorate(identifier="modelops_jupyter", api_version=2)(modelops_matcher)


def complete(
    context: CompletionContext, specs: dict[str, Spec], names: dict[str, Any]
) -> tuple[str, list[str]] | None:
    """Return the piece being typed and what may stand there; None outside our magics."""
    lines = context.full_text.splitlines() or [""]
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    head = lines[first].lstrip().partition(" ")[0]
    keys = _WRITTEN.findall("\n".join(lines[first + 1 :])) if head.startswith("%%") and head in specs else []
    if context.cursor_line > first and head.startswith("%%") and head in specs:
        return _in_body(context, keys)
    # `cursor_position` counts within the line
    line = context.line_with_cursor[: context.cursor_position]
    name, space, typed = line.lstrip().partition(" ")
    if not space or name not in specs:
        return None
    return _on_line(specs[name], typed, names, keys)


def _in_body(context: CompletionContext, keys: list[str]) -> tuple[str, list[str]]:
    *_, fragment = before = context.line_with_cursor[: context.cursor_position].split('"')
    return fragment, [] if len(before) % 2 else _starting(fragment, dict.fromkeys((*keys, *_KEYS)))


def _on_line(spec: Spec, typed: str, names: dict[str, Any], keys: list[str]) -> tuple[str, list[str]]:
    words, fragment = _pieces(typed)
    mentioned = [names.get(word) for word in words]
    with suppress(ModelOpsError):  # a file that is gone has no fields, and flags all the same
        keys = [*keys, *(key for ds in mentioned if isinstance(ds, Dataset) for key in fields(ds))]
    options = {option.flag: option for option in spec.options}
    if fragment.startswith("-") and "=" not in fragment:
        used = {word.partition("=")[0] for word in words}
        return fragment, _starting(fragment, [flag for flag in (*options, "--help") if flag not in used])
    flag, equals, value = fragment.partition("=")
    if equals and flag in options:
        return _value(options[flag], value, names, keys)
    takes = {flag for flag, option in options.items() if option.value or option.choices}
    if words and words[-1] in takes:
        return _value(options[words[-1]], fragment, names, keys)
    place = sum(not word.startswith("--") and last not in takes for last, word in pairwise(["", *words]))
    if place < len(spec.choices) and spec.choices[place]:
        return fragment, _starting(fragment, spec.choices[place])
    if place < len(spec.completes):
        return fragment, _of(spec.completes[place], fragment, names, keys)
    return fragment, _starting(fragment, options) if not fragment else []


def _pieces(typed: str) -> tuple[list[str], str]:
    """Return the whole words and, as it was typed, the piece that follows: maybe a quote without its end."""
    for end in ("", '"', "'"):
        with suppress(UsageError):
            words = split(typed + end)
            start = words.pop().start if end or (not typed[-1:].isspace() and words) else len(typed)
            return [word.text for word in words], typed[start:]
    return [], typed


def _value(option: Option, typed: str, names: dict[str, Any], keys: list[str]) -> tuple[str, list[str]]:
    typed = typed.rpartition(",")[2] if option.value == "A,B" else typed
    if option.choices or option.optional:
        return typed, _starting(typed, option.choices or ("true", "false"))
    return typed, _of(option.completes, typed, names, keys)


def _of(kinds: str, typed: str, names: dict[str, Any], keys: list[str]) -> list[str]:
    """Complete variables of a kind, files where files fit, and fields of the rows that are meant."""
    found: list[str] = []
    for kind in kinds.split("|") if kinds else ():
        if kind == "dataset":
            found += _files(typed)
        if kind in BY_NAME:
            found += _starting(typed, of_kind(names, BY_NAME[kind]))
        found += _starting(typed, keys if kind == "column" else _WORDS.get(kind, tuple)())
    return sorted(set(found), key=lambda word: ("/" in word or "." in word, word))


def _files(typed: str) -> list[str]:
    quote = typed[:1] if typed[:1] in ("'", '"') else ""
    folder, part = os.path.split(typed.removeprefix(quote))
    try:
        entries = sorted(os.scandir(folder or "."), key=lambda entry: entry.name)
    except (OSError, ValueError):
        return []
    found: list[str] = []
    for entry in entries:
        if entry.name.startswith(part) and (part.startswith(".") or not entry.name.startswith(".")):
            path, end = os.path.join(folder, entry.name), os.sep if entry.is_dir() else ""  # noqa: PTH118 -- as typed
            opened = quote or ('"' if " " in path else "")
            found.append(f"{opened}{path}{end or ('' if quote else opened)}")
    return found


def _starting(typed: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if word.startswith(typed)]
