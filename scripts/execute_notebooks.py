"""Execute notebooks in place, so that the outputs committed are outputs that were computed.

python scripts/execute_notebooks.py notebooks/01_quickstart.ipynb ...
"""

import argparse
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Drop what changes from run to run and says nothing: timings, random cell ids, versions."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02}"
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            # The model id of a live widget means nothing in a saved file.
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)


def main() -> int:
    """Execute each notebook given."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    for path in parser.parse_args().notebooks:
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(
            notebook,
            timeout=900,
            kernel_name="python3",
            store_widget_state=False,
            extra_arguments=["--log-level=ERROR"],  # the kernel warns of TCP on 127.0.0.1
            resources={"metadata": {"path": str(path.parent)}},
        ).execute()
        tidy(notebook)
        nbformat.validate(notebook)
        nbformat.write(notebook, path)
        print(f"{path}: {sum(c.cell_type == 'code' for c in notebook.cells)} code cells executed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
