"""What comes from Python is converted exactly or refused with row and key."""

import datetime as dt
import decimal
import math

import numpy as np
import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.errors import DatasetError


def test_numpy_scalars_dates_and_tuples_become_plain_json() -> None:
    row = {
        "i": np.int64(2**62),
        "u": np.uint64(2**64 - 1),
        "f": np.float32(0.5),
        "b": np.bool_(True),
        "s": np.str_("a"),
        "d": dt.date(2021, 3, 3),
        "n": np.datetime64("2021-03-03"),
        "t": (1, 2),
        "big": 10**40,
    }
    assert Dataset([row])[0] == {
        "i": 2**62,
        "u": 2**64 - 1,
        "f": 0.5,
        "b": True,
        "s": "a",
        "d": "2021-03-03",
        "n": "2021-03-03",
        "t": [1, 2],
        "big": 10**40,
    }


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, np.float64("nan"), {1: 2}, b"x", {1, 2}, decimal.Decimal("1.1"), np.zeros(2)],
)
def test_what_json_cannot_hold_is_an_error_with_row_and_key(value: object) -> None:
    with pytest.raises(DatasetError) as caught:
        Dataset([{"a": 1}, {"a": [{"b/c": value}]}])
    assert caught.value.where is not None
    assert (caught.value.where.row, caught.value.where.field) == (1, "/a/0/b~1c")


def test_a_record_that_is_no_mapping_is_an_error_with_its_row() -> None:
    with pytest.raises(DatasetError, match="Record 1 is list"):
        Dataset([{"a": 1}, [1]])


@pytest.mark.parametrize("data", [5, {"prompt": "a"}])
def test_what_holds_no_records_is_refused(data: object) -> None:
    with pytest.raises(DatasetError, match="list of mappings"):
        Dataset(data)


def test_a_lone_surrogate_goes_in_and_is_found() -> None:
    ds = Dataset([{"text": "a\ud83d"}])
    assert [p.code for p in ds.validate()] == ["lone-surrogate"]


def test_pandas_frames_go_both_ways() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"prompt": ["a", "b"], "n": [1, None]})
    ds = Dataset.from_pandas(frame)
    assert ds.to_list() == [{"prompt": "a", "n": 1.0}, {"prompt": "b"}]
    assert ds.to_pandas()["prompt"].tolist() == ["a", "b"]
