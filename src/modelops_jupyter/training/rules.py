"""What each training setting may be, and the other names people know it by."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter._where import Where
from modelops_jupyter.errors import ConfigError

# Spellings of transformers, TRL and PEFT: the same setting under a longer or an older name.
ALIASES = {
    "num_train_epochs": "epochs",
    "per_device_train_batch_size": "batch_size",
    "max_seq_length": "max_length",
    "r": "lora_r",
    "target_modules": "lora_target_modules",
}
# Names of Axolotl, LLaMA-Factory and others, only ever a hint: their values may mean something else.
_ELSEWHERE = {
    "num_epochs": "epochs",
    "micro_batch_size": "batch_size",
    "sequence_len": "max_length",
    "cutoff_len": "max_length",
    "lr": "learning_rate",
    "lr_scheduler": "lr_scheduler_type",
    "warmup_ratio": "warmup_steps', a number of steps, not '0.1",
    "train_on_inputs": "assistant_only_loss", "train_on_prompt": "assistant_only_loss",
    "sample_packing": "packing", "neat_packing": "packing",
    "lora_rank": "lora_r",
    "lora_target": "lora_target_modules",
    "lora_target_linear": "lora_target_modules",
    "finetuning_type": "method", "adapter": "method", "stage": "method", "rl": "method", "use_peft": "method",
    "pref_beta": "beta", "dpo_beta": "beta", "rl_beta": "beta",
    "bf16": "precision", "fp16": "precision", "torch_dtype": "precision", "dtype": "precision",
    "eval_strategy": "eval_steps", "evals_per_epoch": "eval_steps", "save_strategy": "save_steps",
    "saves_per_epoch": "save_steps",
    "wandb_project": "report_to", "use_tensorboard": "report_to", "use_mlflow": "report_to",
    "compute_metrics": "eval_metrics",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """Type and range of one setting; `above` excludes the bound itself."""

    kind: type
    low: float | None = None
    high: float | None = None
    above: bool = False
    choices: tuple[str, ...] = ()


_COUNT = Rule(int, 1)
RULES: dict[str, Rule] = {
    "method": Rule(str, choices=("sft", "lora", "dpo")),
    "epochs": Rule(float, 0, above=True),
    "max_steps": _COUNT,
    "batch_size": _COUNT,
    "gradient_accumulation_steps": _COUNT,
    "learning_rate": Rule(float, 0, 10, above=True),
    "lr_scheduler_type": Rule(str, choices=("cosine", "linear", "constant", "constant_with_warmup")),
    "warmup_steps": Rule(int, 0),
    "weight_decay": Rule(float, 0, 1),
    "max_grad_norm": Rule(float, 0),
    "max_length": Rule(int, 8),
    "seed": Rule(int, 0, 2**32 - 1),
    "precision": Rule(str, choices=("float32", "bfloat16")),
    "assistant_only_loss": Rule(bool),
    "completion_only_loss": Rule(bool),
    "packing": Rule(bool),
    "eval_steps": _COUNT,
    "save_steps": _COUNT,
    "save_total_limit": Rule(int, 2),
    "load_best_model_at_end": Rule(bool),
    "early_stopping_patience": _COUNT,
    "eval_metrics": Rule(tuple),
    "metric_for_best_model": Rule(str),
    "report_to": Rule(tuple),
    "beta": Rule(float, 0, above=True),
    "lora_r": _COUNT,
    "lora_alpha": _COUNT,
    "lora_dropout": Rule(float, 0, 1),
    "lora_target_modules": Rule(tuple),
}


def known_names(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Translate aliases; refuse an unknown name, and one setting given under two names."""
    settled: dict[str, Any] = {}
    for given, value in settings.items():
        name = ALIASES.get(given, given)
        if name not in RULES:
            raise _unknown(given)
        if name in settled:
            raise ConfigError(f"'{name}' and its other name are both given.", where=Where(field=given))
        settled[name] = value
    return settled


def settled(name: str, value: Any, default: Any) -> Any:
    """Return the value in its proper type, or say what is wrong with it."""
    if value is None and default is None:
        return None
    rule = RULES[name]
    if rule.kind is str:
        return _choice(name, value, rule.choices)
    if rule.kind is tuple:
        return _words(name, value)
    if rule.kind is bool:
        return _truth(name, value)
    number = _number(name, value, rule.kind)
    too_low = rule.low is not None and (number < rule.low or (rule.above and number == rule.low))
    if too_low or (rule.high is not None and number > rule.high):
        raise _wrong(name, value, _range(rule))
    return number


def _number(name: str, value: Any, kind: type) -> Any:
    wanted = "a whole number" if kind is int else "a number"
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise _wrong(name, value, wanted)
    try:
        number = float(value)
    except ValueError:
        raise _wrong(name, value, wanted) from None
    if not math.isfinite(number) or (kind is int and number != int(number)):
        raise _wrong(name, value, wanted)
    return int(value) if isinstance(value, int) and kind is int else kind(number)


def _truth(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "false": False}
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise _wrong(name, value, "true or false")


def _choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    if isinstance(value, str) and (value in choices or (value and not choices)):
        return value
    hint = did_you_mean(value, choices) if isinstance(value, str) else f"Known: {', '.join(choices)}."
    raise ConfigError(f"{name} is {value!r}.", where=Where(field=name), hint=hint)


def _words(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise _wrong(name, value, "a list of names")
    words = tuple(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- checked next
    if not all(isinstance(word, str) for word in words):  # pyright: ignore[reportUnknownVariableType]
        raise _wrong(name, value, "a list of names")
    return words  # pyright: ignore[reportUnknownVariableType] -- all are str


def _range(rule: Rule) -> str:
    wanted = "a whole number" if rule.kind is int else "a number"
    if rule.low is not None:
        wanted += f" above {rule.low:g}" if rule.above else f" from {rule.low:g}"
    return wanted + (f" to {rule.high:g}" if rule.high is not None else "")


def _wrong(name: str, value: Any, wanted: str) -> ConfigError:
    return ConfigError(
        f"{name} is {value!r}; it must be {wanted}.", code="config-value", where=Where(field=name)
    )


def _unknown(name: Any) -> ConfigError:
    word = str(name)
    hint = f"Here it is '{_ELSEWHERE[word]}'." if word in _ELSEWHERE else did_you_mean(word, RULES)
    return ConfigError(
        f"There is no training setting '{word}'.", code="config-unknown", where=Where(field=word), hint=hint
    )
