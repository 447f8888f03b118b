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
from tests.benchmarks._page import write

HERE = Path(__file__).parent
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
            write("performance.md", name, f"{table}\n\n_{machine()}_")


def machine() -> str:
    """Return what the numbers were measured on."""
    return f"Python {platform.python_version()}, numpy {version('numpy')}, {platform.machine()}, two cores."


if __name__ == "__main__":
    main()
