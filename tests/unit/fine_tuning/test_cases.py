"""What people who train in notebooks have met: inputs and what must hold, one test each."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from modelops_jupyter import Dataset, FineTuningJob
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.fine_tuning import providers, worker
from modelops_jupyter.fine_tuning.providers.base import WorkerProvider
from modelops_jupyter.fine_tuning.records import JobRow, reported
from modelops_jupyter.fine_tuning.store import JobStore
from modelops_jupyter.training import TrainingConfig

THREE = Dataset.from_records(
    [
        {"messages": [{"role": "user", "content": f"Say {word}."}, {"role": "assistant", "content": word}]}
        for word in ("one", "two", "three")
    ]
)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The real engine; jobs are worked on in this process, where it is loaded once."""
    pytest.importorskip("trl")
    from modelops_jupyter.training import trainer

    def start(_: WorkerProvider, store: JobStore, row: JobRow) -> None:
        worker.main(row.id, row.attempt, store.path)

    handler = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(WorkerProvider, "start", start)
    yield trainer
    signal.signal(signal.SIGTERM, handler)


@pytest.mark.train
def test_deleting_old_checkpoints_never_deletes_the_best_one(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.numpy import load_file

    losses = {10: 0.9, 20: 0.4, 30: 0.6, 40: 0.7}

    def values(self: Any, model: Any, step: int) -> dict[str, float]:
        return {"validation_loss": losses[step]}

    monkeypatch.setattr(engine.Validation, "values", values)
    config = {"max_steps": 40, "eval_steps": 10, "save_total_limit": 2, "load_best_model_at_end": True}
    job = FineTuningJob("tiny", THREE, validation=THREE, config=config)
    job.run()
    assert job.status == "completed", job.reason
    kept = {point["step"]: point["best"] for point in job.checkpoints if point["kept"]}
    assert kept == {20: True, 40: False}
    folder = job.store.folder(job.id)
    on_disk = {path.name for path in folder.glob("checkpoints/checkpoint-*")}
    assert on_disk == {"checkpoint-20", "checkpoint-40"}
    files = [job.model.path, *((folder / "checkpoints" / f"checkpoint-{step}") for step in (20, 40))]
    model, best, last = (load_file(path / "model.safetensors") for path in files)
    assert all((model[name] == best[name]).all() for name in best)
    assert not all((model[name] == last[name]).all() for name in last)
    assert providers.get("local").resume_step(folder, reported(job.events())) == 40


@pytest.mark.train
def test_less_data_than_one_effective_batch_still_makes_real_steps(engine: Any) -> None:
    assert engine
    config = {"epochs": 2, "batch_size": 2, "gradient_accumulation_steps": 4}
    job = FineTuningJob("tiny", THREE, config={**config, "warmup_steps": 0})
    job.run()
    assert job.status == "completed", job.reason
    assert job.history.steps == [1, 2]
    assert (job.progress.total_steps, job.progress.fraction) == (2, 1.0)
    before, after = (model.load()[0].state_dict() for model in (job.base, job.model))
    assert any((before[name] != after[name]).any() for name in before)
    with pytest.raises(ConfigError, match=r"50.* 2 steps") as caught:
        FineTuningJob("tiny", THREE, config={**config, "warmup_steps": 50})
    assert caught.value.code == "warmup-longer-than-run"


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("learning_rate: 2e-5\n", 2e-5),
        ("learning_rate: 1.0e-4\n", 1e-4),
        ('{"learning_rate": "2e-5"}', 2e-5),
    ],
)
def test_a_learning_rate_that_arrives_as_text_is_a_number(text: str, rate: float) -> None:
    read = TrainingConfig.from_json if text.startswith("{") else TrainingConfig.from_yaml
    config = read(text)
    assert (config.learning_rate, type(config.learning_rate)) == (rate, float)
    job = FineTuningJob("tiny", THREE, provider="simulated", config=config)
    assert job._draft("tiny", None).spec["config"]["learning_rate"] == rate


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"learning_rate": "fast"}', ("learning_rate", "fast")),
        ('{"learing_rate": 2e-5}', ("learing_rate", "learning_rate")),
        ('{"learning_rate": -1}', ("learning_rate",)),
    ],
)
def test_a_learning_rate_that_is_none_is_refused_when_it_is_read(text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as caught:
        TrainingConfig.from_json(text)
    for word in words:
        assert word in str(caught.value)
