"""One notebook open in JupyterLab, driven through `window.jupyterapp` and never through menus."""

import json
import os
import re
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Locator, Page, Request, expect

from .server import Server

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = os.environ.get("MODELOPS_SHOTS")
SECONDS = 1000

# Every script below gets the panel of the open notebook as `panel` and one argument as `arg`.
_WITH_PANEL = """async ([path, arg]) => {
  const app = window.jupyterapp;
  await app.restored;
  let panel;
  for (let turn = 0; turn < 400 && !panel; turn += 1) {
    panel = [...app.shell.widgets('main')].find((w) => w.context?.path === path);
    if (!panel) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (!panel) throw new Error('not open: ' + path);
  const context = panel.sessionContext;
  %s
}"""

_READY = """
  await panel.context.ready; await panel.revealed; await context.ready;
  if (!arg) return;
  for (let turn = 0; turn < 1200; turn += 1) {
    const kernel = context.session?.kernel;
    if (kernel?.connectionStatus === 'connected') { await kernel.info; return; }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the kernel did not connect');
"""
_RUN_ALL = """
  app.shell.activateById(panel.id);
  const run = app.commands.execute('notebook:run-all-cells');
  if (arg) await run;
"""
# A request that follows an interrupted cell is aborted with it: ask again.
_EXECUTE = """
  for (let turn = 0; turn < 20; turn += 1) {
    const future = context.session.kernel.requestExecute({store_history: false, ...arg});
    const answer = (await future.done).content;
    if (answer.status !== 'aborted') return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the kernel aborts every request');
"""
_KERNEL = {
    "restart": "await context.session.kernel.restart();",
    "shutdown": "await context.shutdown();",
    "change": "await context.changeKernel({name: 'python3'});",
    "interrupt": "await context.session.kernel.interrupt();",
}


class Notebook:
    """A page of its own with one notebook, and what it requested and logged."""

    def __init__(self, page: Page, server: Server, path: str) -> None:
        self.page = page
        self.server = server
        self.path = path
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.asked: list[str] = []  # operations of ours, with the topic of a poll
        page.on("console", lambda entry: self.errors.append(entry.text) if entry.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        self.requests.append(f"{request.method} {request.url}")
        if "/modelops/v1/rpc" in request.url:
            message = json.loads(request.post_data or "{}")
            self.asked.append(" ".join(filter(None, (message["op"], message["args"].get("topic")))))

    def call(self, script: str, arg: object = None) -> Any:
        """Run a script in the page, which has the notebook's `panel` and `arg`."""
        return self.page.evaluate(_WITH_PANEL % script, [self.path, arg])

    # ---- the page ----------------------------------------------------------------------------------
    def open(self, *, kernel: bool = True, app: str = "lab/tree") -> None:
        """Load JupyterLab, or Notebook 7 (`notebooks`), with only this notebook, in a fresh workspace."""
        self.page.goto(f"{self.server.url}/{app}/{self.path}?reset&token={self.server.token}")
        self.ready(kernel=kernel)

    def ready(self, *, kernel: bool = True) -> None:
        """Wait for the notebook and, if it shall have one, its connected kernel."""
        self.page.wait_for_function("window.jupyterapp")
        self.call(_READY, kernel)

    def reload(self, *, kernel: bool = True) -> None:
        """Load the page again; the kernel stays."""
        self.page.reload()
        self.ready(kernel=kernel)

    def save(self) -> None:
        """Write the notebook, outputs included."""
        self.call("await panel.context.save();")

    def theme(self, name: str) -> None:
        """Switch to `JupyterLab Light` or `JupyterLab Dark`."""
        self.page.evaluate(
            "name => jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name
        )

    def command(self, name: str, args: dict[str, Any] | None = None) -> None:
        """Start a command of the palette; it may wait for a dialog, so this does not wait for it."""
        self.page.evaluate(
            "([name, args]) => { void jupyterapp.commands.execute(name, args); }", [name, args or {}]
        )

    # ---- cells and kernel --------------------------------------------------------------------------
    def run(self, *, wait: bool = True) -> None:
        """Run all cells; without `wait` return while they run."""
        self.call(_RUN_ALL, wait)

    def kernel(self, action: str) -> None:
        """`restart`, `shutdown`, `change` or `interrupt`."""
        self.call(_KERNEL[action])
        if action in ("restart", "change"):
            self.ready()

    def busy(self) -> bool:
        """Whether a cell is running; the kernel's status also speaks of subshells."""
        return self.body.locator(".jp-InputPrompt", has_text="[*]").count() > 0

    def value(self, expression: str) -> str:
        """Return the repr of an expression in the kernel."""
        answer = self.call(_EXECUTE, {"code": "", "user_expressions": {"value": expression}})
        value = answer["user_expressions"]["value"]
        assert value["status"] == "ok", value
        return value["data"]["text/plain"]

    def execute(self, code: str) -> None:
        """Run code in the kernel, outside every cell."""
        answer = self.call(_EXECUTE, {"code": code})
        assert answer["status"] == "ok", answer

    def eventually(self, expression: str, expected: str, seconds: float = 10) -> None:
        """Poll the kernel: widget messages are throttled and a request can overtake them."""
        value = ""
        for _ in range(int(seconds * 5)):
            value = self.value(expression)
            if value == expected:
                return
            self.page.wait_for_timeout(200)
        raise AssertionError(f"{expression} is {value}, expected {expected}")

    # ---- what is shown -----------------------------------------------------------------------------
    @property
    def body(self) -> Locator:
        """The notebook's own part of the page."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    def view(self, kind: str) -> Locator:
        """The live view of a kind, in the notebook."""
        return self.body.locator(f'.mo[data-kind="{kind}"]')

    @property
    def twin(self) -> Locator:
        """The static forms that can be seen."""
        return self.body.locator(".mo-output > .jp-RenderedHTMLCommon:visible")

    def shows_nothing_broken(self) -> None:
        """No words of a widget manager that does not find its other half can be seen."""
        broken = re.compile("model not found|Error displaying|Loading widget", re.IGNORECASE)
        expect(self.body.get_by_text(broken).filter(visible=True)).to_have_count(0)

    def wait_state(self, kind: str, *states: str, seconds: float = 30) -> Locator:
        """Wait for a live view of a kind in one of these states."""
        view = self.view(kind).first
        expect(view).to_have_attribute("data-state", re.compile("|".join(states)), timeout=seconds * SECONDS)
        return view

    def axe(self, selector: str) -> list[str]:
        """What axe finds inside our elements; JupyterLab has violations of its own."""
        if not self.page.evaluate("'axe' in window"):
            self.page.add_script_tag(path=str(AXE))
        found = self.page.evaluate(
            "selector => axe.run(document.querySelectorAll(selector), {resultTypes: ['violations']})",
            selector,
        )
        return [
            f"{violation['id']}: {node['html']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def shot(self, name: str, element: Locator | None = None) -> None:
        """Keep a picture, of one element or of the page, if a folder for pictures is set."""
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            (element or self.page).screenshot(path=Path(SHOTS) / f"{name}.png", animations="disabled")


def write(root: Path, name: str, *cells: str) -> str:
    """Write a notebook of code cells; return its path under the server's root."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, root / name)
    return name
