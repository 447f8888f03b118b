"""A dataset does not change: fresh rows, pure operations, ids and lines that stay."""

import copy
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from modelops_jupyter.datasets import Dataset, DatasetFormat
from modelops_jupyter.errors import ConfigError, DatasetError, StoreError

from .build import chat, jsonl, opened, pairs, saved


def test_an_empty_dataset_is_valid_and_says_what_it_is() -> None:
    ds = Dataset()
    assert (len(ds), ds.to_list(), ds.format, bool(ds.validate())) == (0, [], DatasetFormat.UNKNOWN, True)
    assert repr(ds) == "Dataset(0 rows, unknown)"
    assert len(ds.split().test) == 0


def test_changing_a_row_that_was_read_changes_nothing() -> None:
    ds = Dataset(pairs(2))
    ds[0]["prompt"] = "other"
    assert ds[0]["prompt"] == "question 0"


def test_positions_outside_are_index_errors() -> None:
    ds = Dataset(pairs(2))
    assert ds[-1] == ds[1]
    for outside in (2, -3):
        with pytest.raises(IndexError, match="2 rows"):
            ds[outside]
    with pytest.raises(DatasetError):
        ds.take([0, 2])


def test_equal_rows_get_numbered_ids_in_source_order() -> None:
    ds = Dataset([{"text": "a"}, {"text": "b"}, {"text": "a"}, {"text": "a"}])
    base = ds.ids[0]
    assert list(ds.ids) == [base, ds.ids[1], f"{base}-2", f"{base}-3"]
    assert len(base) == 16
    assert list(ds[2:].ids) == [f"{base}-2", f"{base}-3"]


def test_ids_may_come_from_a_field_that_is_unique() -> None:
    assert list(Dataset([{"k": "x"}, {"k": 7}], id_key="k").ids) == ["x", "7"]
    with pytest.raises(DatasetError, match='Rows 0 and 1 both have the id "x"'):
        list(Dataset([{"k": "x"}, {"k": "x"}], id_key="k").ids)
    with pytest.raises(DatasetError, match="no text or whole number"):
        list(Dataset([{"k": None}], id_key="k").ids)


def test_an_edited_row_keeps_its_id_file_and_line(tmp_path: Path) -> None:
    ds = opened(tmp_path, "\n" + jsonl(pairs(3)))
    new = ds.patch(
        {ds.ids[1]: {"prompt": "new", "completion": "row"}, -1: {"prompt": "last", "completion": "row"}}
    )
    assert list(new.ids) == list(ds.ids)
    assert [new.line(i) for i in range(3)] == [2, 3, 4]
    assert new.source == "data.jsonl"
    assert (new[1]["prompt"], new[2]["prompt"], ds[1]["prompt"]) == ("new", "last", "question 1")


def test_untouched_rows_leave_byte_for_byte(tmp_path: Path) -> None:
    lines = [b'{"a" : 1E5 }', b'{"a": -0, "b": "\\u0041"}', b'{"a": 1.50}']
    ds = opened(tmp_path, b"\xef\xbb\xbf" + b"\r\n".join(lines))
    ds.patch({1: {"a": 2}}).to_jsonl(tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == lines[0] + b'\n{"a":2}\n' + lines[2] + b"\n"


def test_a_file_may_be_written_over_its_own_source(tmp_path: Path) -> None:
    path = saved(tmp_path, jsonl(pairs(2000)))
    ds = Dataset.from_file(path)
    ds[::-1].to_jsonl(path)
    assert Dataset.from_file(path).to_list() == pairs(2000)[::-1]
    assert ds.to_list() == pairs(2000)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, "old\n")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(StoreError, match=r"data\.jsonl was not written: No space left"):
        Dataset(pairs(3)).to_jsonl(path)
    assert path.read_text() == "old\n"
    assert [p.name for p in tmp_path.iterdir()] == ["data.jsonl"]


def test_the_fingerprint_tells_rows_and_order_apart_and_nothing_else(tmp_path: Path) -> None:
    ds = Dataset(pairs(3))
    again = opened(tmp_path, "\n".join(raw.decode() for raw in ds.raws()), name="other.jsonl")
    assert ds == again
    assert ds.fingerprint == again.fingerprint
    assert ds.fingerprint.startswith("sha256:")
    assert ds != ds[::-1]
    assert Dataset([{"a": "bc"}]) != Dataset([{"a": "b"}, {"c": ""}])


def test_lineage_records_every_step_as_json() -> None:
    ds = Dataset(pairs(10)).filter({"prompt": "question 3"}).head(1).map(dict)
    assert [step.operation for step in ds.lineage] == ["from_records", "filter", "slice", "map"]
    assert [step.rows for step in ds.lineage] == [10, 1, 1, 1]
    assert json.loads(json.dumps([step.to_json() for step in ds.lineage]))[1]["arguments"] == {
        "condition": {"prompt": "question 3"}
    }


