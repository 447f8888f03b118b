"""All magics, in the order of the help."""

from modelops_jupyter.notebook.magics import dataset, evaluate, finetune, modelops
from modelops_jupyter.notebook.magics.command import Command

COMMANDS: tuple[Command, ...] = (
    dataset.TYPED,
    dataset.SOURCE,
    evaluate.LINE,
    evaluate.CELL,
    finetune.COMMAND,
    modelops.COMMAND,
)
