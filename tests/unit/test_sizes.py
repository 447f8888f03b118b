"""The house stays small enough to live in."""

import ast
import statistics
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = sorted((ROOT / "src").rglob("*.py"))
TYPESCRIPT = [p for p in sorted((ROOT / "js" / "src").rglob("*.ts")) if not p.name.endswith(".test.ts")]


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_module_holds_more_than_450_lines() -> None:
    long = {p.name: n for p in PYTHON + TYPESCRIPT if (n := lines(p)) > 450}
    long.pop("strings.ts", None)  # every word of the views in one place, for whoever translates them
    assert long == {}


def test_median_module_has_at_most_120_lines() -> None:
    assert statistics.median(map(lines, PYTHON)) <= 120


def statements(path: Path) -> int:
    """Lines that a reader must follow: not blank, not a comment, not a docstring."""
    text = path.read_text(encoding="utf-8")
    prose: set[int] = set()
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                prose |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    marks = ("#",) if path.suffix == ".py" else ("//", "/*", "*")
    found = enumerate((line.strip() for line in text.splitlines()), 1)
    return sum(bool(line) and number not in prose and not line.startswith(marks) for number, line in found)


def test_the_whole_fits_the_budget() -> None:
    # The aims are 15,000 and 5,000; what is promised to users took more. Growth from here needs a cut first.
    assert sum(map(statements, PYTHON)) <= 30_500
    assert sum(map(statements, TYPESCRIPT)) <= 9_900
