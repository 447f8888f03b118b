"""The one pass: decode, check, and place what was found."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from modelops_jupyter._format import count
from modelops_jupyter.datasets import tokens
from modelops_jupyter.datasets._json import Row, as_array
from modelops_jupyter.datasets.formats import DatasetFormat, known_format, row_format, shape
from modelops_jupyter.datasets.parse import Fault, column_at, diagnose, try_decode
from modelops_jupyter.datasets.validation.across import Digests, check_copies, check_lengths
from modelops_jupyter.datasets.validation.codes import CODES
from modelops_jupyter.datasets.validation.fields import check_fields
from modelops_jupyter.datasets.validation.keys import KeyCensus, check_duplicate_keys, has_copies
from modelops_jupyter.datasets.validation.locate import offset_of
from modelops_jupyter.datasets.validation.messages import check_messages, check_sharegpt, is_plain
from modelops_jupyter.datasets.validation.problem import Finding, Problem, Rule
from modelops_jupyter.datasets.validation.report import ValidationReport
from modelops_jupyter.datasets.validation.texts import check_texts, may_hold
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
    max_tokens
        The length above which a row is too long, by the estimate of `datasets.tokens`.
    target
        "openai" applies that service's own rules.
    rules
        Own rules: functions from a row to `Finding` objects.
    """
    _refuse_later(tokenizer=tokenizer, against=against, near=near)
    if target not in (None, "openai"):
        raise ConfigError(f'There are no rules for the target "{target}".', hint='Known: "openai".')
    layout = (known_format(format) if format else None) or ds.format
    array = _array_problem(ds)
    if array is not None:
        return ValidationReport(ds, (array,), ("all other rules",))
    check = _Pass(ds, layout, rules)
    check.run()
    if max_tokens is not None:
        check.late(_over_limit(ds, max_tokens))
    problems = sorted(check.problems, key=lambda p: (p.row, p.byte_column, p.code))
    if target == "openai":
        problems = [_stricter(p) for p in problems]
    return ValidationReport(ds, tuple(problems), _not_checked(max_tokens, layout))


def _refuse_later(**given: Any) -> None:
    for name, value in given.items():
        if value:
            raise ConfigError(
                f"validate({name}=...) is not there yet.", code="not-there-yet", hint="Leave it out."
            )


def _not_checked(max_tokens: int | None, layout: DatasetFormat) -> tuple[str, ...]:
    out = ["near duplicates", "leakage against another dataset", "the tokens that are trained on"]
    if max_tokens is None:
        out.append("a token limit")
    if layout is DatasetFormat.UNKNOWN:
        out.append("the fields of the rows, whose layout is unknown")
    return tuple(out)


