"""Stores in folders of their own, and rows that need no training."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter import Dataset
from modelops_jupyter.fine_tuning import liveness
from modelops_jupyter.fine_tuning.records import JobRow
from modelops_jupyter.fine_tuning.store import JobStore

SPEC: dict[str, Any] = {
    "base": {"kind": "word", "word": "tiny"},
    "config": {"method": "sft", "learning_rate": 3e-3, "lr_scheduler_type": "cosine", "warmup_steps": 10},
    "rows": 100,
    "fingerprint": "sha256:9c1e44a0ffff",
    "seed": 0,
    "simulated": False,
    "plan": {"total_steps": 100, "epochs": 2.0, "rows": 100},
}
Submit = Callable[..., JobRow]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MODELOPS_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def store() -> JobStore:
    return JobStore()


@pytest.fixture
def submit(store: JobStore) -> Submit:
    """Queue a job without starting anything."""

    def make(job_id: str = "tiny-aaaaaa", **changes: Any) -> JobRow:
        values = {"name": None, "provider": "simulated", "base_model": "tiny", "spec": SPEC} | changes
        return store.submit(job_id, **values)

    return make


@pytest.fixture
def running(store: JobStore, submit: Submit, monkeypatch: pytest.MonkeyPatch) -> JobRow:
    """A job whose worker is this very process, taken for alive in spite of its command line."""
    monkeypatch.setattr(liveness, "verdict", lambda *_: "alive")
    row = submit()
    return store.claim(row.id, row.attempt, liveness.me())


@pytest.fixture
def rows() -> Dataset:
    return Dataset.from_records(
        [
            {
                "messages": [
                    {"role": "user", "content": f"Say {i}."},
                    {"role": "assistant", "content": str(i)},
                ]
            }
            for i in range(20)
        ]
    )
