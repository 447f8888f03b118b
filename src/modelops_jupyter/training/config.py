"""`TrainingConfig`: every setting of a run, checked before anything starts."""

import dataclasses
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import yaml

from modelops_jupyter._where import Where
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.training import rules

__all__ = ["TrainingConfig"]

T = TypeVar("T")
# A tiny model starts from random weights: it needs some hundred steps however few rows there are.
# What an adapter or preferences change is smaller, and too many steps of DPO break what was learned.
TINY_STEPS = {"sft": 300, "lora": 100, "dpo": 40}
_LEARNING_RATES = {"sft": 2e-5, "lora": 2e-4, "dpo": 5e-6}
_TINY_RATES = {"sft": 3e-3, "lora": 3e-3, "dpo": 1e-4}


def _settles_names(cls: type[T]) -> type[T]:
    """Let the constructor take the long Hugging Face spellings, and answer a typo with the nearest name."""
    plain: Callable[..., None] = cls.__init__

    def init(self: T, **settings: Any) -> None:
        plain(self, **rules.known_names(settings))

    init.__wrapped__ = plain  # pyright: ignore[reportFunctionMemberAccess] -- inspect and help() show it
    cls.__init__ = init  # pyright: ignore[reportAttributeAccessIssue] -- the dataclass signature stays the typed one
    return cls


