"""`Dataset`: a collection of training or evaluation examples, lazy and lossless."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter._display import Rich
from modelops_jupyter._format import plural
from modelops_jupyter.datasets import duplicates, frames, parse, query, read, select, write
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.encode import encode_record, encode_row
from modelops_jupyter.datasets.formats import DatasetFormat, detect, known_format
from modelops_jupyter.datasets.identity import RowIds, joined_ids, source_ids
from modelops_jupyter.datasets.lineage import LineageStep, described
from modelops_jupyter.datasets.rows import Positions, Rows
from modelops_jupyter.datasets.source import Source
from modelops_jupyter.datasets.split import Split, split
from modelops_jupyter.datasets.stats import DatasetStats, dataset_stats
from modelops_jupyter.errors import DatasetError, Where

if TYPE_CHECKING:
    from modelops_jupyter.datasets.validation.report import ValidationReport

_SAMPLE = 256  # rows looked at to find the format


class Dataset(Rich):
    """A collection of training or evaluation examples.

    A dataset never changes: every operation returns a new one that shares the rows. A row
    that cannot be read counts in `len`, has its bytes in `raw(i)`, and raises `RowError`
    only when it is read.

    Parameters
    ----------
    data
        Records, a frame, or nothing; a file is opened with `Dataset.from_file`.
    format
        The row format, or "auto" to detect it on a sample.
    name
        What it is called when shown.
    id_key
        A field whose value, unique in every row, is the row's id.

    Examples
    --------
    >>> ds = Dataset([{"prompt": "2 + 2?", "completion": "4"}])
    >>> len(ds), ds.format.value
    (1, 'prompt_completion')
    """

    kind: ClassVar[str] = "dataset"

    def __init__(
        self, data: Any = None, *, format: str = "auto", name: str | None = None, id_key: str | None = None
    ) -> None:
        source = Source.of_rows(encode_record(record, i) for i, record in enumerate(frames.records(data)))
        step = LineageStep("from_records", len(source))
        self._setup(Rows([source]), source_ids(source, id_key), known_format(format), name, (step,))

    def _setup(
        self,
        rows: Rows,
        ids: RowIds,
        format: DatasetFormat | None,
        name: str | None,
        lineage: tuple[LineageStep, ...],
        *,
        verbatim: bool = False,
    ) -> None:
        self._rows, self._ids, self._format, self._name = rows, ids, format, name
        self._lineage, self._verbatim = lineage, verbatim
        self.memo: dict[Any, Any] = {}  # what other modules computed from these unchanging rows

    @classmethod
    def _of(cls, *args: Any, **options: Any) -> "Dataset":
        made = cls.__new__(cls)
        made._setup(*args, **options)
        return made

    def _derive(self, rows: Rows, ids: RowIds, operation: str, /, **arguments: Any) -> "Dataset":
        step = LineageStep(operation, len(rows), {key: described(value) for key, value in arguments.items()})
        return self._of(rows, ids, self.format, self._name, (*self._lineage, step))

    # ---- made from ------------------------------------------------------------------------

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        *,
        format: str = "auto",
        file_type: str | None = None,
        id_key: str | None = None,
        name: str | None = None,
        strict: bool = False,
    ) -> "Dataset":
        """Open a JSONL file (also ``.gz``) or a JSON array, without reading the rows.

        Parameters
        ----------
        path
            The file; its suffix tells the type.
        file_type
            "jsonl" or "json", where the suffix does not.
        strict
            Raise if any row has an error.
        """
        source = read.open_source(path, file_type)
        step = LineageStep("from_file", len(source), {"path": Path(path).name})
        return cls._opened(source, step, format, name or Path(path).stem, id_key, strict)

    @classmethod
    def from_text(
        cls,
        text: str | bytes,
        *,
        format: str = "auto",
        name: str | None = None,
        id_key: str | None = None,
        first_line: int = 1,
        strict: bool = False,
    ) -> "Dataset":
        """Read rows, or a JSON array, that stand in a text; `first_line` is the line it begins on."""
        source = read.text_source(text, first_line=first_line)
        return cls._opened(source, LineageStep("from_text", len(source)), format, name, id_key, strict)

    @classmethod
    def _opened(
        cls,
        source: Source,
        step: LineageStep,
        format: str,
        name: str | None,
        id_key: str | None,
        strict: bool,
    ) -> "Dataset":
        rows, ids = Rows([source]), source_ids(source, id_key)
        made = cls._of(rows, ids, known_format(format), name, (step,), verbatim=True)
        if strict:
            made.validate().raise_for_errors()
        return made

    @classmethod
    def from_records(
        cls,
        records: Iterable[Mapping[str, Any]],
        *,
        format: str = "auto",
        name: str | None = None,
        id_key: str | None = None,
    ) -> "Dataset":
        """Take mappings as rows; a value that JSON cannot hold exactly is an error with row and key."""
        return cls(list(records), format=format, name=name, id_key=id_key)

    @classmethod
    def from_pandas(cls, frame: Any, **options: Any) -> "Dataset":
        """Take the rows of a pandas frame; NaN, NaT and None are left out."""
        return cls(frame, **options)

    # ---- what it is -----------------------------------------------------------------------

    @property
    def name(self) -> str | None:
        """What the dataset is called when shown."""
        return self._name

    @property
    def format(self) -> DatasetFormat:
        """The row format, detected on a sample spread over the rows."""
        if self._format is None:
            spread = np.unique(np.linspace(0, max(len(self) - 1, 0), _SAMPLE).astype(np.int64))
            raws = self._rows.read(spread[: len(self)])
            self._format = detect(row for raw in raws if (row := parse.try_decode(raw)) is not None)
        return self._format

    @property
    def source(self) -> str | None:
        """Short name of the file the rows came from, if there is one."""
        files = {source.file for source in self._rows.sources} - {None}
        return next(iter(files)) if len(files) == 1 else None

    @property
    def ids(self) -> RowIds:
        """The name of each row for life."""
        return self._ids

    @property
    def lineage(self) -> tuple[LineageStep, ...]:
        """What was done, step by step."""
        return self._lineage

    @cached_property
    def nbytes(self) -> int:
        """Size of all rows in bytes, without line ends."""
        return int(self.row_lengths().sum())

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the rows, each led by its length: equal for equal rows in equal order."""
        digest = hashlib.sha256()
        for chunk in self._rows.chunks():
            digest.update(b"".join(len(raw).to_bytes(8, "little") + raw for raw in chunk))
        return f"sha256:{digest.hexdigest()}"

    def __len__(self) -> int:
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dataset):
            return NotImplemented
        return self is other or (len(self) == len(other) and self.fingerprint == other.fingerprint)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        name = f"{self._name!r}, " if self._name else ""
        return f"Dataset({name}{plural(len(self), 'row')}, {self.format})"

    # ---- rows -----------------------------------------------------------------------------

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> "Dataset": ...
    def __getitem__(self, index: int | slice) -> "Row | Dataset":
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            positions = np.arange(start, stop, step)
            return self._selected(positions, "slice", start=start, stop=stop, step=step)
        at = self._at(index)
        return self._decoded(self._rows.one(at), at)

    def __iter__(self) -> Iterator[Row]:
        for at, raw in enumerate(self._rows):
            yield self._decoded(raw, at)

    def _at(self, index: int) -> int:
        if not -len(self) <= index < len(self):
            raise IndexError(f"row {index} of a dataset with {plural(len(self), 'row')}")
        return index % len(self)

    def _decoded(self, raw: bytes, at: int) -> Row:
        row = parse.try_decode(raw)
        if row is None:
            return parse.decode(raw, Where(file=self._rows.file(at), line=self._rows.line(at), row=at))
        return row

    def raw(self, index: int) -> bytes:
        """Return the bytes of a row as they are at rest, without the line end."""
        return self._rows.one(self._at(index))

    def decoded(self) -> Iterator[tuple[int, Row | None]]:
        """Iterate over positions and rows; a row that cannot be read is None."""
        return enumerate(map(parse.try_decode, self._rows))

    def raws(self) -> Iterator[bytes]:
        """Iterate over the bytes of all rows."""
        return iter(self._rows)

    @property
    def stored(self) -> Rows:
        """The rows at rest, for modules that read many of them."""
        return self._rows

    @property
    def untouched(self) -> bool:
        """All rows of one source, as they were opened."""
        return self._verbatim

    def line(self, index: int) -> int:
        """Return the line of a row in its source, from 1."""
        return self._rows.line(self._at(index))

    def row_lengths(self) -> NDArray[np.int64]:
        """Return the length of each row in bytes; costs no reading."""
        return self._rows.lengths()

    @cached_property
    def valid(self) -> "Dataset":
        """The rows that can be read: JSON objects, whatever else is wrong with them."""
        keep = [i for i, raw in enumerate(self._rows) if parse.try_decode(raw) is not None]
        return self._selected(np.array(keep, dtype=np.int64), "valid")

    # ---- selections -----------------------------------------------------------------------

    def _selected(self, positions: Positions, operation: str, /, **arguments: Any) -> "Dataset":
        return self._derive(self._rows.take(positions), self._ids.take(positions), operation, **arguments)

    def take(self, positions: Iterable[int] | NDArray[np.integer]) -> "Dataset":
        """Return the rows at `positions`, in that order."""
        found = select.checked(positions, len(self))
        return self._selected(found, "take", rows=len(found))

    def head(self, n: int = 5) -> "Dataset":
        """Return the first `n` rows."""
        return self[: max(n, 0)]

    def filter(self, condition: Callable[[Row], Any] | select.Conditions) -> "Dataset":
        """Return the rows that a function keeps, or that fit ``{field: value}`` or ``[(field, op, value)]``.

        Parameters
        ----------
        condition
            Comparisons are ``== != < <= > >= in "not in" contains startswith``; a field is a
            top-level key or a JSON pointer such as ``/messages/0/role``.
        """
        return self._selected(select.matching(self, condition), "filter", condition=condition)

    def search(self, text: str, regex: bool = False, case: bool = False) -> "Dataset":
        """Return the rows whose text contains `text`."""
        found = query.positions(self, query.Query(search=text, regex=regex, case=case))
        return self._selected(found.astype(np.int64), "search", text=text, regex=regex, case=case)

    def sort(self, key: Callable[[Row], Any] | str, reverse: bool = False) -> "Dataset":
        """Return the rows in the order of a field or a function; rows without it stand last."""
        return self._selected(select.sorted_by(self, key, reverse=reverse), "sort", key=key, reverse=reverse)

    def sample(self, n: int, seed: int = 0) -> "Dataset":
        """Return `n` different rows at random, the same for a seed in every process."""
        if not 0 <= n <= len(self):
            raise DatasetError(f"{n} rows cannot be drawn from {len(self)}.", code="sample-size")
        return self._selected(select.scrambled(len(self), seed)[:n], "sample", n=n, seed=seed)

    def shuffle(self, seed: int = 0) -> "Dataset":
        """Return the rows in random order, the same for a seed in every process."""
        return self._selected(select.scrambled(len(self), seed), "shuffle", seed=seed)

    def dedupe(self, how: Literal["exact"] = "exact") -> "Dataset":
        """Return the rows without later copies of equal bytes."""
        return self._selected(np.flatnonzero(duplicates.first_of(self, how) < 0), "dedupe", how=how)

    def drop(self, rows: Iterable[int | str]) -> "Dataset":
        """Return the dataset without some rows, given by position or id."""
        gone = select.resolve(self, rows)
        return self._selected(np.delete(np.arange(len(self)), gone), "drop", rows=len(set(gone)))

    def drop_invalid(self) -> "Dataset":
        """Return the rows in which `validate` finds no error."""
        bad = sorted({p.row for p in self.validate().problems if p.severity == "error"})
        return self._selected(np.delete(np.arange(len(self)), bad), "drop_invalid", rows=len(bad))

    def concat(self, *others: "Dataset") -> "Dataset":
        """Return these rows and then those of `others`; an id that is taken gets a suffix."""
        rows = self._rows
        for other in others:
            rows = rows.concat(other._rows)
        joined = self._derive(
            rows, joined_ids([self._ids, *(o._ids for o in others)]), "concat", datasets=len(others)
        )
        if any(other.format != self.format for other in others):
            joined._format = None
        return joined

    def __add__(self, other: "Dataset") -> "Dataset":
        return self.concat(other)

    def split(
        self,
        test: float = 0.1,
        validation: float | None = None,
        seed: int = 0,
        group: str | None = None,
        stratify: str | None = None,
        *,
        test_size: float | None = None,
    ) -> Split:
        """Divide the rows so that no duplicate and no prompt stands on two sides.

        A row keeps its side when rows are added: the side follows from a hash of its prompt
        (or its group) and the seed.

        Parameters
        ----------
        test, validation
            Shares between 0 and 1; `test_size` is another name for `test`.
        group
            A field; rows that share its value stay together, rows without it stand alone.
        stratify
            A field; each of its values is divided by itself. A value with one row goes to train.
            The shares are filled exactly, so rows at the edge may move when a class grows.
        """
        share = test if test_size is None else test_size
        return split(self, share, validation, seed=seed, group=group, stratify=stratify)

    # ---- changes --------------------------------------------------------------------------

    def map(self, function: Callable[[Row], Mapping[str, Any]]) -> "Dataset":
        """Return the dataset with every row replaced by what `function` returns; ids are kept."""
        made = {i: encode_record(function(row), i) for i, row in enumerate(self)}
        out = self._derive(self._rows.replace(made), self._ids, "map", function=function)
        out._format = None
        return out

    def patch(self, changes: Mapping[int | str, Mapping[str, Any]]) -> "Dataset":
        """Return the dataset with some rows, given by position or id, replaced whole."""
        at = select.resolve(self, changes)
        made = {i: encode_record(row, i) for i, row in zip(at, changes.values(), strict=True)}
        return self.replaced(made, "patch", rows=len(made))

    def replaced(self, changes: Mapping[int, bytes | Row], operation: str, /, **arguments: Any) -> "Dataset":
        """Return the dataset with other rows at some positions; ids, files and lines stay."""
        made = {at: row if isinstance(row, bytes) else encode_row(row) for at, row in changes.items()}
        return self._derive(self._rows.replace(made), self._ids, operation, **arguments)

    def with_lineage(self, lineage: tuple[LineageStep, ...]) -> "Dataset":
        """Return the same rows with another record of how they came about."""
        return self._of(self._rows, self._ids, self._format, self._name, lineage)

    # ---- looked at ------------------------------------------------------------------------

    def validate(self, **options: Any) -> "ValidationReport":
        """Return every problem of every row.

        Parameters
        ----------
        format, tokenizer, max_tokens, against, target, rules, near
            See `modelops_jupyter.datasets.validation.validate`.
        """
        from modelops_jupyter.datasets.validation import validate

        if options:
            return validate(self, **options)
        if "report" not in self.memo:
            self.memo["report"] = validate(self)
        return self.memo["report"]

    def stats(self) -> DatasetStats:
        """Return counts: roles, turns, characters, tokens."""
        return dataset_stats(self)

    # ---- made into ------------------------------------------------------------------------

    def to_jsonl(self, path: str | Path) -> None:
        """Write the rows as JSONL, whole or not at all; safe over the own source.

        An unchanged file is copied byte for byte; otherwise each untouched row keeps its
        bytes and gets a newline.
        """
        write.write_jsonl(self._rows, path, verbatim=self._verbatim)

    def to_list(self) -> list[Row]:
        """Return all rows."""
        return list(self)

    def to_pandas(self) -> Any:
        """Return a pandas frame, one column a key."""
        return frames.to_pandas(self.to_list())
