"""One view on the test page, and what can be asked of it."""

import itertools
import json
import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, ViewportSize, expect

from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.dispatch import answer

from .site import AXE

LOADS = itertools.count()
SIZE: ViewportSize = {"width": 932, "height": 900}
NATIVE = "() => [Date, setTimeout].every(made => /native/.test(made))"
FIXTURES = Path(__file__).parents[1] / "wire/fixtures"
SHOTS = os.environ.get("MODELOPS_SHOTS")


def fixture(name: str) -> Any:
    """Return recorded messages."""
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


class View:
    """A page with the harness; `show` puts a view on it, `load` takes all off."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        page.on(
            "request",
            lambda r: None if r.url.startswith((base, "data:", "blob:")) else self.outside.append(r.url),
        )
        page.on("dialog", lambda d: (self.dialogs.append(d.message), d.dismiss()))
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.expose_function("kernel", self._answer)
        self.load()

    def load(self) -> None:
        """Load the page as if nothing had ever been on it."""
        self.outside: list[str] = []
        self.dialogs: list[str] = []
        self.errors: list[str] = []
        self.live: Context | None = None
        self.pushed: list[str] = []  # topics that Python pushes to with its next answer
        self.page.set_viewport_size(SIZE)
        self.page.goto(f"{self.base}/host.html?{next(LOADS)}")  # at a new address nothing is scrolled
        self.page.mouse.move(0, 0)

    def reusable(self) -> bool:
        """Tell whether loading the page again will do: a clock that a test has set stays set."""
        return self.page.evaluate(NATIVE)

    @property
    def root(self) -> Locator:
        """The widget."""
        return self.page.locator(".mo")

    def show(
        self,
        kind: str,
        spec: dict[str, Any],
        *,
        entries: Any = None,
        rows: int | None = None,
        ops: dict[str, Any] | None = None,
        width: int | None = None,
        theme: str = "light",
        state: str | None = None,
        shadow: bool = False,
        live: Context | None = None,
        more: bool = False,
    ) -> "View":
        """Mount a view over recorded messages, a made-up dataset, set behaviours or live Python.

        Waits for a state.
        """
        if width:
            self.page.set_viewport_size({"width": width + 32, "height": 900})
        scene = {"kind": kind, "spec": spec, "entries": entries, "rows": rows, "ops": ops, "theme": theme}
        scene["shadow"], scene["more"] = shadow, more
        scene["live"] = live is not None
        if live is not None:
            self.live = live
        scene = {key: value for key, value in scene.items() if value is not None}
        self.page.evaluate("scene => harness.show(scene)", scene)
        if state:
            self.wait(state)
        return self

    def _answer(self, op: str, args: dict[str, Any]) -> Any:
        assert self.live is not None
        found = answer({"v": 1, "id": "1", "op": op, "args": args}, self.live)
        pushed, self.pushed = self.pushed, []
        return {**found, "pushed": pushed}

    def wait(self, state: str) -> None:
        """Wait until the view says it is in a state."""
        expect(self.root).to_have_attribute("data-state", state)

    def harness(self, call: str, *args: Any) -> Any:
        """Call a method of the harness, such as `answer`, `hold`, `release`, `carrier.push`."""
        return self.page.evaluate(
            "([call, args]) => { const [a, b] = call.split('.');"
            " return b ? harness[a][b](...args) : harness[a](...args); }",
            [call, list(args)],
        )

    def asked(self, op: str) -> list[dict[str, Any]]:
        """Return the requests of one op so far."""
        log = self.page.evaluate("harness.carrier.log")
        return [entry for entry in log if entry["op"] == op]

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def violations(self, *, contrast: bool = True) -> list[str]:
        """Return what axe finds inside the widget: rule, place. Contrast takes most of the time."""
        if not self.page.evaluate("'axe' in window"):
            self.page.add_script_tag(path=str(AXE))
        # A colour on its way to another is neither.
        self.page.evaluate(
            "document.getAnimations().filter(a => a instanceof CSSTransition).forEach(a => a.finish())"
        )
        found = self.page.evaluate(
            "enabled => axe.run('.mo', {resultTypes: ['violations'], rules: {'color-contrast': {enabled}}})"
            ".then(r => r.violations)",
            contrast,
        )
        return [f"{v['id']}: {n['html'][:200]} {n['failureSummary']}" for v in found for n in v["nodes"]]

    def shot(self, name: str) -> None:
        """Keep a picture if a folder for pictures is set."""
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.root.first.screenshot(path=str(Path(SHOTS) / f"{name}.png"), animations="disabled")
