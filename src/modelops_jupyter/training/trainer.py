"""The engine: TRL's trainers, set for the machine at hand and heard step by step."""
# torch, transformers and TRL are typed only in part, and their callbacks pass everything by name.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportIncompatibleMethodOverride=false, reportPrivateImportUsage=false

import json
import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import EarlyStoppingCallback, TrainerCallback
from transformers.trainer_callback import PrinterCallback
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

from modelops_jupyter.training import checkpoints, memory, models, states, tables
from modelops_jupyter.training.config import TrainingConfig
from modelops_jupyter.training.encode import Rows
from modelops_jupyter.training.row_losses import Recorder
from modelops_jupyter.training.trackers import Tracked
from modelops_jupyter.training.validation import Validation, Values, more_is_better

Emit = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the engine ended."""

    model: Any
    step: int
    stopped: bool
    recorder: Recorder


@dataclass(frozen=True, slots=True)
class Course:
    """What a run is given besides model and rows."""

    config: TrainingConfig
    base: models.Description
    steps: int  # planned
    folder: Path
    resume: checkpoints.Checkpoint | None
    emit: Emit
    should_stop: Callable[[], bool]


def train(model: Any, tokenizer: Any, rows: Rows, validation: Validation, course: Course) -> Outcome:
    """Train `model` in place, from a whole checkpoint if there is one."""
    config, pad = course.config, int(tokenizer.pad_token_id or 0)
    dpo = config.method == "dpo"
    recorder = Recorder(rows, config, course.resume)
    if course.resume and (best := _trained(course.resume, course)):
        return Outcome(_model_of(best, course), course.resume.step, False, recorder)
    voice = _Voice(course, recorder)
    # What DPO compares with is the model before its first step: a checkpoint is loaded only later.
    table = tables.pairs(model, rows, config, pad) if dpo else tables.sequences(rows, config)
    with warnings.catch_warnings():
        # TRL sets gradient_checkpointing by the name that transformers is about to rename.
        warnings.simplefilter("ignore", FutureWarning)
        settings = _settings(config, course.folder, validated=bool(validation))
        if dpo:
            args: Any = DPOConfig(**settings, beta=config.beta, precompute_ref_log_probs=True)
        else:
            args = SFTConfig(**settings)
        trainer: Any = (_DPO if dpo else _SFT)(
            model=model,
            args=args,
            data_collator=DataCollatorForPreference(pad)
            if dpo
            else _Collator(pad, padding_free=config.packing),
            train_dataset=table,
            eval_dataset=table.select([0]) if validation else None,  # it has to be there, see `evaluate`
            processing_class=tokenizer,
            peft_config=_adapter(config) if config.adapter else None,
            callbacks=_callbacks(config, voice, course, validated=bool(validation)),
        )
    trainer.remove_callback(PrinterCallback)
    trainer.validation, trainer.recorder, trainer.emit = validation, recorder, course.emit
    recorder.listen(trainer.accelerator.unwrap_model(trainer.model))
    try:
        trainer.train(resume_from_checkpoint=str(course.resume.path) if course.resume else None)
    finally:
        recorder.close()
    kept = trainer.accelerator.unwrap_model(trainer.model)
    return Outcome(kept, int(trainer.state.global_step), voice.stopped, recorder)


def _trained(last: checkpoints.Checkpoint, course: Course) -> Path | None:
    """Return the result, if training had come to its end: the engine would do another step."""
    state = json.loads((last.path / "trainer_state.json").read_text("utf-8"))
    patience = state["stateful_callbacks"].get("EarlyStoppingCallback")
    waited = patience["attributes"]["early_stopping_patience_counter"] if patience else 0
    if last.step < course.steps and waited < (course.config.early_stopping_patience or math.inf):
        return None
    best = state["best_model_checkpoint"] if course.config.load_best_model_at_end else None
    return last.path.with_name(Path(best).name) if best else last.path


def _model_of(checkpoint: Path, course: Course) -> Any:
    if course.config.adapter:
        return models.with_adapter(course.base, checkpoint)[0]
    return models.load({"kind": "folder", "path": str(checkpoint)})[0]


def _settings(config: TrainingConfig, folder: Path, *, validated: bool) -> dict[str, Any]:
    on_cpu = not torch.cuda.is_available()
    best = config.best_by
    return {
        "output_dir": str(folder),
        "num_train_epochs": config.epochs or 1,
        "max_steps": config.max_steps or -1,
        "per_device_train_batch_size": config.batch_size or 8,
        "gradient_accumulation_steps": config.gradient_accumulation_steps,
        "learning_rate": config.learning_rate or 2e-5,
        "lr_scheduler_type": config.lr_scheduler_type,
        "warmup_steps": config.warmup_steps or 0,
        "weight_decay": config.weight_decay,
        "max_grad_norm": config.max_grad_norm,
        "seed": config.seed,
        "eval_strategy": "steps" if validated else "no",
        "eval_steps": config.eval_steps if validated else None,
        "save_strategy": "steps",
        "save_steps": config.save_steps or 500,
        "save_total_limit": config.save_total_limit,
        "load_best_model_at_end": config.load_best_model_at_end,
        "metric_for_best_model": f"eval_{best}" if validated else None,
        "greater_is_better": more_is_better(best) if validated else None,
        "logging_steps": 1,
        # TRL's own defaults for these two cost a factor of 1.7 on a processor.
        "bf16": config.precision == "bfloat16",
        "gradient_checkpointing": False,
        "use_cpu": on_cpu,
        "dataloader_pin_memory": not on_cpu,
        "max_length": None,  # rows are cut before, where it can be counted
        "remove_unused_columns": False,  # the collators know them
        "report_to": "none",  # trackers are told by a thread that nobody waits for
        "disable_tqdm": True,
    }


def _adapter(config: TrainingConfig) -> Any:
    from peft import LoraConfig

    return LoraConfig(
        r=config.lora_r or 16,
        lora_alpha=config.lora_alpha or 32,
        lora_dropout=config.lora_dropout,
        target_modules=list(config.lora_target_modules) or "all-linear",
        task_type="CAUSAL_LM",
    )


def _callbacks(config: TrainingConfig, voice: "_Voice", course: Course, *, validated: bool) -> list[Any]:
    callbacks: list[Any] = [voice]
    if config.early_stopping_patience and validated:
        callbacks.append(EarlyStoppingCallback(config.early_stopping_patience))
    return callbacks + [Tracked(name, course.emit) for name in config.report_to]


class _Collator(DataCollatorForLanguageModeling):
    """TRL's, which also says which rows are in the batch."""

    def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        batch = super().torch_call(examples)
        if "row" in examples[0]:
            batch["row"] = torch.tensor([example["row"] for example in examples])
        return batch


