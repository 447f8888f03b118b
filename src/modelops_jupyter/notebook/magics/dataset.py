"""`%%dataset NAME` and `%dataset SOURCE`."""

from dataclasses import replace
from functools import partial

from modelops_jupyter.datasets import Dataset, DatasetFormat
from modelops_jupyter.notebook import display
from modelops_jupyter.notebook.magics.command import Call, Command
from modelops_jupyter.notebook.magics.kinds import DATASET
from modelops_jupyter.notebook.magics.names import check_name, look_up
from modelops_jupyter.notebook.magics.spec import Option, Spec
from modelops_jupyter.notebook.magics.typed import refuse_errors

_FORMAT = Option(
    "format", "row format; recognised when left out", choices=tuple(str(f) for f in DatasetFormat)
)
_STRICT = Option("strict", "stop here if a row has an error")


def _typed(call: Call) -> None:
    name = check_name(call.word(0).text, "The name")
    ds = Dataset.from_text(
        call.body, name=name, format=call.parsed.text("format") or "auto", first_line=call.first_line
    )
    _refuse_errors(call, ds)
    call.shell.push({name: ds})
    display.show(ds)


def _source(call: Call) -> None:
    read = partial(Dataset.from_file, name=call.parsed.text("as"))
    ds: Dataset = look_up(call.word(0), call.names, replace(DATASET, read=read))
    _refuse_errors(call, ds)
    call.bind(ds)
    display.show(ds)


def _refuse_errors(call: Call, ds: Dataset) -> None:
    if call.parsed.options.get("strict"):
        refuse_errors(ds, "Mend the row, or leave --strict out to see all problems.")


TYPED = Command(
    Spec(
        name="%%dataset",
        forms=("%%dataset NAME [--format F] [--strict]",),
        summary="Make a dataset from the rows typed in the cell: one JSON object a line, or a JSON array.",
        words=(1, 1),
        example='%%dataset examples\n{"prompt": "2 + 2?", "completion": "4"}',
        listed=(_FORMAT, _STRICT),
    ),
    _typed,
)
SOURCE = Command(
    Spec(
        name="%dataset",
        forms=("%dataset SOURCE [--as NAME] [--strict]",),
        summary="Open a file as a dataset, or show one that a variable holds.",
        words=(1, 1),
        example='%dataset "my data/chats.jsonl" --as chats',
        listed=(Option("as", "bind the dataset to this name", value="NAME"), _STRICT),
        completes=("dataset",),
    ),
    _source,
)
