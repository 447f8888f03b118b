"""The notebooks' committed outputs are what the code gives today, and the check can fail.

The notebooks that train take minutes: they run once, in a browser, and tests/lab compares them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from .outputs import FOLDER, MASK, TRAINING, lasting

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SMALL = [
    "%load_ext modelops_jupyter",
    '%%dataset tea\n{"prompt": "Kettle?", "completion": "On."}\n{"prompt": "Cup?", "completion": ""}',
    "tea.validate()",
]


def compare(notebook: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run nbval over one notebook, strictly, through the mask."""
    command = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
        "--rootdir",
        str(notebook.parent),
    ]
    command += ["--nbval", "--nbval-sanitize-with", str(MASK), "--nbval-cell-timeout", "900", str(notebook)]
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=notebook.parent,
        env={**os.environ, "MODELOPS_HOME": str(home)},
    )


@pytest.mark.parametrize("notebook", [p for p in NOTEBOOKS if p.name not in TRAINING], ids=lambda p: p.stem)
def test_a_notebook_still_gives_its_committed_outputs(notebook: Path, tmp_path: Path) -> None:
    done = compare(notebook, tmp_path)
    assert done.returncode == 0, done.stdout[-6000:]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_committed_with_all_its_outputs(notebook: Path) -> None:
    cells = [c for c in nbformat.read(notebook, as_version=4).cells if c.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    assert not any(output.output_type == "error" for cell in cells for output in cell.outputs)
    assert "widget-view" not in notebook.read_text(encoding="utf-8")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small executed notebook with our rich outputs."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in SMALL])
    NotebookClient(notebook, kernel_name="python3", store_widget_state=False).execute()
    path = tmp_path / "small.ipynb"
    nbformat.write(notebook, path)
    return path


def test_the_check_passes_on_true_outputs_and_fails_on_one_changed_number(
    small: Path, tmp_path: Path
) -> None:
    assert compare(small, tmp_path).returncode == 0
    text, kept = small.read_text(encoding="utf-8"), lasting(small)
    assert "2 rows" in text
    small.write_text(text.replace("2 rows", "3 rows"), encoding="utf-8")
    assert compare(small, tmp_path).returncode == 1
    assert lasting(small) != kept


def test_the_mask_hides_only_what_is_marked() -> None:
    lines = MASK.read_text(encoding="utf-8").splitlines()
    patterns = [line.removeprefix("regex: ") for line in lines if line.startswith("regex: ")]
    assert len(patterns) == 3
    assert all(("<data>" in p) or ("<time>" in p) or ("‹" in p) for p in patterns), json.dumps(patterns)
