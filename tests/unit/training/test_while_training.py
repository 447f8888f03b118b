"""What is measured, kept and told while a model is trained."""

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.training.conftest import Heard, chat

from modelops_jupyter import Dataset, evaluate_model
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.fine_tuning import FineTunedModel, load_model
from modelops_jupyter.training import TrainingCallback, TrainingPipeline, tiny_chat_model
from modelops_jupyter.training.encode import encoded_rows
from modelops_jupyter.training.measure import row_losses

pytest.importorskip("trl")
pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Heard]:
    """A run that scores answers, keeps all checkpoints and takes the best."""
    folder, told = tmp_path_factory.mktemp("scored"), Heard()
    settings = {
        "max_steps": 60, "batch_size": 8, "eval_steps": 10, "save_total_limit": 20, "learning_rate": 6e-3,
        "eval_metrics": ["exact_match"], "metric_for_best_model": "exact_match",
        "load_best_model_at_end": True,
    }  # fmt: skip
    TrainingPipeline(settings, folder=folder).run(chat(8), chat(8), on_event=told)
    return folder, told


def test_the_best_checkpoint_is_the_one_recomputed_from_all(scored: tuple[Path, Heard]) -> None:
    folder, told = scored
    checkpoints = sorted((folder / "checkpoints").glob("checkpoint-*"), key=lambda p: int(p.name[11:]))
    again: dict[int, float] = {}
    for checkpoint in checkpoints:
        answers = FineTunedModel(checkpoint).predict(chat(8))
        right = [a == r for a, r in zip(answers, answers.references or (), strict=True)]
        again[int(checkpoint.name[11:])] = sum(right) / len(right)
    reported = {
        d["step"]: d["values"]["exact_match"] for d in told.of("point") if "exact_match" in d["values"]
    }
    assert reported.pop(0) == 0  # of the base
    assert again == pytest.approx(reported)
    assert len(set(again.values())) > 1  # else any checkpoint would do
    best = max(again, key=lambda step: (again[step], -step))
    kept = (folder / "model" / "model.safetensors").read_bytes()
    assert kept == (folder / "checkpoints" / f"checkpoint-{best}" / "model.safetensors").read_bytes()


def test_scores_come_with_bounds_and_samples(scored: tuple[Path, Heard]) -> None:
    _, told = scored
    for point in (d["values"] for d in told.of("point") if "exact_match" in d["values"]):
        assert point["exact_match_low"] <= point["exact_match"] <= point["exact_match_high"]
    samples = told.of("sample")
    assert [s["step"] for s in samples[:7]] == [0, 10, 20, 30, 40, 50, 60]
    assert samples[0]["rows"][0]["reference"] == "0"


def test_the_first_sample_is_what_the_base_answers(scored: tuple[Path, Heard]) -> None:
    _, told = scored
    first = told.of("sample")[0]
    base = load_model("tiny").predict(chat(8))
    assert [row["answer"] for row in first["rows"]] == list(base)[:3]
    kinds = [(kind, data.get("step"), data.get("name")) for kind, data in told]
    assert kinds.index(("sample", 0, None)) < kinds.index(("stage", None, "train"))
    assert told.of("plan")[0]["memory_limit"] > told.of("point")[1]["values"]["memory"]


def test_the_rows_that_chose_the_checkpoint_cannot_judge_it(
    scored: tuple[Path, Heard], tmp_path: Path
) -> None:
    model = FineTunedModel(scored[0] / "model")
    moved = FineTunedModel(model.save(tmp_path / "moved"))
    for judged in (model, moved):
        with pytest.raises(
            EvaluationError, match=r"chose the model's checkpoint \(by exact_match\).*test="
        ) as caught:
            evaluate_model(judged, chat(8))
        assert caught.value.code == "rows-chose-checkpoint"
    assert evaluate_model(model, chat(8, first=8), baselines=None)["exact_match"].n == 8
    assert len(model.generate(["Say 1."])) == 1


def test_the_loss_of_each_row_is_that_of_the_forward_pass(tmp_path: Path) -> None:
    """One batch holds all rows, so the first pass sees the model before its first step."""
    cut = {"messages": [{"role": "user", "content": "x" * 600}, {"role": "assistant", "content": "y"}]}
    ds = Dataset.from_records([*chat(5).to_list(), cut, *chat(4, first=5).to_list()])
    run = TrainingPipeline({"epochs": 3, "batch_size": 16, "warmup_steps": 0}, folder=tmp_path).run(ds)
    losses = run.row_losses
    assert losses is not None
    assert losses.shape == (10, 3)
    assert np.isnan(losses[5]).all()
    model, tokenizer = tiny_chat_model().load()
    sums, counts = row_losses(model, encoded_rows(ds, tokenizer, max_length=512).kept, pad=0, batch_size=16)
    np.testing.assert_allclose(np.delete(losses[:, 0], 5), sums / counts, rtol=1e-4)
    assert np.nanmean(losses[:, 2]) < np.nanmean(losses[:, 0])


def test_losses_of_rows_go_on_over_a_stop(tmp_path: Path, heard: Heard) -> None:
    settings = {"epochs": 3, "batch_size": 4, "warmup_steps": 0, "save_steps": 4}
    whole = TrainingPipeline(settings, folder=tmp_path / "whole").run(chat(12)).row_losses
    pipeline = TrainingPipeline(settings, folder=tmp_path / "stopped")
    pipeline.run(chat(12), on_event=heard, should_stop=lambda: len(heard.of("point")) >= 5)
    resumed = pipeline.run(chat(12)).row_losses
    assert whole is not None
    assert resumed is not None
    assert not np.isnan(whole).any()
    np.testing.assert_array_equal(resumed, whole)


