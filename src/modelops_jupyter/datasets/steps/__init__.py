"""Steps of a sanitiser: frozen values that say what to remove and what to change."""

from collections.abc import Mapping
from typing import Any

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets.steps.base import Decision, Step
from modelops_jupyter.datasets.steps.drop import (
    DropConflicts,
    DropDuplicates,
    DropInvalid,
    DropNearDuplicates,
)
from modelops_jupyter.datasets.steps.length import LengthFilter, TruncateMessages
from modelops_jupyter.datasets.steps.text import NormalizeText, Redact, StripKeys
from modelops_jupyter.errors import ConfigError

__all__ = [
    "Decision",
    "DropConflicts",
    "DropDuplicates",
    "DropInvalid",
    "DropNearDuplicates",
    "LengthFilter",
    "NormalizeText",
    "Redact",
    "Step",
    "StripKeys",
    "TruncateMessages",
    "step_from_json",
]

_STEPS: dict[str, type[Step]] = {
    kind.name: kind
    for kind in (
        DropInvalid,
        DropDuplicates,
        DropNearDuplicates,
        DropConflicts,
        LengthFilter,
        TruncateMessages,
        StripKeys,
        Redact,
        NormalizeText,
    )
}


def step_from_json(value: Mapping[str, Any], tokenizer: Any = None) -> Step:
    """Return the step that `Step.to_json` wrote; one that counted with a tokenizer needs it again."""
    name = str(value.get("step"))
    if name not in _STEPS:
        hint = did_you_mean(name, _STEPS)
        raise ConfigError(f'There is no step "{name}".', code="unknown-step", hint=hint)
    options = {key: item for key, item in value.items() if key != "step"}
    if "tokenizer" in options and tokenizer is None:
        raise ConfigError(
            f'The step "{name}" counted with the tokenizer {options["tokenizer"]}.',
            code="tokenizer-needed",
            hint="Give it again: DatasetSanitizer.from_json(steps, tokenizer=...).",
        )
    try:
        return _STEPS[name](**{**options, "tokenizer": tokenizer} if "tokenizer" in options else options)
    except TypeError as error:
        raise ConfigError(f'The step "{name}" cannot be made: {error}.', code="unknown-option") from None
