"""What of a notebook's outputs has to be the same in every run."""

import configparser
import json
import re
from pathlib import Path

import nbformat

FOLDER = Path(__file__).parents[2] / "notebooks"
MASK = FOLDER / "nbval.cfg"
TRAINING = ("01_quickstart.ipynb", "03_finetuning.ipynb", "08_register_shrink.ipynb")
SKIPPED = ("image/png", "application/vnd.jupyter.widget-view+json")  # as nbval does


def lasting(notebook: Path) -> list[list[str]]:
    """Return the outputs of each code cell as nbval compares them: without pictures, and masked."""
    cells = nbformat.read(notebook, as_version=4).cells
    return [[_masked(output) for output in cell.outputs] for cell in cells if cell.cell_type == "code"]


def _masked(output: nbformat.NotebookNode) -> str:
    data = {kind: value for kind, value in output.get("data", {}).items() if kind not in SKIPPED}
    text = json.dumps([output.output_type, output.get("text"), data], ensure_ascii=False, sort_keys=True)
    mask = configparser.ConfigParser(interpolation=None)
    mask.read(MASK, "utf-8")
    for name in mask.sections():
        text = re.sub(mask[name]["regex"], mask[name]["replace"], text)
    return text
