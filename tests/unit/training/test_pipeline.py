"""Real training with the real engine, of few steps: weights move, events tell, stops resume exactly."""

import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.unit.training.conftest import Heard, chat

from modelops_jupyter import Dataset
from modelops_jupyter.errors import ConfigError, EmptyInputError
from modelops_jupyter.training import TrainingConfig, TrainingPipeline, tiny_chat_model

pytest.importorskip("trl")
pytestmark = pytest.mark.train
SHORT = {"max_steps": 8, "batch_size": 4, "warmup_steps": 1, "save_steps": 4, "eval_steps": 4}


def weights(path: Path) -> bytes:
    return (path / "model.safetensors").read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def heard(folder: Path) -> Heard:
    """A whole run, shared by the tests below."""
    heard = Heard()
    run = TrainingPipeline(SHORT, folder=folder).run(chat(24), chat(6, first=24), on_event=heard)
    assert run.complete
    assert run.steps == run.total_steps == 8
    return heard


def test_the_weights_change(heard: Heard, folder: Path) -> None:
    import torch

    from modelops_jupyter.training import models

    before, _ = tiny_chat_model().load()
    after, tokenizer = models.load({"kind": "folder", "path": str(folder / "model")})
    assert not torch.equal(before.model.embed_tokens.weight, after.model.embed_tokens.weight)
    assert all(torch.isfinite(weight).all() for weight in after.parameters())
    assert tokenizer.chat_template == tiny_chat_model().chat_template


def test_stages_come_in_order_and_the_plan_before_the_first_step(heard: Heard) -> None:
    stages = [d["name"] for d in heard.of("stage") if d["state"] == "active"]
    assert stages == ["prepare", "train", "evaluate", "export"]
    kinds = [kind for kind, _ in heard]
    assert kinds.index("plan") < kinds.index("point")
    (plan,) = heard.of("plan")
    assert (plan["rows"], plan["total_steps"], plan["first_step"]) == (24, 8, 0)
    assert 0 < plan["trained_share"] < 1


def test_every_step_is_reported_with_what_a_monitor_shows(heard: Heard) -> None:
    steps = [d for d in heard.of("point") if "loss" in d["values"]]
    assert [d["step"] for d in steps] == list(range(1, 9))
    assert {"loss", "grad_norm", "learning_rate", "memory", "elapsed"} <= set(steps[0]["values"])
    assert all(d["values"]["tokens_per_second"] > 0 for d in steps[1:])


def test_the_validation_loss_comes_with_its_interval(heard: Heard) -> None:
    measured = [d for d in heard.of("point") if "validation_loss" in d["values"]]
    assert [d["step"] for d in measured] == [4, 8]
    for point in measured:
        values = point["values"]
        assert values["validation_loss_low"] < values["validation_loss"] < values["validation_loss_high"]


def test_checkpoints_are_sealed_and_told(heard: Heard, folder: Path) -> None:
    told = heard.of("checkpoint")
    assert [(d["step"], d["folder"]) for d in told] == [
        (4, "checkpoints/checkpoint-4"),
        (8, "checkpoints/checkpoint-8"),
    ]
    assert all("validation_loss" in d for d in told)
    assert (folder / "checkpoints" / "checkpoint-8" / "manifest.json").exists()


def test_a_stopped_run_resumes_to_the_same_weights(heard: Heard, folder: Path, tmp_path: Path) -> None:
    seen = Heard()

    def stop() -> bool:
        return sum("loss" in d["values"] for d in seen.of("point")) >= 5

    pipeline = TrainingPipeline(SHORT, folder=tmp_path)
    stopped = pipeline.run(chat(24), chat(6, first=24), on_event=seen, should_stop=stop)
    assert not stopped.complete
    assert 5 <= stopped.steps < 8
    with pytest.raises(ConfigError, match="stopped before its end"):
        _ = stopped.model_folder
    again = Heard()
    resumed = pipeline.run(chat(24), chat(6, first=24), on_event=again)
    assert resumed.complete
    assert again.of("plan")[0]["first_step"] == stopped.steps
    assert next(d["step"] for d in again.of("point") if "loss" in d["values"]) == stopped.steps + 1
    assert weights(tmp_path / "model") == weights(folder / "model")


STOPS_EARLY = {"max_steps": 20, "save_steps": 2, "eval_steps": 2, "early_stopping_patience": 1}
STOPS_EARLY |= {"load_best_model_at_end": True, "learning_rate": 0.3}


@pytest.mark.parametrize("stage", ["evaluate", "export"])
@pytest.mark.parametrize(
    ("settings", "steps"),
    [({}, 8), ({"method": "lora"}, 8), (STOPS_EARLY, 4)],
    ids=["sft", "lora", "stopped early"],
)
def test_a_run_that_broke_after_training_goes_on_there_without_a_step(
    settings: dict[str, Any], steps: int, stage: str, tmp_path: Path
) -> None:
    rows, held_out = chat(12), chat(6, first=24)

    def breaks(kind: str, data: dict[str, Any]) -> None:
        if kind == "stage" and data["name"] == stage:
            raise ConnectionError

    whole = TrainingPipeline({**SHORT, **settings}, folder=tmp_path / "whole").run(rows, held_out)
    assert whole.steps == steps
    pipeline = TrainingPipeline({**SHORT, **settings}, folder=tmp_path / "broken")
    with pytest.raises(ConnectionError):
        pipeline.run(rows, held_out, on_event=breaks)
    assert not (tmp_path / "broken" / "model").exists()
    heard = Heard()
    run = pipeline.run(rows, held_out, on_event=heard)
    assert (run.complete, run.steps, heard.of("plan")[0]["first_step"]) == (True, steps, steps)
    assert [d["name"] for d in heard.of("stage") if d["state"] == "active"][-2:] == ["evaluate", "export"]
    assert not heard.of("point")
    assert weights(run.path) == weights(whole.path)


