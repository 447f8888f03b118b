"""The shipped messy file: as its script writes it, and with the defects it promises."""

import importlib.util
from pathlib import Path

import pytest

from modelops_jupyter.datasets import Dataset, DatasetSanitizer, reference
from modelops_jupyter.datasets.steps import (
    DropConflicts,
    DropDuplicates,
    DropInvalid,
    LengthFilter,
    Redact,
    StripKeys,
)

DATA = Path(__file__).parents[3] / "notebooks" / "data"


@pytest.fixture(scope="module")
def dates() -> Dataset:
    return Dataset.from_file(DATA / "dates.jsonl")


def test_the_file_is_what_the_script_writes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_dates", DATA / "make_dates.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.main(tmp_path / "dates.jsonl")
    assert (tmp_path / "dates.jsonl").read_bytes() == (DATA / "dates.jsonl").read_bytes()


def test_at_least_eight_kinds_of_defect_are_found_a_handful_of_each(dates: Dataset) -> None:
    counts = {code: len(found) for code, found in dates.validate().by_code().items()}
    assert counts == {
        "empty-field": 6,
        "not-json": 5,
        "role-order": 5,
        "unknown-role": 4,
        "duplicate-key": 3,
        "ill-typed-field": 3,
        "invalid-utf8": 3,
        "conflicting-duplicate": 12,
        "exact-duplicate": 12,
        "personal-data": 8,
        "stray-key": 6,
        "assistant-not-last": 5,
        "unusually-long": 4,
    }


def test_cleaned_it_has_no_problem_and_enough_rows_to_hold_out(dates: Dataset) -> None:
    steps = [
        DropInvalid(),
        DropDuplicates(),
        DropConflicts(),
        LengthFilter(max=200),
        StripKeys(["note"]),
        Redact(["email"]),
    ]
    clean = DatasetSanitizer(steps).run(dates).dataset
    assert clean.validate().problems == ()
    train, test = clean.split()
    assert len(test) >= 300
    assert not {r["messages"][0]["content"] for r in train} & {r["messages"][0]["content"] for r in test}


def test_every_answer_is_the_date_that_was_asked_for(dates: Dataset) -> None:
    for row in dates.drop_invalid().head(500):
        answer = reference(row, dates.format)
        assert len(answer) == 10
        assert answer[:4] in row["messages"][0]["content"]


def test_the_file_is_small(dates: Dataset) -> None:
    assert (DATA / "dates.jsonl").stat().st_size < 600_000
    assert 3_900 < len(dates) < 4_300
