"""A registry of its own for every test, and artifacts to put into it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from modelops_jupyter.registry import ModelRegistry


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MODELOPS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def registry() -> ModelRegistry:
    return ModelRegistry()


@pytest.fixture
def artifact(tmp_path: Path) -> Callable[..., Path]:
    """Make a file with these bytes, or a folder of such files."""
    made = 0

    def make(content: bytes | dict[str, bytes] = b"weights", name: str = "model.bin") -> Path:
        nonlocal made
        made += 1
        folder = tmp_path / f"artifact-{made}"
        files = content if isinstance(content, dict) else {name: content}
        for path, held in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(held)
        return folder if isinstance(content, dict) else folder / name

    return make
