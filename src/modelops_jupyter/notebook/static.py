"""The built script and style sheet of the widgets, and what to say when they are missing."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
MISSING = (
    "The interactive view is not built in this installation: run `make build` in a source tree, "
    "or install modelops_jupyter from a wheel."
)
# Shown in place of a widget that somebody makes by hand; the text travels as a text node.
_INSTEAD = f"export default {{ render({{ el }}) {{ el.append({MISSING!r}); }} }};"


def built() -> bool:
    """Whether the widgets can be shown."""
    return (FOLDER / "widget.js").is_file()


def script() -> "str | Path":
    """Return the script of all widgets; a path while developing, so that a rebuild shows at once."""
    return _asset("widget.js", _INSTEAD)


def style() -> "str | Path":
    """Return the style sheet of all widgets."""
    return _asset("widget.css", "")


def _asset(name: str, instead: str) -> "str | Path":
    path = FOLDER / name
    if not path.is_file():
        return instead
    return path if os.environ.get("ANYWIDGET_HMR") else path.read_text(encoding="utf-8")
