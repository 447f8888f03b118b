"""The settings of a training run as options of `%finetune`: one for every field, nothing repeated."""

import dataclasses
import functools
import inspect
import re

from modelops_jupyter.notebook.magics.spec import Option, Options
from modelops_jupyter.training import TrainingConfig
from modelops_jupyter.training.rules import RULES

_VALUES = {int: "N", float: "X", str: "WORD", bool: "BOOL", tuple: "A,B"}


@functools.cache
def config_options() -> Options:
    """Return an option for each field of `TrainingConfig`, explained by its documentation."""
    explained = _explanations(inspect.getdoc(TrainingConfig) or "")
    return tuple(
        Option(
            field.name,
            explained.get(field.name, "see TrainingConfig"),
            value=_VALUES[RULES[field.name].kind],
            choices=RULES[field.name].choices,
            completes="metric" if "metric" in field.name else "",
            optional=RULES[field.name].kind is bool,
        )
        for field in dataclasses.fields(TrainingConfig)
    )


def configuration(options: dict[str, str | bool]) -> TrainingConfig:
    """Return the configuration that the options of a line describe; its own checks apply."""
    given = {option.name: options[option.name] for option in config_options() if option.name in options}
    for name, value in given.items():
        if RULES[name].kind is tuple and isinstance(value, str):
            given[name] = [word for word in value.split(",") if word]  # pyright: ignore[reportArgumentType]
    return TrainingConfig.from_dict(given)


def _explanations(documentation: str) -> dict[str, str]:
    r"""Read ``names\\n    sentence`` pairs out of a numpy-style parameter section."""
    section = documentation.partition("Parameters\n----------\n")[2].partition("\n\nExamples")[0]
    found: dict[str, str] = {}
    for names, text in re.findall(r"^(\w[\w, ]*)\n((?:[ ]{4}.*\n?)+)", section, re.MULTILINE):
        sentence = " ".join(text.split()).replace("`", "").replace('"', "").rstrip(".")
        for name in names.split(","):
            found[name.strip()] = sentence[:1].lower() + sentence[1:]
    return found
