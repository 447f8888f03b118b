"""Arrow, Parquet, Hugging Face and frames: missing is not null, and no key is invented."""

import math
from pathlib import Path
from typing import Any

import datasets
import pandas as pd
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.errors import DatasetError

from .build import chat, pairs

AREA = {"type": "object", "properties": {"radius": {"type": "number"}}}
LABEL = {
    "type": "object",
    "properties": {"text": {"type": "string", "default": None}, "size": {"enum": ["s", "l", None]}},
}
TOOLS = [
    chat(
        "u:Area for 2?",
        "a:12.566",
        tools=[{"type": "function", "function": {"name": "area", "parameters": AREA}}],
    ),
    chat(
        "u:Label it.",
        "a:Done.",
        tools=[{"type": "function", "function": {"name": "label", "parameters": LABEL}}],
    ),
    chat("u:Hello.", "a:Hello."),
]
MIXED: list[dict[str, Any]] = [
    {"n": 1, "x": 1.0, "big": 2**70, "b": True, "list": [], "either": 1, "none": None, "empty": {}},
    {"n": -(2**63), "x": -0.5, "either": 2.5, "list": ["a"], "some": None, "deep": [[{"a": [1]}], []]},
    {"n": 2**63 - 1, "x": 1e300, "either": "2.5", "some": "text", "deep": [[{"a": []}]]},
    {"either": [1, "a", None], "n": 0, "other": {"a": 1}, "order": {"a": 1, "b": 2}},
    {"other": {"b": 1}, "order": {"b": 2, "a": 1}},
]


def through_arrow(ds: Dataset, folder: Path) -> Dataset:
    return Dataset.from_arrow(ds.to_arrow())


def through_parquet(ds: Dataset, folder: Path) -> Dataset:
    ds.to_file(folder / "t.parquet")
    return Dataset.from_file(folder / "t.parquet")


def through_ipc(ds: Dataset, folder: Path) -> Dataset:
    ds.to_file(folder / "t.arrow")
    return Dataset.from_file(folder / "t.arrow")


def through_huggingface(ds: Dataset, folder: Path) -> Dataset:
    return Dataset.from_huggingface(ds.to_huggingface())


@pytest.mark.parametrize("way", [through_arrow, through_parquet, through_ipc, through_huggingface])
@pytest.mark.parametrize("rows", [TOOLS, MIXED, pairs(3000), []], ids=["tools", "mixed", "many", "none"])
def test_rows_come_back_as_they_went(way: Any, rows: list[Any], tmp_path: Path) -> None:
    assert repr(sorted_keys(way(Dataset(rows), tmp_path).to_list())) == repr(sorted_keys(rows))


def sorted_keys(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Top-level keys stand in the order of the columns; those inside keep theirs."""
    return [{key: row[key] for key in sorted(row)} for row in rows]


def test_columns_that_a_table_can_hold_are_plain_columns() -> None:
    schema = Dataset(TOOLS).to_arrow().schema
    assert schema.field("messages").type == pa.list_(
        pa.struct([("role", pa.string()), ("content", pa.string())])
    )
    assert schema.field("tools").type == pa.json_()
    assert [f.type for f in Dataset([{"a": 1, "b": 1.5, "c": "x", "d": True}]).to_arrow().schema] == [
        pa.int64(),
        pa.float64(),
        pa.string(),
        pa.bool_(),
    ]


def test_others_see_values_and_not_text_where_they_know_json(tmp_path: Path) -> None:
    made = Dataset(TOOLS).to_huggingface()
    assert isinstance(made, datasets.Dataset)
    assert made[1]["tools"] == TOOLS[1]["tools"]
    Dataset(TOOLS).to_file(tmp_path / "t.parquet")
    assert pq.read_table(tmp_path / "t.parquet")["tools"].to_pylist()[2] is None


def test_nulls_that_a_table_invented_are_left_out() -> None:
    rows = [{"m": [{"a": 1}, {"b": "x"}], "n": [1, None]}, {"m": [{"a": 2, "b": "y"}]}]
    for data in (pa.Table.from_pylist(rows), datasets.Dataset.from_list(rows)):
        assert Dataset(data).to_list() == rows


def test_a_selection_of_hugging_face_rows_keeps_its_order() -> None:
    data = datasets.Dataset.from_list(pairs(2500)).select([2400, 7, 1])
    assert Dataset.from_huggingface(data).to_list() == [pairs(2500)[i] for i in (2400, 7, 1)]
    with pytest.raises(DatasetError, match="DatasetDict") as caught:
        Dataset.from_huggingface(datasets.DatasetDict({"train": data}))
    assert "one split" in str(caught.value.hint)


def test_hugging_face_json_inside_lists_is_decoded() -> None:
    data = datasets.Dataset.from_dict({"a": [[{"b": 0}, {"c": None}], None]}, on_mixed_types="use_json")
    assert Dataset.from_huggingface(data).to_list() == [{"a": [{"b": 0}, {"c": None}]}, {}]


class Stream:
    """Quacks like a polars frame."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        days = pa.array([None, 1, 2], pa.date32())
        table = pa.table({"prompt": ["a", "b", None], "note": [math.nan, 1.5, None], "day": days})
        return table.__arrow_c_stream__(requested_schema)


def test_anything_that_streams_arrow_is_a_frame() -> None:
    expected = [{"prompt": "a"}, {"prompt": "b", "note": 1.5, "day": "1970-01-02"}, {"day": "1970-01-03"}]
    assert Dataset(Stream()).to_list() == Dataset.from_polars(Stream()).to_list() == expected


def test_pandas_frames_give_no_keys_for_what_is_missing() -> None:
    frame = pd.DataFrame({"prompt": ["a", None, "c"], "n": [1.0, math.nan, 3.0]})
    assert Dataset.from_pandas(frame).to_list() == [{"prompt": "a", "n": 1.0}, {}, {"prompt": "c", "n": 3.0}]


@pytest.mark.parametrize("make", [pa.ipc.new_file, pa.ipc.new_stream])
def test_arrow_files_and_saved_streams_are_both_read(tmp_path: Path, make: Any) -> None:
    table = pa.Table.from_pylist(pairs(5))
    with make(str(tmp_path / "t.arrow"), table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    ds = Dataset.from_file(tmp_path / "t.arrow")
    assert ds.to_list() == pairs(5)
    assert ds.line(3) == 4


def test_what_json_cannot_hold_is_refused_with_row_and_key(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [b"x", b"y"], "t": [1, 2]}), tmp_path / "t.parquet")
    with pytest.raises(DatasetError, match="bytes") as caught:
        Dataset.from_file(tmp_path / "t.parquet")
    assert caught.value.where is not None
    assert (caught.value.where.row, caught.value.where.field) == (0, "/a")


def test_a_stream_of_hugging_face_rows_is_read() -> None:
    stream = datasets.Dataset.from_list(pairs(2500)).to_iterable_dataset(num_shards=2)
    assert Dataset.from_huggingface(stream).to_list() == pairs(2500)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".arrow"])
def test_rows_that_a_table_would_lose_are_refused(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(DatasetError, match="without a single key"):
        Dataset([{}, {}]).to_file(tmp_path / f"t{suffix}")
    assert list(tmp_path.iterdir()) == []
    assert Dataset.from_arrow(Dataset([{}, {"a": 1}]).to_arrow()).to_list() == [{}, {"a": 1}]


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(DatasetError, match="same name"):
        Dataset(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]))
