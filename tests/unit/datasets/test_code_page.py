"""The page of problem codes is what the codes say."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_page_lists_the_codes_as_they_are() -> None:
    made = runpy.run_path(str(ROOT / "scripts" / "problem_codes.py"))["page"]()
    found = (ROOT / "docs" / "problem-codes.md").read_text(encoding="utf-8")
    assert found == made, "run python scripts/problem_codes.py"
