"""Apply each wrong edit of the lists to a copy of the source and see whether the tests notice.

python -m tests.mutations.run             every list in this folder
python -m tests.mutations.run evaluation  one of them

A list holds `[file under src/modelops_jupyter, old text, wrong text]`; its tests stand below.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCE = ROOT / "src" / "modelops_jupyter"
TESTS: dict[str, list[str]] = {
    "evaluation": [
        *(f"tests/unit/evaluation/test_{name}.py" for name in "proofs states intervals bootstrap".split()),
        *(
            f"tests/unit/evaluation/test_{name}.py"
            for name in "classification edge_cases inputs ranking suites regression".split()
        ),
        "tests/property/test_evaluation_states.py",
        "tests/unit/evaluation/test_compare.py",
    ],
}


def caught(place: Path, file: str, old: str, wrong: str, tests: list[str]) -> bool:
    """Whether a test fails with this edit; the copy is put right again."""
    path = place / "modelops_jupyter" / file
    text = path.read_text(encoding="utf-8")
    if text.count(old) < 1:
        raise SystemExit(f"{file} no longer holds {old!r}: bring the list up to date")
    path.write_text(text.replace(old, wrong), encoding="utf-8")
    try:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        there = {**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(command, cwd=ROOT, env=there, capture_output=True, timeout=600).returncode == 1
    finally:
        path.write_text(text, encoding="utf-8")


def main(names: list[str]) -> None:
    """Print a line for every edit that no test noticed, then the share that was noticed."""
    seen = total = 0
    with tempfile.TemporaryDirectory() as folder:
        skip = shutil.ignore_patterns("__pycache__", "*.js", "labextension")
        shutil.copytree(SOURCE, Path(folder, "modelops_jupyter"), ignore=skip)
        for name in names or sorted(TESTS):
            if caught(Path(folder), "__init__.py", "", "", TESTS[name]):
                raise SystemExit(f"the tests of {name} fail without any wrong edit")
            for file, old, wrong in json.loads((HERE / f"{name}.json").read_text(encoding="utf-8")):
                found = caught(Path(folder), file, old, wrong, TESTS[name])
                seen, total = seen + found, total + 1
                print("caught" if found else "MISSED", file, "|", wrong, flush=True)
    print(f"{seen} of {total} wrong edits caught ({100 * seen / total:.0f} %)")


if __name__ == "__main__":
    main(sys.argv[1:])