@_settles_names
@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Settings of a training run, under the names TRL gives them (the short one where TRL's is long).

    `None` means: filled by model, method and number of rows when the run is made.

    Parameters
    ----------
    method
        `"sft"` trains all weights, `"lora"` a small adapter; `"dpo"` learns which of two answers is
        better, with all weights or, if `lora_r` is given, with an adapter.
    epochs
        Passes over the rows (`num_train_epochs`).
    max_steps
        Stop after so many steps, whatever `epochs` says.
    batch_size
        Rows a step and accumulation (`per_device_train_batch_size`).
    gradient_accumulation_steps
        Batches that are added up before the weights change.
    learning_rate
        The highest rate of the schedule: sft 2e-5, lora 2e-4, dpo 5e-6; for a tiny model 3e-3, dpo 1e-4.
    lr_scheduler_type
        `"cosine"`, `"linear"`, `"constant"` or `"constant_with_warmup"`.
    warmup_steps
        Steps in which the rate climbs from zero.
    weight_decay, max_grad_norm
        As in AdamW; gradients longer than `max_grad_norm` are shortened to it.
    max_length
        Tokens of a row after which it is cut.
    seed
        Same seed, data and machine: same weights.
    precision
        `"float32"`, or `"bfloat16"`: faster on a processor made for it, less exact.
    assistant_only_loss
        Learn only what the assistant says, not how users ask.
    completion_only_loss
        The same setting for prompts with completions; left out, it is as `assistant_only_loss`.
    packing
        Lay short rows together up to `max_length`, each still for itself; saves padding.
    eval_steps, save_steps
        How often the validation loss is measured and a checkpoint kept; None: five times a run.
    save_total_limit
        Checkpoints kept on disk, at least 2; the best always stays.
    load_best_model_at_end
        Take the checkpoint that was best on the validation rows instead of the last.
    early_stopping_patience
        End after so many measurements without a better one.
    eval_metrics
        Metrics of the answers to the validation rows, such as `"exact_match"`, by generation while it
        trains.
    metric_for_best_model
        By what the best checkpoint is chosen: `"loss"` or one of `eval_metrics`.
    lora_r, lora_alpha, lora_dropout, lora_target_modules
        Size (16 if left out) and place of the adapter; all linear layers if no modules are named.
    beta
        How far DPO may move from the model it starts from: smaller is farther.
    report_to
        Trackers to tell, by transformers' names: `"tensorboard"`, `"mlflow"`, `"wandb"`, ….

    Examples
    --------
    >>> TrainingConfig(epochs=2, learning_rate="2e-5").learning_rate
    2e-05
    """

    method: str = "sft"
    epochs: float | None = None
    max_steps: int | None = None
    batch_size: int | None = None
    gradient_accumulation_steps: int = 1
    learning_rate: float | None = None
    lr_scheduler_type: str = "cosine"
    warmup_steps: int | None = None
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    max_length: int | None = None
    seed: int = 0
    precision: str = "float32"
    assistant_only_loss: bool = True
    completion_only_loss: bool | None = None
    packing: bool = False
    eval_steps: int | None = None
    save_steps: int | None = None
    save_total_limit: int = 2
    load_best_model_at_end: bool = False
    early_stopping_patience: int | None = None
    eval_metrics: tuple[str, ...] = ()
    metric_for_best_model: str | None = None
    lora_r: int | None = None
    lora_alpha: int | None = None
    lora_dropout: float = 0.0
    lora_target_modules: tuple[str, ...] = ()
    beta: float = 0.1
    report_to: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            given = getattr(self, field.name)
            object.__setattr__(self, field.name, rules.settled(field.name, given, field.default))
        for broken, text, hint in _conflicts(self):
            if broken:
                raise ConfigError(text, code="config-conflict", hint=hint)

    @property
    def adapter(self) -> bool:
        """Whether an adapter is trained beside the weights instead of the weights themselves."""
        return self.method == "lora" or (self.method == "dpo" and self.lora_r is not None)

    @property
    def best_by(self) -> str:
        """By what the best checkpoint is chosen: `"loss"` or a metric."""
        return (self.metric_for_best_model or "loss").removeprefix("eval_").replace("validation_loss", "loss")

    def answers_only(self, format: str) -> bool:
        """Tell whether only the answers of rows of this format carry loss."""
        pairs = format == "prompt_completion" and self.completion_only_loss is not None
        return bool(self.completion_only_loss) if pairs else self.assistant_only_loss

    def require_validation(self, *, given: bool) -> None:
        """Refuse settings that need validation rows where there are none."""
        needs = ("eval_metrics", "metric_for_best_model", "load_best_model_at_end")
        if not given and (asked := next((name for name in needs if getattr(self, name)), None)):
            raise ConfigError(
                f"{asked} needs validation rows.",
                code="validation-missing",
                where=Where(field=asked),
                hint="Give validation=: train, validation, test = ds.split(test=.1, validation=.1).",
            )

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Self:
        """Read settings; unknown names are an error with the nearest known one."""
        if not isinstance(settings, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] -- files hold anything
            raise ConfigError(
                f"A training configuration is a mapping of names to values, not {type(settings).__name__}."
            )
        return cls(**settings)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read settings from JSON text."""
        try:
            return cls.from_dict(json.loads(text))
        except json.JSONDecodeError as error:
            raise ConfigError(f"The configuration is not JSON: {error}.") from error

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Read settings from YAML text; `2e-5`, which YAML takes for text, becomes a number."""
        try:
            return cls.from_dict(yaml.safe_load(text) or {})
        except yaml.YAMLError as error:
            raise ConfigError(f"The configuration is not YAML: {error}.") from error

    def to_dict(self) -> dict[str, Any]:
        """Return all settings as JSON values."""
        values = dataclasses.asdict(self)
        return values | {f.name: list(values[f.name]) for f in dataclasses.fields(self) if f.default == ()}

    def to_json(self) -> str:
        """Return JSON text that `from_json` reads back."""
        return json.dumps(self.to_dict(), indent=2)

    def to_yaml(self) -> str:
        """Return YAML text that `from_yaml` reads back."""
        return yaml.safe_dump(self.to_dict(), sort_keys=False)

    def steps(self, rows: int) -> int:
        """Return how often the weights change in a run over so many rows."""
        return self.max_steps or math.ceil((self.epochs or 1) * self._a_pass(rows))

    def passes(self, rows: int) -> float:
        """Return how often a run goes over so many rows, which `max_steps` may end early."""
        return round(self.steps(rows) / self._a_pass(rows), 1)

    def _a_pass(self, rows: int) -> int:
        batches = math.ceil(rows / (self.batch_size or 1))
        return max(1, math.ceil(batches / self.gradient_accumulation_steps))

    def filled(self, rows: int, *, tiny: bool = False) -> Self:
        """Return the configuration with everything decided for this number of rows and kind of model.

        Raises
        ------
        ConfigError
            If the run could not work: a warm-up longer than the run.
        """
        rates = _LEARNING_RATES | (_TINY_RATES if tiny else {})
        full = dataclasses.replace(
            self,
            batch_size=self.batch_size or (64 if tiny else 8),
            learning_rate=self.learning_rate or rates["lora" if tiny and self.adapter else self.method],
            max_length=self.max_length or (512 if tiny else 1024),
        )
        if full.adapter:
            r = self.lora_r or 16
            full = dataclasses.replace(full, lora_r=r, lora_alpha=self.lora_alpha or 2 * r)
        if full.epochs is None:
            epochs = math.ceil(TINY_STEPS[self.method] / full._a_pass(rows)) if tiny else 3
            full = dataclasses.replace(full, epochs=float(epochs))
        total = full.steps(rows)
        if self.warmup_steps is not None and self.warmup_steps > total:
            raise ConfigError(
                f"warmup_steps is {self.warmup_steps}, but the whole run has {total} steps: "
                "the learning rate would never reach its height.",
                code="warmup-longer-than-run",
                hint=f"Use at most {total // 10}, or leave warmup_steps out.",
            )
        often = max(1, math.ceil(total / 5))
        # The best checkpoint can only be one of those that were measured.
        measured = self.eval_steps or (self.save_steps if self.load_best_model_at_end else None) or often
        return dataclasses.replace(
            full,
            warmup_steps=min(50, total // 8) if self.warmup_steps is None else self.warmup_steps,
            eval_steps=measured,
            save_steps=self.save_steps or self.eval_steps or often,
        )

    def packed(self, sequences: int) -> Self:
        """Return a filled configuration for a run over so many packed sequences: it has fewer steps."""
        total = self.steps(sequences)
        often = max(1, min(self.eval_steps or total, math.ceil(total / 5)))
        warmup = min(self.warmup_steps or 0, total // 8)
        return dataclasses.replace(self, warmup_steps=warmup, eval_steps=often, save_steps=often)


def _conflicts(c: TrainingConfig) -> Iterator[tuple[bool, str, str]]:
    """Yield what cannot be together: whether it is so, what to say, and the way out."""
    yield (
        bool(c.early_stopping_patience) and not c.load_best_model_at_end,
        "early_stopping_patience needs load_best_model_at_end=True.",
        "Else the model kept would be the one after the patience, not the best.",
    )
    sizes = [n for n in ("lora_r", "lora_alpha", "lora_target_modules") if getattr(c, n)]
    yield (
        bool(sizes) and not c.adapter,
        f"{' and '.join(sizes)} {'is' if len(sizes) == 1 else 'are'} given, "
        f"but the method '{c.method}' trains all weights.",
        "Use method='dpo' with lora_r." if c.method == "dpo" else "Use method='lora', or leave them out.",
    )
    yield c.packing and c.method == "dpo", "packing is not for dpo: pairs stay together.", "Leave it out."
    if c.load_best_model_at_end and c.eval_steps and c.save_steps:
        yield (
            c.save_steps != c.eval_steps,
            f"save_steps is {c.save_steps} and eval_steps {c.eval_steps}: "
            "the best model that is measured might not be kept, or one that is kept not measured.",
            "With load_best_model_at_end, give one of them or let them be equal.",
        )
    if not c.eval_metrics and c.best_by == "loss":
        return
    from modelops_jupyter.evaluation.metrics import metric_of

    known = {name: metric_of(name) for name in c.eval_metrics}
    yield (
        c.best_by not in ("loss", *known),
        f"metric_for_best_model is '{c.best_by}', which nobody measures.",
        f"Add it to eval_metrics, or use one of: {', '.join(('loss', *known))}.",
    )
    yield (
        c.best_by in known and known[c.best_by].greater_is_better is None,
        f"'{c.best_by}' has no better direction: it cannot choose a checkpoint.",
        "Choose by another metric.",
    )
