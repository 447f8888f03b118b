"""`%finetune DATASET --model M`: start a job and show its monitor."""

import functools
from pathlib import Path

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.errors import JobError
from modelops_jupyter.fine_tuning import FineTuningJob, providers
from modelops_jupyter.notebook import display
from modelops_jupyter.notebook.magics.command import Call, Command
from modelops_jupyter.notebook.magics.config_options import config_options, configuration
from modelops_jupyter.notebook.magics.kinds import BASE, DATASET
from modelops_jupyter.notebook.magics.names import look_up
from modelops_jupyter.notebook.magics.spec import Option, Spec, UsageError


def _finetune(call: Call) -> None:
    parsed = call.parsed
    model = parsed.word("model")
    if model is None:
        raise UsageError(
            "%finetune needs to know which model to start from.",
            hint='Add --model, such as --model tiny. "%finetune -h" explains.',
        )
    base, dataset = look_up(model, call.names, BASE), look_up(call.word(0), call.names, DATASET)
    job = FineTuningJob(
        base,
        dataset,
        validation=call.named("validation", DATASET),
        provider=parsed.text("provider") or "local",
        config=configuration(parsed.options),
        name=parsed.text("name") or _name(dataset, model.text),
    )
    job.run()
    call.bind(job)
    display.show(job)
    if parsed.options.get("wait"):
        _wait(job)


def _name(dataset: Dataset, model: str) -> str:
    """Name a job after what it learns from and what it starts from, such as "dates-tiny"."""
    data = Path(dataset.source).stem if dataset.source else dataset.name
    return f"{data}-{Path(model).name}" if data else Path(model).name


def _wait(job: FineTuningJob) -> None:
    status = job.wait()
    if str(status) != "completed":
        raise JobError(
            f"The job ended as {status}: {job.reason or 'no reason was recorded'}.",
            code="job-not-completed",
            hint="Its events say what happened; resume() goes on from the last checkpoint.",
        )


@functools.cache
def _options() -> tuple[Option, ...]:
    choices = tuple(providers.names())
    provider = Option("provider", "where it runs; local when left out", choices=choices)
    return (provider, *config_options())


COMMAND = Command(
    Spec(
        name="%finetune",
        forms=("%finetune DATASET --model M [--provider P] [--epochs N …] [--as NAME] [--wait]",),
        summary="Fine-tune a model on a dataset in the background and watch it.",
        words=(1, 1),
        example="%finetune train --model tiny --epochs 4 --as job",
        listed=(
            Option("model", "start: tiny, a folder, a hub id, a variable", value="M", completes="base"),
            Option("as", "bind the job to this name", value="NAME"),
            Option("wait", "return when the job has ended; stop the notebook if it failed"),
            Option("validation", "dataset to measure the loss on", value="DATASET", completes="dataset"),
            Option("name", "name of the job in the store; data and model when left out", value="TEXT"),
        ),
        more=_options,
        completes=("dataset",),
    ),
    _finetune,
)