class _Ours(states.NoPickles):
    """What both trainers do our way: the validation loss has an interval and is weighted by tokens."""

    validation: Validation
    recorder: Recorder
    emit: Emit

    def evaluate(self: Any, *_: Any, metric_key_prefix: str = "eval", **__: Any) -> Values:
        step = int(self.state.global_step)
        values = self.validation.values(self.accelerator.unwrap_model(self.model), step)
        self.emit("point", {"step": step, "values": values})
        bare = {
            n.removeprefix("validation_"): v for n, v in values.items() if not n.endswith(("_low", "_high"))
        }
        metrics = {f"{metric_key_prefix}_{name}": value for name, value in bare.items()}
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class _SFT(_Ours, SFTTrainer):
    def compute_loss(self, model: Any, inputs: dict[str, Any], *args: Any, **options: Any) -> Any:
        with self.recorder.batch(inputs.pop("row", None)):
            return super().compute_loss(model, inputs, *args, **options)


class _DPO(_Ours, DPOTrainer):
    """TRL's, given rows that are encoded and compared with the model at the start already."""

    def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
        return dataset

    def _precompute_ref_logps(self, dataset: Any, *_: Any, **__: Any) -> Any:
        return dataset


class _Voice(TrainerCallback):
    """Says what happens at each step, seals each checkpoint, and stops when asked."""

    def __init__(self, course: Course, recorder: Recorder) -> None:
        self._emit = course.emit
        self._should_stop = course.should_stop
        self._recorder = recorder
        self._started = self._last = time.monotonic()
        self._tokens = 0.0
        self.stopped = False

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self._started = self._last = time.monotonic()

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        self._last = time.monotonic()  # the pace of a step is not that of the evaluation before it

    def on_step_end(self, _: Any, state: Any, control: Any, **__: Any) -> Any:
        if self._should_stop() and state.global_step < state.max_steps:
            self.stopped = control.should_save = control.should_training_stop = True
        return control

    def on_log(self, _: Any, state: Any, __: Any, logs: dict[str, Any] | None = None, **___: Any) -> None:
        if not logs or "loss" not in logs:
            return
        now = time.monotonic()
        told = {"rewards/accuracies": "reward_accuracy", "rewards/margins": "reward_margin"}
        told |= {name: name for name in ("loss", "grad_norm", "learning_rate")}
        values = {ours: float(logs[name]) for name, ours in told.items() if name in logs}
        tokens = float(logs.get("num_tokens", 0.0))
        if self._tokens and now > self._last:  # the first log after a resume counts from zero
            values["tokens_per_second"] = (tokens - self._tokens) / (now - self._last)
        self._tokens, self._last = tokens, now
        values |= {"memory": float(memory.used()), "elapsed": now - self._started}
        self._emit("point", {"step": state.global_step, "values": values})

    def on_save(self, args: Any, state: Any, *_: Any, **__: Any) -> None:
        step = int(state.global_step)
        folder = Path(args.output_dir) / f"checkpoint-{step}"
        self._recorder.save(folder)
        (folder / states.PICKLE).unlink(missing_ok=True)
        checkpoints.seal(folder, step)
        losses = {entry["step"]: entry["eval_loss"] for entry in state.log_history if "eval_loss" in entry}
        told = {"validation_loss": losses[step]} if step in losses else {}
        self._emit("checkpoint", {"step": step, "folder": f"{checkpoints.FOLDER}/{folder.name}", **told})
