"""The one pass: decode, check, and place what was found."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from modelops_jupyter._format import plural
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.duplicates import Answers, asked_and_said
from modelops_jupyter.datasets.formats import DatasetFormat, known_format, other_layout, row_format, shape
from modelops_jupyter.datasets.parse import Fault, column_at, diagnose, faults, try_decode
from modelops_jupyter.datasets.plain import may_hold, plain
from modelops_jupyter.datasets.validation import across
from modelops_jupyter.datasets.validation.codes import CODES
from modelops_jupyter.datasets.validation.fields import check_fields
from modelops_jupyter.datasets.validation.keys import KeyCensus, check_duplicate_keys, has_copies
from modelops_jupyter.datasets.validation.locate import offset_of
from modelops_jupyter.datasets.validation.messages import check_messages, check_sharegpt
from modelops_jupyter.datasets.validation.own import own_findings
from modelops_jupyter.datasets.validation.problem import Finding, Problem, Rule
from modelops_jupyter.datasets.validation.report import ValidationReport
from modelops_jupyter.datasets.validation.texts import check_texts
from modelops_jupyter.datasets.validation.trained import NAMES, check_trained
from modelops_jupyter.errors import ConfigError

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

OPENAI_LEAST = 10  # rows
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
        "openai" applies that service's own rules for rows to train on.
    rules
        Own rules: functions from a row to `Finding` objects.
    against
        Another dataset, such as the one to test with, whose rows must not stand in this one.
    near
        Find near duplicates too: rows whose question and answer are nearly those of an earlier row.

    Raises
    ------
    ConfigError
        If the format or the target is unknown.
    DatasetError
        If a rule of your own fails; it says which one, and at which row.

    Examples
    --------
    >>> from modelops_jupyter.datasets import Dataset, Finding
    >>> def polite(row):
    ...     if "please" not in row["prompt"]:
    ...         yield Finding("not-polite", "/prompt", "The prompt does not say please.")
    >>> report = Dataset([{"prompt": "2 + 2?", "completion": "4"}]).validate(rules=[polite])
    >>> [(problem.code, problem.pointer) for problem in report]
    [('not-polite', '/prompt')]
    """
    if target not in (None, "openai"):
        raise ConfigError(f'There are no rules for the target "{target}".', hint='Known: "openai".')
    layout = (known_format(format) if format else None) or ds.format
    if _is_array_file(ds):
        finding = Finding("json-array-in-jsonl", "", "The file is one JSON array, not one row a line.")
        return ValidationReport(ds, (_problem(ds, _placed(0, ds.raw(0), finding)),), ("all other rules",))
    answers = Answers(len(ds))
    placed = list(check_rows(ds, layout, rules, answers, control=tokenizer is None))
    if target == "openai" and 0 < len(ds) < OPENAI_LEAST:
        text = f"The dataset has {plural(len(ds), 'row')}; OpenAI trains on {OPENAI_LEAST} or more."
        placed.append(_placed(0, b"", Finding("too-few-rows", "", text)))
    if tokenizer is None:
        lengths = across.check_tokens(ds, max_tokens)
    else:
        lengths = check_trained(ds, tokenizer, max_tokens, layout)
    late = (
        across.check_marks(ds),
        across.check_copies(ds),
        across.check_answers(ds, answers),
        across.check_lengths(ds),
        lengths,
        across.check_near(ds) if near else (),
        across.check_leakage(ds, against) if against is not None else (),
    )
    for position, finding in chain(*late):
        placed.append(_placed(position, ds.raw(position) if finding.pointer else b"", finding))
    problems = [_problem(ds, one) for one in placed]
    problems.sort(key=lambda p: (p.row, p.byte_column, p.code))
    if target == "openai":
        problems = [
            replace(p, severity="error") if p.code == "tool-arguments-object" else p for p in problems
        ]
    left_out = {
        "near duplicates": not near,
        "leakage against another dataset": against is None,
        NAMES: tokenizer is None or layout in (DatasetFormat.STEPWISE, DatasetFormat.UNKNOWN),
        "a token limit": max_tokens is None,
        "the fields of the rows, whose layout is unknown": layout is DatasetFormat.UNKNOWN,
    }
    return ValidationReport(ds, tuple(problems), tuple(what for what, left in left_out.items() if left))