class Payload:
    """What a pickle can do to whoever opens it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("opened"),))


@pytest.mark.parametrize(
    "settings",
    [{"method": "lora", "lora_dropout": 0.2}, {"method": "dpo"}, {"gradient_accumulation_steps": 2}],
    ids=["adapter with dropout", "preferences", "accumulated"],
)
def test_a_checkpoint_holds_no_pickle_and_brings_every_method_to_the_same_weights(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = chat(16)
    if settings.get("method") == "dpo":
        pairs = [{"prompt": f"Say {i}.", "chosen": f"{i}", "rejected": f"not {i}"} for i in range(16)]
        rows = Dataset.from_records(pairs)
    short = {**SHORT, **settings, "max_steps": 4}
    whole = TrainingPipeline(short, folder=tmp_path / "whole").run(rows)
    heard = Heard()
    parted = TrainingPipeline(short, folder=tmp_path / "parted")
    stopped = parted.run(rows, on_event=heard, should_stop=lambda: len(heard.of("point")) >= 2)
    assert 2 <= stopped.steps < 4
    kept = tmp_path / "parted" / "checkpoints" / f"checkpoint-{stopped.steps}"
    kinds = {path.suffix for path in kept.rglob("*") if path.is_file()}
    assert kinds <= {".safetensors", ".json", ".jinja", ".md"}
    monkeypatch.chdir(tmp_path)
    for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth", "training_args.bin"):
        (kept / name).write_bytes(pickle.dumps(Payload()))
    assert weights(parted.run(rows).path) == weights(whole.path)
    assert not Path("opened").exists()


def test_a_run_that_would_not_go_on_as_it_began_is_refused_by_name(
    heard: Heard, folder: Path, tmp_path: Path
) -> None:
    assert heard
    rows, held_out = chat(24), chat(6, first=24)
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))

    def refused(pipeline: TrainingPipeline, train: Dataset, validation: Dataset | None) -> str:
        with pytest.raises(ConfigError) as caught:
            pipeline.run(train, validation)
        assert caught.value.code == "run-differs"
        return str(caught.value)

    longer = TrainingPipeline({**SHORT, "max_steps": 9, "seed": 3}, folder=copy)
    text = refused(longer, rows, held_out)
    assert "seed was 0 and is 3" in text
    assert "max_steps was 8 and is 9" in text
    same = TrainingPipeline(SHORT, folder=copy)
    assert "began: the training rows are not what it began with." in refused(
        same, chat(24, first=1), held_out
    )
    assert "the validation rows are" in refused(same, rows, None)
    assert "the model is" in refused(
        TrainingPipeline(SHORT, model=tiny_chat_model(seed=1), folder=copy), rows, held_out
    )
    assert longer.run(rows, held_out, force=True).steps == 9
    assert longer.run(rows, held_out).complete  # that is what it is made of now


def test_less_data_than_one_effective_batch_makes_real_steps(tmp_path: Path) -> None:
    config = TrainingConfig(epochs=2, batch_size=2, gradient_accumulation_steps=4, warmup_steps=0)
    heard = Heard()
    run = TrainingPipeline(config, folder=tmp_path).run(chat(3), on_event=heard)
    assert (run.complete, run.steps) == (True, 2)
    assert heard.of("plan")[0]["total_steps"] == 2
    before, _ = tiny_chat_model().load()
    assert not before.model.embed_tokens.weight.equal(run.load()[0].model.embed_tokens.weight)


def test_an_adapter_is_merged_into_a_plain_model(tmp_path: Path) -> None:
    run = TrainingPipeline({**SHORT, "method": "lora", "max_steps": 2}, folder=tmp_path).run(chat(8))
    names = {path.name for path in run.path.iterdir()}
    assert "model.safetensors" in names
    assert "adapter_config.json" not in names
    before, _ = tiny_chat_model().load()
    after, _ = run.load()
    assert after.num_parameters() == before.num_parameters()


def test_prompts_with_completions_are_trained_on_too(tmp_path: Path) -> None:
    rows = Dataset.from_records([{"prompt": f"Say {i}.", "completion": str(i)} for i in range(8)])
    run = TrainingPipeline({**SHORT, "max_steps": 1}, folder=tmp_path).run(rows)
    assert run.complete


def test_rows_that_teach_nothing_are_counted_and_too_many_are_refused(tmp_path: Path) -> None:
    long = {"messages": [{"role": "user", "content": "x" * 600}, {"role": "assistant", "content": "y"}]}
    few = Dataset.from_records([*chat(9).to_list(), long])
    heard = Heard()
    run = TrainingPipeline({**SHORT, "max_steps": 1}, folder=tmp_path).run(few, on_event=heard)
    assert run.complete
    (warning,) = heard.of("warning")
    assert f"1 row of 10 teaches nothing and stays out: {few.ids[9]}" in warning["text"]
    many = Dataset.from_records([*chat(2).to_list(), long, long | {"id": 2}])
    with pytest.raises(ConfigError, match="50 % of the training rows would teach nothing") as caught:
        TrainingPipeline(SHORT, folder=tmp_path / "other").run(many)
    assert caught.value.code == "mask-empty"


def test_no_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EmptyInputError, match="no rows"):
        TrainingPipeline(SHORT, folder=tmp_path).run(Dataset())


def test_nothing_is_drawn_into_the_notebook(
    heard: Heard, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from modelops_jupyter.fine_tuning import load_model

    answers = load_model(folder / "model").predict(chat(5))
    assert len(answers) == 5
    assert answers.references == tuple("01234")
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")
