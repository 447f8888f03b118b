"""The one pass: decode, check, and place what was found."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.duplicates import Answers, asked_and_said
from modelops_jupyter.datasets.formats import DatasetFormat, known_format, other_layout, row_format, shape
from modelops_jupyter.datasets.parse import Fault, column_at, diagnose, try_decode
from modelops_jupyter.datasets.plain import may_hold, plain, quotes
from modelops_jupyter.datasets.validation import trained
from modelops_jupyter.datasets.validation.across import (
    check_answers,
    check_copies,
    check_lengths,
    check_marks,
    check_tokens,
)
from modelops_jupyter.datasets.validation.codes import CODES
from modelops_jupyter.datasets.validation.fields import check_fields
from modelops_jupyter.datasets.validation.keys import KeyCensus, check_duplicate_keys, has_copies
from modelops_jupyter.datasets.validation.locate import offset_of
from modelops_jupyter.datasets.validation.messages import check_messages, check_sharegpt
from modelops_jupyter.datasets.validation.problem import Finding, Problem, Rule
from modelops_jupyter.datasets.validation.report import ValidationReport
from modelops_jupyter.datasets.validation.texts import check_texts
from modelops_jupyter.errors import ConfigError

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

_NOT_A_LAYOUT = (DatasetFormat.MIXED, DatasetFormat.UNKNOWN)


def validate(
    ds: "Dataset",
    *,
    format: str | None = None,
    max_tokens: int | None = None,
    target: str | None = None,
    rules: Sequence[Rule] = (),
    tokenizer: Any = None,
    against: "Dataset | None" = None,
    near: bool = False,
) -> ValidationReport:
    """Return every problem of every row.

    Parameters
    ----------
    format
        The layout the rows should have, where it is not the detected one.
    tokenizer
        Looks at each row as the trainer sees it: what the chat template writes of it, and which
        tokens carry loss.
    max_tokens
        The length above which a row is too long, by `tokenizer`, else by estimate.
    target
        "openai" applies that service's own rules.
    rules
        Own rules: functions from a row to `Finding` objects.
    """
    _refuse_later(against=against, near=near)
    if target not in (None, "openai"):
        raise ConfigError(f'There are no rules for the target "{target}".', hint='Known: "openai".')
    layout = (known_format(format) if format else None) or ds.format
    if _is_array_file(ds):
        finding = Finding("json-array-in-jsonl", "", "The file is one JSON array, not one row a line.")
        return ValidationReport(ds, (_placed(ds, 0, ds.raw(0), finding),), ("all other rules",))
    problems = sorted(
        _problems(ds, layout, rules, max_tokens, tokenizer), key=lambda p: (p.row, p.byte_column, p.code)
    )
    if target == "openai":
        problems = [
            replace(p, severity="error") if p.code == "tool-arguments-object" else p for p in problems
        ]
    return ValidationReport(ds, tuple(problems), _not_checked(max_tokens, layout, tokenizer))


def _refuse_later(**given: Any) -> None:
    for name, value in given.items():
        if value:
            raise ConfigError(
                f"validate({name}=...) is not there yet.", code="not-there-yet", hint="Leave it out."
            )


def _not_checked(max_tokens: int | None, layout: DatasetFormat, tokenizer: Any) -> tuple[str, ...]:
    out = ["near duplicates", "leakage against another dataset"]
    if tokenizer is None:
        out.append(trained.NAMES)
    if max_tokens is None:
        out.append("a token limit")
    if layout is DatasetFormat.UNKNOWN:
        out.append("the fields of the rows, whose layout is unknown")
    return tuple(out)


def _problems(
    ds: "Dataset", layout: DatasetFormat, rules: Sequence[Rule], limit: int | None, tokenizer: Any
) -> Iterator[Problem]:
    answers, keys = Answers(len(ds)), KeyCensus(len(ds), _known_keys(layout))
    for position, raw in enumerate(ds.raws()):
        spotted = may_hold(raw)
        known = None if spotted else plain(raw, layout)
        alone = known is not None and quotes(raw) == known.marks
        if known:
            answers.add(position, known.asked, known.said)
            if alone and not rules:
                continue
        row = try_decode(raw)
        if row is None:
            fault = _fault(ds, position, raw)
            yield _placed(ds, position, raw, Finding(fault.code, "", fault.message), fault.offset)
            continue
        keys.add(row, position)
        copies = not alone and has_copies(row, raw)
        if known and not copies and not rules:
            continue
        if not known:
            answers.add(position, *asked_and_said(row, layout))
        found = chain(
            check_duplicate_keys(raw) if copies else (),
            () if known else _check_layout(row, layout),
            check_texts(row, layout, control=tokenizer is None) if spotted else (),
            *(rule(row) for rule in rules),
        )
        for finding in found:
            yield _placed(ds, position, raw, finding)
    late = (keys.findings(), check_marks(ds), check_copies(ds), check_answers(ds, answers))
    tokens = check_tokens(ds, limit) if tokenizer is None else trained.check_trained(ds, tokenizer, limit)
    for position, finding in chain(*late, check_lengths(ds), tokens):
        yield _placed(ds, position, ds.raw(position) if finding.pointer else b"", finding)


def _placed(ds: "Dataset", position: int, raw: bytes, finding: Finding, offset: int | None = None) -> Problem:
    info = CODES.get(finding.code, CODES["custom"])
    if offset is None:
        offset = offset_of(raw, finding.pointer) if finding.pointer else 0
    return Problem(
        id=ds.ids[position],
        row=position,
        line=ds.line(position),
        column=column_at(raw, offset),
        byte_column=offset + 1,
        pointer=finding.pointer,
        code=finding.code,
        severity=finding.severity or info.severity,
        message=finding.message,
        fix=info.fix if finding.fix is None else finding.fix,
    )


def _known_keys(layout: DatasetFormat) -> frozenset[str]:
    known = None if layout in _NOT_A_LAYOUT else row_format({}, layout)
    return known.keys if known else frozenset()


def _fault(ds: "Dataset", position: int, raw: bytes) -> Fault:
    fault = diagnose(raw)
    if fault.code == "not-json" and fault.offset >= len(raw.rstrip()) and ds.stored.ends_open(position):
        return Fault("truncated-last-line", "The file ends inside this row.", fault.offset)
    return fault


def _check_layout(row: Row, layout: DatasetFormat) -> Iterator[Finding]:
    if layout is DatasetFormat.UNKNOWN:
        return
    if layout is DatasetFormat.MIXED:
        layout = shape(row)
        if layout is DatasetFormat.UNKNOWN:
            yield Finding("unknown-format", "", "The row has none of the known layouts.")
            return
    elif own := other_layout(row, layout):
        yield Finding("unknown-format", "", f"The row has the layout {own}; the dataset has {layout}.")
        return
    if layout is DatasetFormat.MESSAGES:
        yield from check_messages(row)
    elif layout is DatasetFormat.SHAREGPT:
        yield from check_sharegpt(row)
    else:
        yield from check_fields(row, layout)


def _is_array_file(ds: "Dataset") -> bool:
    """Tell whether a JSON array was saved as JSONL."""
    if not ds.untouched or len(ds) == 0 or not (first := ds.raw(0)).lstrip().startswith(b"["):
        return False
    closed, fault = ds.raw(-1).rstrip().endswith(b"]"), diagnose(first).code
    if len(ds) == 1:
        return closed and fault == "not-an-object" and b"{" in first
    return closed and fault == "not-json"