class Placed(NamedTuple):
    """What was found in a row: at which byte, from 0, and in which column, from 1."""

    row: int
    offset: int
    column: int
    finding: Finding


def check_rows(
    ds: "Dataset",
    layout: DatasetFormat,
    rules: Sequence[Rule] = (),
    answers: Answers | None = None,
    *,
    control: bool = True,
) -> Iterator[Placed]:
    """Yield what is wrong with each row by itself; note in `answers` what it asks and answers.

    `control` looks for control tokens as common templates spell them.
    """
    keys = KeyCensus(len(ds), _known_keys(layout))
    for position, raw in enumerate(chain.from_iterable(ds.stored.chunks())):
        known = None if rules else plain(raw, layout)
        if known is None:
            yield from _check_row(ds, position, raw, layout, rules, answers, keys, control=control)
            continue
        if answers is not None:
            answers.add(position, *known.asked_and_said())
        if len(known.keys) > 1:
            keys.add(known.keys, position)
        if may_hold(raw, known.texts):
            for finding in check_texts(try_decode(raw) or {}, layout, control=control):
                yield _placed(position, raw, finding)
    for position, finding in keys.findings():
        yield _placed(position, ds.raw(position), finding)


def _check_row(
    ds: "Dataset",
    position: int,
    raw: bytes,
    layout: DatasetFormat,
    rules: Sequence[Rule],
    answers: Answers | None,
    keys: KeyCensus,
    *,
    control: bool,
) -> Iterator[Placed]:
    """Yield all that is wrong with one row."""
    row = try_decode(raw)
    readable, broken = row is not None, set[int]()
    if row is None:
        unreadable, row = faults(raw)
        for fault in unreadable:
            fault = _in_its_file(ds, position, raw, fault)
            broken.add(fault.offset)
            yield _placed(position, raw, Finding(fault.code, "", fault.message), fault.offset)
        if row is None:
            return
    elif answers is not None:
        answers.add(position, *asked_and_said(row, layout))
    keys.add(row, position)
    found = chain(
        check_duplicate_keys(raw) if not readable or has_copies(row, raw) else (),
        _check_layout(row, layout),
        check_texts(row, layout, control=control) if may_hold(raw) else (),
        *(own_findings(rule, row, ds, position) for rule in rules if readable),
    )
    for finding in found:
        placed = _placed(position, raw, finding)
        # A value that is no JSON has no type either; that is said once.
        if finding.code != "ill-typed-field" or placed.offset not in broken:
            yield placed


def _placed(position: int, raw: bytes, finding: Finding, offset: int | None = None) -> Placed:
    if offset is None:
        offset = offset_of(raw, finding.pointer) if finding.pointer else 0
    return Placed(position, offset, column_at(raw, offset), finding)


def _problem(ds: "Dataset", placed: Placed) -> Problem:
    """Name what was found; ids are asked for here alone, for the first one takes a look at all rows."""
    position, offset, column, finding = placed
    info = CODES.get(finding.code, CODES["custom"])
    return Problem(
        id=ds.ids[position],
        row=position,
        line=ds.line(position),
        column=column,
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


def _in_its_file(ds: "Dataset", position: int, raw: bytes, fault: Fault) -> Fault:
    if fault.code == "not-json" and fault.offset >= len(raw.rstrip()) and ds.stored.ends_open(position):
        return Fault("truncated-last-line", "The file ends inside this row.", fault.offset)
    if fault.code == "not-an-object" and (misfit := ds.stored.misfit(position)):
        return Fault("table-line", misfit, 0)
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
