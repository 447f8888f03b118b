"""The shipped corpus of questions: as its script writes it, with the faults it is there for."""

import runpy
from pathlib import Path

from modelops_jupyter.datasets import Dataset

DATA = Path(__file__).parents[3] / "notebooks" / "data"


def test_the_file_is_what_the_script_writes(tmp_path: Path) -> None:
    runpy.run_path(str(DATA / "make_questions.py"))["main"](tmp_path / "made.jsonl")
    assert (tmp_path / "made.jsonl").read_bytes() == (DATA / "questions.jsonl").read_bytes()


def test_its_copies_and_contradictions_are_found_beside_the_faults_of_its_way_here() -> None:
    report = Dataset.from_file(DATA / "questions.jsonl").validate()
    counts = {code: len(found) for code, found in report.by_code().items()}
    assert counts["exact-duplicate"] > 1000
    assert counts["conflicting-duplicate"] > 150
    assert counts["empty-field"] > 10
    assert (counts["bom"], counts["two-values-on-line"], counts["truncated-last-line"]) == (1, 1, 1)
    assert {p.row for p in report.by_code()["two-values-on-line"]} == {300}
