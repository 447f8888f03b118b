"""Take a package out of a copy of the tree and run the tests of all others.

    python -m tests.without optimization                         the unit tests
    python -m tests.without registry tests/unit tests/property   these

What is copied is the last commit, with what was built here. The tests that belong to the package go with
it: those in folders of its name, and files that import it as soon as they are imported. All others stay:
a test that needs it further inside says so itself, by `pytest.importorskip`, and counts as skipped.
"""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
OPTIONAL = ("registry", "optimization", "vector_store")
BUILT = ("src/modelops_jupyter/notebook/static", "src/modelops_jupyter/labextension")


def copied(place: Path) -> None:
    """Put the last commit, and what is built from it, into a folder."""
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", place], input=archive, check=True)
    for folder in BUILT:
        shutil.copytree(ROOT / folder, place / folder)
    (place / "js" / "node_modules").symlink_to(ROOT / "js" / "node_modules")


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports when it is imported itself, with the names taken from them."""
    found: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def own(place: Path, package: str) -> list[Path]:
    """Return the test files of a package."""
    name = f"modelops_jupyter.{package}"
    return [
        path
        for path in sorted((place / "tests").rglob("*.py"))
        if package in path.relative_to(place).parts
        or any(module == name or module.startswith(f"{name}.") for module in imported(path))
    ]


def run(package: str, groups: list[str]) -> int:
    """Test the copy, and return pytest's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        copied(place)
        shutil.rmtree(place / "src" / "modelops_jupyter" / package)
        gone = own(place, package)
        print(f"without {package} and its {len(gone)} files of tests:", flush=True)
        for path in gone:
            print("   ", path.relative_to(place))
            path.unlink()
        there = {**os.environ, "PYTHONPATH": str(place / "src")}
        look = f"import modelops_jupyter as m; print(m.__file__); import modelops_jupyter.{package}"
        seen = subprocess.run(
            [sys.executable, "-c", look], cwd=place, env=there, capture_output=True, text=True
        )
        if str(place) not in seen.stdout or "ModuleNotFoundError" not in seen.stderr:
            raise SystemExit(f"the copy is not what would be tested: {seen.stdout} {seen.stderr}")
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", *groups]
        return subprocess.run(command, cwd=place, env=there).returncode


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in OPTIONAL:
        raise SystemExit(f"{__doc__}\nPackages: {', '.join(OPTIONAL)}")
    sys.exit(run(sys.argv[1], sys.argv[2:] or ["tests/unit"]))