class _Pass:
    """Collects the problems of one dataset."""

    def __init__(self, ds: "Dataset", layout: DatasetFormat, rules: Sequence[Rule]) -> None:
        self._ds, self._layout, self._rules = ds, layout, rules
        self._digests = Digests(len(ds))
        self._keys = KeyCensus(len(ds), _known_keys(layout))
        self.problems: list[Problem] = []

    def run(self) -> None:
        for position, raw in enumerate(self._ds.raws()):
            row = try_decode(raw)
            if row is None:
                self._add(position, raw, _fault(self._ds, position, raw))
                continue
            self._digests.add(position, row, raw, self._layout)
            self._keys.add(row, position)
            if self._is_plain(row, raw):
                continue
            for finding in self._check(row, raw):
                self._place(position, raw, finding)
        self._marks()
        self.late(self._keys.findings())
        self.late(check_copies(self._ds, self._digests))
        self.late(check_lengths(self._ds))

    def _is_plain(self, row: Row, raw: bytes) -> bool:
        """Tell quickly that no rule can find anything; nearly all chat rows end here."""
        if self._layout is not DatasetFormat.MESSAGES or self._rules:
            return False
        messages = as_array(row.get("messages"))
        if messages is None or not is_plain(messages):
            return False
        return not (may_hold(raw) or has_copies(row, raw))

    def _check(self, row: Row, raw: bytes) -> Iterator[Finding]:
        yield from check_duplicate_keys(row, raw)
        yield from _check_layout(row, self._layout)
        yield from check_texts(row, raw, self._layout)
        for rule in self._rules:
            yield from rule(row)

    def _marks(self) -> None:
        for position in self._ds.stored.after_mark():
            fault = Fault("bom", "The file begins with a byte-order mark, which is no part of JSON.", 0)
            self._add(position, b"", fault)

    def late(self, findings: Iterable[tuple[int, Finding]]) -> None:
        """Place findings of rules that looked at all rows."""
        for position, finding in findings:
            self._place(position, self._ds.raw(position) if finding.pointer else b"", finding)

    def _place(self, position: int, raw: bytes, finding: Finding) -> None:
        offset = offset_of(raw, finding.pointer) if finding.pointer else 0
        self._add(position, raw, Fault(finding.code, finding.message, offset), finding)

    def _add(self, position: int, raw: bytes, fault: Fault, finding: Finding | None = None) -> None:
        info = CODES.get(fault.code, CODES["custom"])
        self.problems.append(
            Problem(
                id=self._ds.ids[position],
                row=position,
                line=self._ds.line(position),
                column=column_at(raw, fault.offset),
                byte_column=fault.offset + 1,
                pointer=finding.pointer if finding else "",
                code=fault.code,
                severity=(finding and finding.severity) or info.severity,
                message=fault.message,
                fix=(finding and finding.fix) or info.fix,
            )
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
    own = shape(row)
    if layout is DatasetFormat.MIXED:
        if own is DatasetFormat.UNKNOWN:
            yield Finding("unknown-format", "", "The row has none of the known layouts.")
            return
        layout = own
    elif own is not DatasetFormat.UNKNOWN and not _fits(row, layout):
        yield Finding("unknown-format", "", f"The row has the layout {own}; the dataset has {layout}.")
        return
    if layout is DatasetFormat.MESSAGES:
        yield from check_messages(row)
    elif layout is DatasetFormat.SHAREGPT:
        yield from check_sharegpt(row)
    else:
        yield from check_fields(row, layout)


def _fits(row: Row, layout: DatasetFormat) -> bool:
    known = row_format(row, layout)
    return known is None or known.name is not layout or known.matches(row)


def _over_limit(ds: "Dataset", limit: int) -> Iterator[tuple[int, Finding]]:
    for position, estimate in enumerate(tokens.estimate(ds).tolist()):
        if estimate > limit:
            message = f"The row has about {count(estimate)} tokens; the limit is {count(limit)}."
            yield position, Finding("over-token-limit", "", message)


def _stricter(problem: Problem) -> Problem:
    if problem.code != "tool-arguments-object":
        return problem
    values = problem.to_json()
    values["severity"] = "error"
    return Problem(**values)


def _array_problem(ds: "Dataset") -> Problem | None:
    """Return the one problem of a JSON array that was saved as JSONL."""
    if not ds.untouched or len(ds) == 0 or not ds.raw(0).lstrip().startswith(b"["):
        return None
    first = ds.raw(0)
    if not _is_whole_array(ds, first):
        return None
    info = CODES["json-array-in-jsonl"]
    message = "The file is one JSON array, not one row a line."
    return Problem(
        ds.ids[0], 0, ds.line(0), 1, 1, "", "json-array-in-jsonl", info.severity, message, info.fix
    )


def _is_whole_array(ds: "Dataset", first: bytes) -> bool:
    last = ds.raw(-1).rstrip()
    if len(ds) == 1:
        return diagnose(first).code == "not-an-object" and last.endswith(b"]") and b"{" in first
    return diagnose(first).code == "not-json" and last.endswith(b"]")
