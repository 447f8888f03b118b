"""The built script and style sheet of the widgets, and what to say when they are missing."""

import os
import zlib
from base64 import b64encode
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
MISSING = (
    "The interactive view is not built in this installation: run `make build` in a source tree, "
    "or install modelops_jupyter from a wheel."
)
# Shown in place of a widget that somebody makes by hand; the text travels as a text node.
_INSTEAD = f"export default {{ render({{ el }}) {{ el.append({MISSING!r}); }} }};"

# A notebook that keeps the state of its widgets keeps the whole script with each of them: it travels packed.
_PACKED = """\
const load = async () => {
  const packed = Uint8Array.from(atob("%s"), (c) => c.charCodeAt(0));
  const script = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const headers = { "content-type": "text/javascript" };
  const url = URL.createObjectURL(await new Response(script, { headers }).blob());
  return (await import(url).finally(() => URL.revokeObjectURL(url))).default;
};
const instead = (error) => ({
  render: ({ el }) => el.append(`This view cannot be shown in this browser. It says: ${error}`),
});
export default () => load().catch(instead);
"""


def built() -> bool:
    """Whether the widgets can be shown."""
    return (FOLDER / "widget.js").is_file()


def script() -> "str | Path":
    """Return the script of all widgets, packed; a path while developing, so that a rebuild shows at once."""
    found = _asset("widget.js", _INSTEAD)
    if isinstance(found, Path) or found is _INSTEAD:
        return found
    return _PACKED % b64encode(zlib.compress(found.encode(), 9)).decode()


def style() -> "str | Path":
    """Return the style sheet of all widgets."""
    return _asset("widget.css", "")


def _asset(name: str, instead: str) -> "str | Path":
    path = FOLDER / name
    if not path.is_file():
        return instead
    return path if os.environ.get("ANYWIDGET_HMR") else path.read_text(encoding="utf-8")
