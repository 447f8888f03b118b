"""Write docs/problem-codes.md: every code that `validate` knows, as the code itself says it.

python scripts/problem_codes.py
"""

from pathlib import Path

from modelops_jupyter.datasets.validation import CODES

PAGE = Path(__file__).parents[1] / "docs" / "problem-codes.md"
HEAD = """# Every problem code

`ds.validate()` names each problem by one of these codes. The severity is the usual one; a rule may lower
it where the same thing is harmless (an empty prompt is a warning, an empty answer an error). *Safe* fixes
lose nothing: `report.fix()` applies them, `ds.diff(report.fix())` shows them first.
Written by `python scripts/problem_codes.py`.

| code | shown as | severity | safe fix | what to do |
|---|---|---|---|---|
"""


def page() -> str:
    """Return the whole page."""
    rows = (
        f"| `{code}` | {info.label} | {info.severity} | {'yes' if info.safe else ''} | {info.fix} |\n"
        for code, info in CODES.items()
    )
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
