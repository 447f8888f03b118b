"""The engine: TRL's SFTTrainer, set for the machine at hand and heard step by step."""
# torch, transformers and TRL are typed only in part, and their callbacks pass everything by name.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportIncompatibleMethodOverride=false, reportPrivateImportUsage=false

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets as hf
import psutil
import torch
from transformers import EarlyStoppingCallback, TrainerCallback
from transformers.trainer_callback import PrinterCallback
from trl import SFTConfig, SFTTrainer

from modelops_jupyter.datasets.masks import Encoded
from modelops_jupyter.training import checkpoints
from modelops_jupyter.training.config import TrainingConfig
from modelops_jupyter.training.measure import Loss, held_out

Emit = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the engine ended."""

    model: Any
    step: int
    stopped: bool
    measure: Callable[[], Loss]


def train(
    model: Any,
    tokenizer: Any,
    rows: list[Encoded],
    validation: list[Encoded],
    config: TrainingConfig,
    *,
    folder: Path,
    resume: checkpoints.Checkpoint | None,
    emit: Emit,
    should_stop: Callable[[], bool],
) -> Outcome:
    """Train `model` in place, from a whole checkpoint if there is one."""
    voice = _Voice(emit, should_stop)
    callbacks: list[TrainerCallback] = [voice]
    if config.early_stopping_patience and validation:
        callbacks.append(EarlyStoppingCallback(config.early_stopping_patience))
    engine = _Trainer(
        model=model,
        args=_quiet_arguments(config, folder, validated=bool(validation)),
        train_dataset=_table(rows),
        eval_dataset=_table(validation) if validation else None,
        processing_class=tokenizer,
        peft_config=_adapter(config) if config.method == "lora" else None,
        callbacks=callbacks,
    )
    engine.remove_callback(PrinterCallback)
    engine.held_out, engine.pad = validation, int(tokenizer.pad_token_id or 0)
    engine.emit = emit
    engine.train(resume_from_checkpoint=str(resume.path) if resume else None)
    step = int(engine.state.global_step)
    return Outcome(engine.accelerator.unwrap_model(engine.model), step, voice.stopped, engine.measure)


def _quiet_arguments(config: TrainingConfig, folder: Path, *, validated: bool) -> SFTConfig:
    with warnings.catch_warnings():
        # TRL sets gradient_checkpointing by the name that transformers is about to rename.
        warnings.simplefilter("ignore", FutureWarning)
        return _arguments(config, folder, validated=validated)


def _arguments(config: TrainingConfig, folder: Path, *, validated: bool) -> SFTConfig:
    on_cpu = not torch.cuda.is_available()
    return SFTConfig(
        output_dir=str(folder),
        num_train_epochs=config.epochs or 1,
        max_steps=config.max_steps or -1,
        per_device_train_batch_size=config.batch_size or 8,
        gradient_accumulation_steps=config.gradient_accumulation_steps,
        learning_rate=config.learning_rate or 2e-5,
        lr_scheduler_type=config.lr_scheduler_type,
        warmup_steps=config.warmup_steps or 0,
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        seed=config.seed,
        eval_strategy="steps" if validated else "no",
        eval_steps=config.eval_steps if validated else None,
        save_strategy="steps",
        save_steps=config.save_steps or 500,
        save_total_limit=config.save_total_limit,
        load_best_model_at_end=config.load_best_model_at_end and validated,
        metric_for_best_model="eval_loss" if validated else None,
        greater_is_better=False if validated else None,
        logging_steps=1,
        # TRL's own defaults for these two cost a factor of 1.7 on a processor.
        bf16=False,
        gradient_checkpointing=False,
        use_cpu=on_cpu,
        dataloader_pin_memory=not on_cpu,
        max_length=None,  # rows are cut before, where it can be counted
        report_to="none",
        disable_tqdm=True,
    )


def _adapter(config: TrainingConfig) -> Any:
    from peft import LoraConfig

    return LoraConfig(
        r=config.lora_r,
        lora_alpha=config.lora_alpha or 2 * config.lora_r,
        lora_dropout=config.lora_dropout,
        target_modules=list(config.lora_target_modules) or "all-linear",
        task_type="CAUSAL_LM",
    )


def _table(rows: list[Encoded]) -> hf.Dataset:
    return hf.Dataset.from_dict(
        {"input_ids": [row.input_ids for row in rows], "labels": [row.labels for row in rows]}
    )


class _Trainer(SFTTrainer):
    """SFTTrainer whose validation loss is weighted by tokens and has an interval."""

    held_out: list[Encoded]
    pad: int
    emit: Emit

    def measure(self) -> Loss:
        size = 4 * self.args.per_device_train_batch_size
        return held_out(self.model, self.held_out, pad=self.pad, batch_size=size)

    def evaluate(self, *_: Any, metric_key_prefix: str = "eval", **__: Any) -> dict[str, float]:
        loss = self.measure()
        values = {
            "validation_loss": loss.value,
            "validation_loss_low": loss.low,
            "validation_loss_high": loss.high,
        }
        self.emit("point", {"step": self.state.global_step, "values": values})
        metrics = {f"{metric_key_prefix}_loss": loss.value}
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class _Voice(TrainerCallback):
    """Says what happens at each step, seals each checkpoint, and stops when asked."""

    def __init__(self, emit: Emit, should_stop: Callable[[], bool]) -> None:
        self._emit = emit
        self._should_stop = should_stop
        self._process = psutil.Process()
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
        values = {name: float(logs[name]) for name in ("loss", "grad_norm", "learning_rate") if name in logs}
        tokens = float(logs.get("num_tokens", 0.0))
        if self._tokens and now > self._last:  # the first log after a resume counts from zero
            values["tokens_per_second"] = (tokens - self._tokens) / (now - self._last)
        self._tokens, self._last = tokens, now
        values |= {"memory": float(self._process.memory_info().rss), "elapsed": now - self._started}
        self._emit("point", {"step": state.global_step, "values": values})

    def on_save(self, args: Any, state: Any, *_: Any, **__: Any) -> None:
        step = int(state.global_step)
        folder = Path(args.output_dir) / f"checkpoint-{step}"
        checkpoints.seal(folder, step)
        losses = {entry["step"]: entry["eval_loss"] for entry in state.log_history if "eval_loss" in entry}
        told = {"validation_loss": losses[step]} if step in losses else {}
        self._emit("checkpoint", {"step": step, "folder": f"{checkpoints.FOLDER}/{folder.name}", **told})
