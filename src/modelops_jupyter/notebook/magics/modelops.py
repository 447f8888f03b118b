"""`%modelops doctor | jobs | registry`."""

from collections.abc import Callable
from typing import Any

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.cli.doctor import doctor
from modelops_jupyter.fine_tuning.references import registry
from modelops_jupyter.notebook import display
from modelops_jupyter.notebook.listing import JobListing
from modelops_jupyter.notebook.magics.command import Call, Command
from modelops_jupyter.notebook.magics.spec import Spec, UsageError

_PARTS: dict[str, Callable[[], Any]] = {"doctor": doctor, "jobs": JobListing, "registry": registry}


def _modelops(call: Call) -> None:
    part, *names = (word.text for word in call.parsed.words)
    if part not in _PARTS:
        raise UsageError(f"%modelops has no part {part!r}.", hint=did_you_mean(part, _PARTS))
    if names and part != "registry":
        raise UsageError(f"%modelops {part} takes no name.")
    display.show(registry().resolve(names[0]) if names else _PARTS[part]())


COMMAND = Command(
    Spec(
        name="%modelops",
        forms=("%modelops doctor", "%modelops jobs", "%modelops registry [NAME]"),
        summary="Check the environment, list the jobs, list the models of the registry or show one.",
        words=(1, 2),
        example="%modelops jobs",
        choices=(tuple(_PARTS),),
        completes=("", "registered"),
    ),
    _modelops,
)