def test_filter_takes_functions_mappings_and_comparisons() -> None:
    rows = [{"n": 1, "tag": "a"}, {"n": True, "tag": "b"}, {"n": 5}, {"n": "5", "tag": ["a", "z"]}]
    ds = Dataset(rows)
    assert ds.filter(lambda row: row.get("tag") == "a").to_list() == rows[:1]
    assert ds.filter({"n": 1}).to_list() == rows[:1], "true is not 1"
    assert ds.filter([("n", ">", 2)]).to_list() == [rows[2]]
    assert ds.filter([("tag", "contains", "a")]).to_list() == [rows[0], rows[3]]
    assert ds.filter([("/tag/1", "==", "z")]).to_list() == [rows[3]]
    with pytest.raises(ConfigError, match="Did you mean"):
        ds.filter([("tag", "startwith", "a")])


def test_sort_is_stable_and_puts_rows_without_the_key_last() -> None:
    ds = Dataset([{"n": 2, "i": 0}, {"i": 1}, {"n": "x", "i": 2}, {"n": 1, "i": 3}, {"n": 2, "i": 4}])
    assert [row["i"] for row in ds.sort("n")] == [3, 0, 4, 2, 1]
    assert [row["i"] for row in ds.sort("n", reverse=True)] == [2, 0, 4, 3, 1]
    assert [row["i"] for row in ds.sort(lambda row: -row["i"])] == [4, 3, 2, 1, 0]


def test_samples_are_distinct_and_the_same_for_ever() -> None:
    ds = Dataset([{"id": i} for i in range(40)])
    assert [row["id"] for row in ds.sample(5, seed=7)] == [row["id"] for row in ds.shuffle(7).head(5)]
    assert [row["id"] for row in ds.sample(5, seed=7)] == FROZEN_SAMPLE
    assert [row["id"] for row in ds.sample(5, seed=8)] != FROZEN_SAMPLE
    assert sorted(row["id"] for row in ds.shuffle(3)) == list(range(40))
    with pytest.raises(DatasetError, match="41 rows cannot be drawn from 40"):
        ds.sample(41)


FROZEN_SAMPLE = [19, 5, 16, 15, 35]


def test_sampling_leaves_the_global_generators_alone() -> None:
    state = np.random.get_state()[1].tolist()  # type: ignore[index]
    Dataset(pairs(20)).sample(5, seed=1)
    assert np.random.get_state()[1].tolist() == state  # type: ignore[index]


def test_rows_are_dropped_by_position_or_id() -> None:
    ds = Dataset(pairs(4))
    assert ds.drop([0, ds.ids[2]]).to_list() == [pairs(4)[1], pairs(4)[3]]
    with pytest.raises(DatasetError, match='no row with the id "nobody"'):
        ds.drop(["nobody"])


def test_dedupe_keeps_the_first_of_equal_rows() -> None:
    rows = pairs(3)
    assert Dataset([*rows, *rows]).dedupe().to_list() == rows


def test_rows_of_several_sources_are_read_in_order(tmp_path: Path) -> None:
    a, b = opened(tmp_path, jsonl(pairs(3)), "a.jsonl"), opened(tmp_path, jsonl(pairs(6)[3:]), "b.jsonl")
    both = a + b
    assert both[::-1].to_list() == pairs(6)[::-1]
    assert (both.source, a.source) == (None, "a.jsonl")
    assert both.stored.file(4) == "b.jsonl"
    assert (both.line(4), both.row_lengths().tolist()) == (2, [len(raw) for raw in both.raws()])


def test_many_rows_in_any_order_read_the_same_at_once_and_one_by_one() -> None:
    ds = Dataset(pairs(5000)).shuffle(4)
    assert ds.to_list() == [ds[i] for i in range(5000)]


def test_records_that_outgrow_memory_move_to_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelops_jupyter.datasets.storage.SPILL", 1000)
    ds = Dataset(pairs(500))
    assert ds.to_list() == pairs(500)
    assert type(ds.stored.sources[0].storage).__name__ == "SpilledStorage"


def test_copies_read_the_same_and_close_nothing_of_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelops_jupyter.datasets.storage.SPILL", 10)
    path = saved(tmp_path, jsonl(pairs(3)))
    ds = Dataset.from_file(path) + Dataset(pairs(6)[3:])
    for made in (copy.deepcopy(ds), pickle.loads(pickle.dumps(ds))):
        assert (made.to_list(), list(made.ids)) == (pairs(6), list(ds.ids))
        del made
    assert ds.to_list() == pairs(6)
    packed = pickle.dumps(ds)
    path.write_bytes(b"other\n")
    with pytest.raises(DatasetError, match="was changed while"):
        pickle.loads(packed)


def test_chat_rows_keep_their_format_through_empty_selections() -> None:
    ds = Dataset([chat("u:a", "a:b")])
    assert ds[:0].format is DatasetFormat.MESSAGES
