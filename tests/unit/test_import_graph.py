"""The dependency rule: a package imports only what stands below it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "src" / "modelops_jupyter"

# Each package and what it may import, at module level or inside a function.
ALLOWED: dict[str, set[str]] = {
    "datasets": set(),
    "evaluation": {"datasets"},
    "evaluators": {"evaluation", "datasets"},
    "training": {"evaluation", "datasets"},
    "fine_tuning": {"training", "evaluation", "datasets"},
    "registry": {"evaluation", "datasets"},
    "optimization": {"evaluation", "datasets"},
    "vector_store": {"evaluation", "datasets"},
    "plots": {"training", "fine_tuning", "evaluation", "datasets"},
    "wire": {"evaluators", "fine_tuning", "training", "evaluation", "datasets"},
    "notebook": {"wire", "plots", "evaluators", "fine_tuning", "training", "evaluation", "datasets", "cli"},
    "server": {"wire", "fine_tuning", "evaluation", "datasets"},
    "cli": {"wire", "fine_tuning", "training", "evaluation", "datasets"},
    # shared by all: `_display` is the one door upwards, opened only when something is shown
    "_display": {"notebook", "plots"},
}
# What the rooms above reach for inside a call, with a clear error when it is absent.
BY_CALL = {"registry", "optimization", "vector_store"}


def rooms() -> list[str]:
    found = {p.stem for p in ROOT.iterdir() if p.suffix == ".py" or (p.is_dir() and any(p.rglob("*.py")))}
    return sorted(found - {"__init__", "__pycache__", "labextension"})


def files(room: str) -> list[Path]:
    folder = ROOT / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [ROOT / f"{room}.py"]


def imports(path: Path, *, with_module: bool = False) -> set[str]:
    """Names of our rooms that a file imports anywhere, or as soon as it is imported itself."""
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body if with_module else ast.walk(tree):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the graph"
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
        for module in modules:
            parts = module.split(".")
            if parts[0] == "modelops_jupyter" and len(parts) > 1:
                found.add(parts[1])
    return found


@pytest.mark.parametrize("room", rooms())
def test_a_room_imports_only_what_stands_below_it(room: str) -> None:
    shared = {name for name in rooms() if name.startswith("_")} | {"errors"}
    allowed = ALLOWED.get(room, set()) | shared | {room}
    for path in files(room):
        extra = imports(path) - allowed
        if room in {"wire", "notebook", "cli", "fine_tuning"}:
            extra -= BY_CALL
        assert not extra, f"{path.relative_to(ROOT)} imports {sorted(extra)}"


def test_packages_that_may_be_missing_are_only_imported_inside_calls() -> None:
    for path in sorted(ROOT.rglob("*.py")):
        if {*path.relative_to(ROOT).parts, path.stem} & BY_CALL:
            continue  # its own files, and twins and commands that bear its name
        assert not imports(path, with_module=True) & BY_CALL, path


def test_every_room_has_a_rule() -> None:
    assert {r for r in rooms() if not r.startswith("_")} <= set(ALLOWED) | {"errors"}
