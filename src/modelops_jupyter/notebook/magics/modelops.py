"""`%modelops doctor | jobs | registry`."""

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.notebook import display
from modelops_jupyter.notebook.listing import JobListing
from modelops_jupyter.notebook.magics.command import Call, Command
from modelops_jupyter.notebook.magics.spec import Spec, UsageError

_PARTS = ("doctor", "jobs", "registry")


def _modelops(call: Call) -> None:
    part = call.word(0).text
    if part == "doctor":
        from modelops_jupyter.cli.doctor import doctor

        display.show(doctor())
    elif part == "jobs":
        display.show(JobListing())
    elif part == "registry":
        _registry()
    else:
        raise UsageError(f"%modelops has no part {part!r}.", hint=did_you_mean(part, _PARTS))


def _registry() -> None:
    try:
        from modelops_jupyter.registry import ModelRegistry
    except ImportError as error:
        raise ConfigError(
            "The model registry is not part of this version yet.", code="not-yet", hint="Nothing was changed."
        ) from error
    display.show(ModelRegistry())


COMMAND = Command(
    Spec(
        name="%modelops",
        forms=("%modelops doctor", "%modelops jobs", "%modelops registry"),
        summary="Check the environment, list the jobs, browse the registry.",
        words=(1, 1),
        example="%modelops jobs",
        choices=(_PARTS,),
    ),
    _modelops,
)