def test_packed_rows_do_not_see_each_other(tmp_path: Path) -> None:
    ds, losses = chat(12), dict[bool, float]()
    for packing in (False, True):
        told = Heard()
        settings = {"max_steps": 1, "batch_size": 12, "packing": packing, "warmup_steps": 0}
        run = TrainingPipeline(settings, folder=tmp_path / str(packing)).run(ds, on_event=told)
        losses[packing] = next(d["values"]["loss"] for d in told.of("point"))
        assert (run.row_losses is None) == packing
    assert losses[True] == pytest.approx(losses[False], rel=1e-4)


def test_packing_makes_fewer_steps_and_the_plan_knows(tmp_path: Path, heard: Heard) -> None:
    settings = {"epochs": 1, "batch_size": 1, "packing": True, "max_length": 64}
    run = TrainingPipeline(settings, folder=tmp_path).run(chat(20), chat(4, first=20), on_event=heard)
    (told,) = heard.of("plan")
    assert run.steps == told["total_steps"] < 20
    assert any("validation_loss" in d["values"] for d in heard.of("point"))


def test_accumulated_batches_are_one_step(tmp_path: Path) -> None:
    weights: list[bytes] = []
    for size, times in ((8, 1), (2, 4)):
        settings = {
            "max_steps": 2,
            "batch_size": size,
            "gradient_accumulation_steps": times,
            "warmup_steps": 0,
        }
        run = TrainingPipeline(settings, folder=tmp_path / str(size)).run(chat(16))
        assert run.steps == 2
        weights.append((run.path / "model.safetensors").read_bytes())
    first, second = (np.frombuffer(w[-4 * 10_000 :], np.float32) for w in weights)
    np.testing.assert_allclose(first, second, atol=2e-4)


def test_patience_ends_a_run_that_gets_no_better(tmp_path: Path) -> None:
    settings = {
        "max_steps": 40, "batch_size": 8, "eval_steps": 2, "learning_rate": 1e-9, "warmup_steps": 0,
        "early_stopping_patience": 2, "load_best_model_at_end": True, "eval_metrics": ["exact_match"],
        "metric_for_best_model": "exact_match",
    }  # fmt: skip
    run = TrainingPipeline(settings, folder=tmp_path).run(chat(8), chat(4, first=8))
    assert run.complete
    assert run.steps < 40


class Listener(TrainingCallback):
    """Writes down what it hears, and stops after three steps."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def on_stage(self, name: str) -> None:
        self.heard.append(name)

    def on_step(self, step: int, values: dict[str, float]) -> None:
        assert values["loss"] > 0
        self.heard.append(f"step {step}")

    def on_end(self, run: Any) -> None:
        self.heard.append(f"end {run.complete}")

    def should_stop(self) -> bool:
        return "step 3" in self.heard


def test_a_callback_hears_and_may_stop(tmp_path: Path) -> None:
    """It is asked before the numbers of a step are known: it hears of step 3 and ends step 4."""
    listener = Listener()
    run = TrainingPipeline({"max_steps": 8, "batch_size": 4}, folder=tmp_path).run(
        chat(8), callbacks=[listener]
    )
    assert not run.complete
    assert listener.heard == ["prepare", "train", "step 1", "step 2", "step 3", "step 4", "end False"]


class Tracker:
    """What transformers would call; `trouble` says how it behaves."""

    trouble = ""
    heard: list[str] = []  # noqa: RUF012 -- transformers makes the object, so the class must remember
    gate = threading.Event()

    def _hear(self, event: str) -> None:
        if self.trouble == event:
            raise ConnectionError("no route to the tracker")
        if self.trouble == "hangs":
            self.gate.wait(60)
        self.heard.append(event)

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self._hear("begin")

    def on_log(self, *_: Any, logs: dict[str, Any], **__: Any) -> None:
        self._hear(f"loss {json.dumps('loss' in logs)}")

    def on_train_end(self, *_: Any, **__: Any) -> None:
        self._hear("end")


@pytest.mark.parametrize("trouble", ["", "begin", "loss true", "hangs"])
def test_a_dead_tracker_never_stops_a_run(
    trouble: str, tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers.integrations import integration_utils

    from modelops_jupyter.training import trackers

    monkeypatch.setitem(integration_utils.INTEGRATION_TO_CALLBACK, "mlflow", Tracker)
    monkeypatch.setattr(trackers, "PATIENCE", 0.2)
    monkeypatch.setattr(Tracker, "trouble", trouble)
    monkeypatch.setattr(Tracker, "heard", [])
    monkeypatch.setattr(Tracker, "gate", threading.Event())
    run = TrainingPipeline({"max_steps": 3, "batch_size": 4, "report_to": ["mlflow"]}, folder=tmp_path).run(
        chat(8), on_event=heard
    )
    Tracker.gate.set()
    assert run.complete
    lost = [d["text"] for d in heard.of("warning")]
    assert len(lost) == bool(trouble)
    if trouble:
        assert "'mlflow' is not told any more" in lost[0]
    else:
        assert Tracker.heard[0] == "begin"
        assert Tracker.heard.count("loss true") == 3
        assert Tracker.heard[-1] == "end"


def test_an_unknown_tracker_is_refused_before_the_first_step(tmp_path: Path, heard: Heard) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'mlflow'"):
        TrainingPipeline({"max_steps": 3, "report_to": ["mlfow"]}, folder=tmp_path).run(
            chat(8), on_event=heard
        )
    assert not heard.of("point")
