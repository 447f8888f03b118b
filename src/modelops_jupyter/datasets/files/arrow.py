"""Arrow tables, Parquet and Arrow files: missing is not null, and no key is invented.

A table gives every row every column, and every struct every key. So a null in a table is a key
that is missing, and a column whose values a table cannot hold as they are (objects with
different keys, a null, integers above 64 bit) becomes a column of Arrow's own type for JSON
text, `arrow.json`, which says what it is in its metadata. Parquet and Hugging Face keep it.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

import msgspec

from modelops_jupyter._extras import require
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.encode import encode_record
from modelops_jupyter.datasets.files.base import Opening, StorageFile, converted, refuse_rows_without_keys
from modelops_jupyter.datasets.source import Source
from modelops_jupyter.datasets.storage import Storage
from modelops_jupyter.errors import DatasetError, Where

if TYPE_CHECKING:
    from modelops_jupyter.datasets.collection import Collection

_CHUNK = 1024  # rows at once
_JSON = "json"
_SCALARS = {"str": "string", "int": "int64", "float": "float64", "bool": "bool_"}
# "str", "int", "float", "bool", _JSON, ("list", shape), ("struct", ((key, shape), ...)), or None: unknown
Shape: TypeAlias = "str | tuple[str, Any] | None"


def _pyarrow(part: str = "") -> Any:
    return require(f"pyarrow{part}", extra="files", purpose="read and write Arrow tables and Parquet files")


# ---- in -----------------------------------------------------------------------------------


def stream_rows(data: Any) -> Iterator[Row]:
    """Yield the rows of anything with `__arrow_c_stream__`."""
    return batch_rows(_pyarrow().RecordBatchReader.from_stream(data))


def batch_rows(batches: Iterable[Any]) -> Iterator[Row]:
    """Yield the rows of record batches or tables."""
    for batch in batches:
        names = batch.schema.names
        if len(set(names)) < len(names):
            raise DatasetError("Two columns of the table have the same name.", code="bad-header")
        restore = {f.name: restored for f in batch.schema if (restored := _restorer(f.type))}
        for start in range(0, batch.num_rows, _CHUNK):
            for row in batch.slice(start, _CHUNK).to_pylist():
                yield {
                    key: restore[key](value) if key in restore else value
                    for key, value in row.items()
                    if not (value is None or value != value)
                }


def _restorer(kind: Any) -> Callable[[Any], Any] | None:
    """Return what makes a value of an Arrow type what it was, if anything has to be done."""
    types = _pyarrow().types
    if getattr(kind, "extension_name", None) == "arrow.json":
        return _from_text
    if types.is_struct(kind):
        inner = {f.name: _restorer(f.type) for f in kind}
        return lambda value: _without_invented(value, inner)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        item = _restorer(kind.value_type)
        return item and (lambda value: [None if v is None else item(v) for v in value])
    return None


def _without_invented(value: Row, inner: dict[str, Callable[[Any], Any] | None]) -> Row:
    found = ((key, item, inner[key]) for key, item in value.items() if item is not None)
    return {key: restore(item) if restore else item for key, item, restore in found}


def _from_text(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except ValueError:
        return text  # a column that calls itself JSON and is not


def read_parquet(storage: Storage, opening: Opening) -> Source:
    """Take the rows of a Parquet file."""
    file = _pyarrow(".parquet").ParquetFile
    return _read(lambda: file(StorageFile(storage)).iter_batches(batch_size=_CHUNK), opening, "Parquet")


def read_ipc(storage: Storage, opening: Opening) -> Source:
    """Take the rows of an Arrow file, or of an Arrow stream that was saved."""
    ipc = _pyarrow(".ipc")
    start = storage.read(0, min(storage.size, 6))

    def batches() -> Iterable[Any]:
        if start != b"ARROW1":
            return ipc.open_stream(StorageFile(storage))
        file = ipc.open_file(StorageFile(storage))
        return map(file.get_batch, range(file.num_record_batches))

    return _read(batches, opening, "Arrow")


def _read(batches: Callable[[], Iterable[Any]], opening: Opening, word: str) -> Source:
    broken = cast("type[Exception]", _pyarrow().ArrowException)
    try:
        rows = batch_rows(batches())
        return converted(((i + 1, encode_record(row, i)) for i, row in enumerate(rows)), opening.name)
    except (broken, OSError) as error:
        raise DatasetError(
            f"{opening.name} cannot be read as {word}: {error}.",
            code="bad-table",
            where=Where(file=opening.name),
            hint="Fetch or make it again; its end may be missing.",
        ) from None


# ---- out ----------------------------------------------------------------------------------


def schema_of(ds: "Collection") -> Any:
    """Return the Arrow schema that holds all rows exactly."""
    arrow = _pyarrow()
    shapes: dict[str, Shape] = {}
    for row in ds:
        for key, value in row.items():
            if shapes.get(key) != _JSON:
                shapes[key] = _merged(shapes.get(key), _shape(value))
    refuse_rows_without_keys(shapes, len(ds))
    return arrow.schema([(key, _arrow_type(shape, arrow)) for key, shape in shapes.items()])


def _shape(value: Any) -> Shape:
    match value:
        case bool() | float() | str():
            return type(value).__name__
        case int():
            return "int" if -(2**63) <= value < 2**63 else _JSON
        case list():
            shape: Shape = None
            for item in cast("list[Any]", value):
                shape = _merged(shape, _shape(item))
            return _JSON if shape == _JSON else ("list", shape)
        case dict() if value:
            fields = tuple((key, _shape(item)) for key, item in cast("Row", value).items())
            return _JSON if any(shape == _JSON for _, shape in fields) else ("struct", fields)
        case _:
            return _JSON  # null, or an object without keys


def _merged(a: Shape, b: Shape) -> Shape:
    if a is None or a == b:
        return b
    if b is None:
        return a
    if isinstance(a, str) or isinstance(b, str) or a[0] != b[0]:
        return _JSON
    if a[0] == "list":
        item = _merged(a[1], b[1])
        return _JSON if item == _JSON else ("list", item)
    if [key for key, _ in a[1]] != [key for key, _ in b[1]]:
        return _JSON
    fields = tuple((key, _merged(x, y)) for (key, x), (_, y) in zip(a[1], b[1], strict=True))
    return _JSON if any(shape == _JSON for _, shape in fields) else ("struct", fields)


def _settled(shape: Shape) -> bool:
    """Tell whether every value of a shape is known; of an array that is always empty nothing is."""
    if shape is None or isinstance(shape, str):
        return shape is not None
    return _settled(shape[1]) if shape[0] == "list" else all(_settled(s) for _, s in shape[1])


def _arrow_type(shape: Shape, arrow: Any) -> Any:
    if shape is None or shape == _JSON or not _settled(shape):
        return arrow.json_()
    if isinstance(shape, str):
        return getattr(arrow, _SCALARS[shape])()
    if shape[0] == "list":
        return arrow.list_(_arrow_type(shape[1], arrow))
    return arrow.struct([(key, _arrow_type(inner, arrow)) for key, inner in shape[1]])


def batches_of(rows: Iterable[Row], schema: Any) -> Iterator[Any]:
    """Yield rows as record batches."""
    make = _pyarrow().RecordBatch.from_pylist
    texts = {f.name for f in schema if getattr(f.type, "extension_name", None) == "arrow.json"}
    left = iter(rows)
    while chunk := list(islice(left, _CHUNK)):
        for row in chunk:
            for key in texts & row.keys():
                row[key] = msgspec.json.encode(row[key]).decode()
        yield make(chunk, schema=schema)


def table_of(ds: "Collection") -> Any:
    """Return all rows as a table."""
    schema = schema_of(ds)
    return _pyarrow().Table.from_batches(batches_of(ds, schema), schema=schema)


def write_parquet(ds: "Collection", stream: BinaryIO) -> None:
    """Write rows as a Parquet file."""
    _write(ds, stream, _pyarrow(".parquet").ParquetWriter)


def write_ipc(ds: "Collection", stream: BinaryIO) -> None:
    """Write rows as an Arrow file."""
    _write(ds, stream, _pyarrow(".ipc").new_file)


def _write(ds: "Collection", stream: BinaryIO, opened: Callable[[BinaryIO, Any], Any]) -> None:
    schema = schema_of(ds)
    with opened(stream, schema) as writer:
        for batch in batches_of(ds, schema):
            writer.write_batch(batch)
