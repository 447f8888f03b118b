"""Run the benchmarks and print their tables; with --write into docs/performance.md.

python -m tests.benchmarks                 all of them
python -m tests.benchmarks reading search  some, by the name behind bench_
"""

import argparse
import platform
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks._measure import shown

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "performance.md"
ALL = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def main() -> None:
    """Measure, print, and replace the tables between the markers of the page."""
    parser = argparse.ArgumentParser(description="Ours against a peer, as ratios measured in one run.")
    parser.add_argument("names", nargs="*", default=ALL, help=f"of: {', '.join(ALL)}")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    options = parser.parse_args()
    for name in options.names:
        table = shown(import_module(f"tests.benchmarks.bench_{name}").measure())
        print(f"\n## {name}\n\n{table}", flush=True)
        if options.write:
            write(name, f"{table}\n\n_{machine()}_")


def machine() -> str:
    """Return what the numbers were measured on."""
    return f"Python {platform.python_version()}, numpy {version('numpy')}, {platform.machine()}, two cores."


def write(name: str, body: str) -> None:
    """Replace the text between `<!-- name -->` and `<!-- /name -->` in the page."""
    page = PAGE.read_text(encoding="utf-8")
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    if start not in page:
        raise SystemExit(f"docs/performance.md has no place for {name}: {start.strip()} … {end}")
    head, rest = page.split(start, 1)
    tail = rest.split(end, 1)[1]
    PAGE.write_text(f"{head}{start}{body}\n{end}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
