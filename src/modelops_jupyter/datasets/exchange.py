"""How rows come into a dataset and out of it: records, files, frames."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from modelops_jupyter.datasets import frames, read, write
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.collection import Collection
from modelops_jupyter.datasets.encode import encode_record
from modelops_jupyter.datasets.files import arrow
from modelops_jupyter.datasets.formats import known_format
from modelops_jupyter.datasets.identity import source_ids
from modelops_jupyter.datasets.lineage import LineageStep
from modelops_jupyter.datasets.rows import Rows
from modelops_jupyter.datasets.source import Source

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset


class Exchange(Collection):
    """The ways in and out; `Dataset` adds what is done with the rows."""

    def __init__(
        self, data: Any = None, *, format: str = "auto", name: str | None = None, id_key: str | None = None
    ) -> None:
        source = Source.of_rows(encode_record(record, i) for i, record in enumerate(frames.records(data)))
        step = LineageStep("from_records", len(source))
        self._setup(Rows([source]), source_ids(source, id_key), known_format(format), name, (step,))

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
        types: Mapping[str, type] | None = None,
    ) -> Self:
        """Open a file; the rows of JSONL stay on disk and are read when asked for.

        Parameters
        ----------
        path
            The file; its suffix tells the type: ``.jsonl .json .csv .tsv .parquet .arrow``, each
            also with ``.gz`` or ``.zst``. All but JSONL are converted on entry.
        file_type
            "jsonl", "json", "csv", "tsv", "parquet" or "arrow", where the suffix does not tell.
        strict
            Raise if any row has an error.
        types
            The type of CSV columns that are not text: ``{"label": int}``; `int`, `float`, `bool`,
            or `list` and `dict` for cells that hold JSON. A blank cell is then a missing key.

        Raises
        ------
        DatasetError
            If the file is no file of its type; a bad row of JSONL or CSV is no reason.

        Examples
        --------
        >>> Dataset.from_file("train.jsonl")  # doctest: +SKIP
        >>> Dataset.from_file("labels.csv", types={"label": int})  # doctest: +SKIP
        """
        source = read.open_source(path, file_type, types)
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
    ) -> Self:
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
    ) -> Self:
        rows, ids = Rows([source]), source_ids(source, id_key)
        made = cls._of(rows, ids, known_format(format), name, (step,), verbatim=True)
        if strict:
            from modelops_jupyter.datasets.validation import validate

            validate(cast("Dataset", made)).raise_for_errors()
        return made

    @classmethod
    def from_records(
        cls,
        records: Iterable[Mapping[str, Any]],
        *,
        format: str = "auto",
        name: str | None = None,
        id_key: str | None = None,
    ) -> Self:
        """Take mappings as rows; a value that JSON cannot hold exactly is an error with row and key."""
        return cls(list(records), format=format, name=name, id_key=id_key)

    @classmethod
    def from_pandas(cls, frame: Any, **options: Any) -> Self:
        """Take the rows of a pandas frame; NaN, NaT and None are left out."""
        return cls(frame, **options)

    @classmethod
    def from_polars(cls, frame: Any, **options: Any) -> Self:
        """Take the rows of a polars frame; what is null there is a missing key."""
        return cls(frame, **options)

    @classmethod
    def from_arrow(cls, table: Any, **options: Any) -> Self:
        """Take the rows of anything with `__arrow_c_stream__`; what is null there is a missing key.

        Columns of the type `arrow.json` give the values that stand in their text.
        """
        return cls(table, **options)

    @classmethod
    def from_huggingface(cls, data: Any, **options: Any) -> Self:
        """Take the rows of a Hugging Face dataset (one split); keys it invented as null are left out."""
        return cls(data, **options)

    # ---- made into ------------------------------------------------------------------------

    def to_jsonl(self, path: str | Path) -> None:
        """Write the rows as JSONL, whole or not at all; safe over the own source.

        An unchanged file is copied byte for byte; otherwise each untouched row keeps its
        bytes and gets a newline. A name that ends in ``.gz`` or ``.zst`` is compressed.
        """
        write.write_file(self, path, "jsonl")

    def to_file(self, path: str | Path, *, file_type: str | None = None) -> None:
        """Write the rows as the type that the suffix names, whole or not at all.

        ``.jsonl .json .csv .tsv .parquet .arrow``, each also with ``.gz`` or ``.zst``. Parquet and
        Arrow hold every value exactly (`to_arrow`). CSV holds text: other values are written as
        JSON, null and missing as a blank.

        Raises
        ------
        RowError
            If a row cannot be read; JSONL alone can hold such rows.
        StoreError
            If the disk is full or fails; the old file is unchanged.
        """
        write.write_file(self, path, file_type)

    def to_list(self) -> list[Row]:
        """Return all rows."""
        return list(self)

    def to_pandas(self) -> Any:
        """Return a pandas frame, one column a key."""
        return frames.to_pandas(self.to_list())

    def to_arrow(self) -> Any:
        """Return an Arrow table that `from_arrow` turns into the same rows.

        A missing key is null. A column that a table cannot hold exactly (objects with different
        keys, a null of the author's, mixed types) has the type `arrow.json`: text that is JSON.
        """
        return arrow.table_of(self)

    def to_huggingface(self) -> Any:
        """Return a `datasets.Dataset`; columns that a table cannot hold have its feature `Json`."""
        return frames.to_huggingface(self.to_arrow())
