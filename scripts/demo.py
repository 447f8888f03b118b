"""Run the quickstart notebook with visible progress and print the table it ends with.

    python scripts/demo.py [--output FOLDER]

Writes the executed notebook and its HTML beside each other; nothing is fetched.
"""

import argparse
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "01_quickstart.ipynb"


def first_line(source: str) -> str:
    """Return the line that says best what a cell does."""
    skipped = ("#", "from", "import")
    lines = [line for line in source.splitlines() if line.strip() and not line.startswith(skipped)]
    return lines[0][:60] if lines else source.splitlines()[0][:60]


def execute(notebook: nbformat.NotebookNode) -> None:
    """Run every code cell, one printed line each."""
    client = NotebookClient(
        notebook,
        timeout=900,
        kernel_name="python3",
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],  # the kernel warns of TCP on 127.0.0.1
        resources={"metadata": {"path": str(NOTEBOOK.parent)}},
    )
    code = [(i, cell) for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    with client.setup_kernel():
        for position, (index, cell) in enumerate(code, 1):
            print(f"[{position:2}/{len(code)}] {first_line(cell.source):<60}", end=" ", flush=True)
            start = time.perf_counter()
            client.execute_cell(cell, index)
            print(f"{time.perf_counter() - start:6.1f} s", flush=True)
    client.set_widgets_metadata()


def printed(notebook: nbformat.NotebookNode) -> str:
    """Return what the last cell printed."""
    return "".join(o.text for o in notebook.cells[-1].outputs if o.output_type == "stream")


def main() -> int:
    """Run the demo; 0 when the notebook ran to its end."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "demo")
    folder: Path = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("print(comparison.table())"))
    print("Running notebooks/01_quickstart.ipynb: a tiny model is really trained in its own process.\n")
    try:
        execute(notebook)
    except CellExecutionError as error:
        print(f"\nThe quickstart stopped at this cell:\n\n{error}", file=sys.stderr)
        return 1

    executed = folder / "01_quickstart.ipynb"
    nbformat.write(notebook, executed)
    html, _ = HTMLExporter().from_notebook_node(notebook)
    page = executed.with_suffix(".html")
    page.write_text(html, encoding="utf-8")

    print(f"\n{printed(notebook)}")
    print(f"Executed notebook  {executed}")
    print(f"As a web page      {page}")
    print("Live in JupyterLab make lab")
    return 0


if __name__ == "__main__":
    sys.exit(main())
