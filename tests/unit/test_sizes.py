"""The house stays small enough to live in."""

import statistics
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = sorted((ROOT / "src").rglob("*.py"))
TYPESCRIPT = [p for p in sorted((ROOT / "js" / "src").rglob("*.ts")) if not p.name.endswith(".test.ts")]


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_module_holds_more_than_450_lines() -> None:
    assert {p.name: n for p in PYTHON + TYPESCRIPT if (n := lines(p)) > 450} == {}


def test_median_module_has_at_most_120_lines() -> None:
    assert statistics.median(map(lines, PYTHON)) <= 120


def test_the_whole_fits_the_budget() -> None:
    assert sum(map(lines, PYTHON)) <= 15_000
    assert sum(map(lines, TYPESCRIPT)) <= 5_000
