"""`TrainingConfig`: every setting of a run, checked before anything starts."""

import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import yaml

from modelops_jupyter.errors import ConfigError
from modelops_jupyter.training import rules

__all__ = ["TrainingConfig"]

T = TypeVar("T")
# A tiny model starts from random weights: it needs some hundred steps however few rows there are.
TINY_STEPS = 300
_LEARNING_RATES = {"sft": 2e-5, "lora": 2e-4, "dpo": 5e-6}


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
        `"sft"` trains all weights, `"lora"` a small adapter.
    epochs
        Passes over the rows (`num_train_epochs`).
    max_steps
        Stop after so many steps, whatever `epochs` says.
    batch_size
        Rows a step and accumulation (`per_device_train_batch_size`).
    gradient_accumulation_steps
        Batches that are added up before the weights change.
    learning_rate
        The highest rate of the schedule: tiny 3e-3, sft 2e-5, lora 2e-4.
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
    assistant_only_loss
        Learn only what the assistant says, not how users ask.
    eval_steps, save_steps
        How often the validation loss is measured and a checkpoint kept; None: five times a run.
    save_total_limit
        Checkpoints kept on disk, at least 2; the best always stays.
    load_best_model_at_end
        Take the checkpoint with the lowest validation loss instead of the last.
    early_stopping_patience
        End after so many measurements without a lower validation loss.
    lora_r, lora_alpha, lora_dropout, lora_target_modules
        Size and place of the adapter; all linear layers if no modules are named.

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
    assistant_only_loss: bool = True
    eval_steps: int | None = None
    save_steps: int | None = None
    save_total_limit: int = 2
    load_best_model_at_end: bool = False
    early_stopping_patience: int | None = None
    lora_r: int = 16
    lora_alpha: int | None = None
    lora_dropout: float = 0.0
    lora_target_modules: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            given = getattr(self, field.name)
            object.__setattr__(self, field.name, rules.settled(field.name, given, field.default))
        if self.early_stopping_patience and not self.load_best_model_at_end:
            raise ConfigError(
                "early_stopping_patience needs load_best_model_at_end=True.",
                code="config-conflict",
                hint="Else the model kept would be the one after the patience, not the best.",
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
        return values | {"lora_target_modules": list(self.lora_target_modules)}

    def to_json(self) -> str:
        """Return JSON text that `from_json` reads back."""
        return json.dumps(self.to_dict(), indent=2)

    def to_yaml(self) -> str:
        """Return YAML text that `from_yaml` reads back."""
        return yaml.safe_dump(self.to_dict(), sort_keys=False)

    def steps(self, rows: int) -> int:
        """Return how often the weights change in a run over so many rows."""
        if self.max_steps:
            return self.max_steps
        batches = math.ceil(rows / (self.batch_size or 1))
        return math.ceil((self.epochs or 1) * max(1, math.ceil(batches / self.gradient_accumulation_steps)))

    def filled(self, rows: int, *, tiny: bool = False) -> Self:
        """Return the configuration with everything decided for this number of rows and kind of model.

        Raises
        ------
        ConfigError
            If the run could not work: a warm-up longer than the run.
        """
        full = dataclasses.replace(
            self,
            batch_size=self.batch_size or (64 if tiny else 8),
            learning_rate=self.learning_rate or (3e-3 if tiny else _LEARNING_RATES[self.method]),
            max_length=self.max_length or (512 if tiny else 1024),
            lora_alpha=self.lora_alpha or 2 * self.lora_r,
        )
        if full.epochs is None:
            a_pass = dataclasses.replace(full, epochs=1, max_steps=None).steps(rows)
            full = dataclasses.replace(full, epochs=float(math.ceil(TINY_STEPS / a_pass) if tiny else 3))
        total = full.steps(rows)
        if self.warmup_steps is not None and self.warmup_steps > total:
            raise ConfigError(
                f"warmup_steps is {self.warmup_steps}, but the whole run has {total} steps: "
                "the learning rate would never reach its height.",
                code="warmup-longer-than-run",
                hint=f"Use at most {total // 10}, or leave warmup_steps out.",
            )
        often = max(1, math.ceil(total / 5))
        return dataclasses.replace(
            full,
            warmup_steps=min(50, total // 8) if self.warmup_steps is None else self.warmup_steps,
            eval_steps=self.eval_steps or often,
            save_steps=self.save_steps or self.eval_steps or often,
        )
