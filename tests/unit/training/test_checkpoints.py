"""A checkpoint counts only when all of it is there."""

from pathlib import Path

import pytest

from modelops_jupyter.training import checkpoints


@pytest.fixture
def job(tmp_path: Path) -> Path:
    for step in (50, 100):
        folder = tmp_path / "checkpoints" / f"checkpoint-{step}"
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(b"weights" * step)
        (folder / "trainer_state.json").write_text("{}")
        checkpoints.seal(folder, step)
    return tmp_path


def newest_step(job: Path, **options: bool) -> int | None:
    found = checkpoints.newest(job, **options)
    return found.step if found else None


def test_newest_means_the_highest_step(job: Path) -> None:
    (job / "checkpoints" / "checkpoint-9").mkdir()
    assert newest_step(job) == 100


@pytest.mark.parametrize("damage", ["missing", "short", "changed", "no manifest", "torn manifest"])
def test_a_damaged_one_is_passed_over(job: Path, damage: str) -> None:
    folder = job / "checkpoints" / "checkpoint-100"
    weights, manifest = folder / "model.safetensors", folder / "manifest.json"
    match damage:
        case "missing":
            weights.unlink()
        case "short":
            weights.write_bytes(weights.read_bytes()[:-1])
        case "changed":
            weights.write_bytes(b"W" + weights.read_bytes()[1:])
        case "no manifest":
            manifest.unlink()
        case _:
            manifest.write_bytes(manifest.read_bytes()[:40])
    assert newest_step(job) == 50


def test_a_quick_look_compares_sizes_only(job: Path) -> None:
    weights = job / "checkpoints" / "checkpoint-100" / "model.safetensors"
    weights.write_bytes(b"W" + weights.read_bytes()[1:])
    assert newest_step(job, checksums=False) == 100
    weights.write_bytes(b"short")
    assert newest_step(job, checksums=False) == 50


def test_no_checkpoint_is_none(tmp_path: Path) -> None:
    assert newest_step(tmp_path) is None
