"""From an event in the job store to a pixel in Chromium, while a cell keeps the kernel's processor busy.

`python -m tests.lab.latency [EVENTS]` prints the median and the 95th percentile over both carriers:
the Jupyter server, and the kernel's comm where the server does not have our half.
"""

import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from modelops_jupyter.fine_tuning import JobStatus, JobStore
from modelops_jupyter.fine_tuning.records import Identity

from . import notebook as notebooks
from .notebook import Notebook
from .server import Server, running

ELSEWHERE = Identity("another-node", "boot", "pidns", 4242)  # a reader never fails its jobs
SHOWN = "from modelops_jupyter import FineTuningJob\nFineTuningJob.attach({id!r})"
BUSY = "import time\nend = time.monotonic() + 600\nwhile time.monotonic() < end:\n    sum(range(10_000))"
BEGIN = "void context.session.kernel.requestExecute({code: arg, store_history: false});"
# The time of the frame in which a step is on the page, by step.
WATCH = """() => {
  const shown = document.querySelector('.mo[data-kind="job"] .jm-now .sec');
  window.frames_of = {};
  new MutationObserver(() => {
    const step = /step ([0-9,]+)/.exec(shown.textContent)?.[1].replaceAll(',', '');
    requestAnimationFrame(() => { window.frames_of[step] ??= Date.now(); });
  }).observe(shown, {childList: true, characterData: true, subtree: true});
}"""
SPEC: dict[str, Any] = {
    "config": {"method": "sft"}, "rows": 64, "fingerprint": "sha256:00", "seed": 0, "simulated": False,
    "base": {"kind": "word", "word": "tiny"}, "plan": {"total_steps": 100_000, "rows": 64},
}  # fmt: skip


def measure(server: Server, page: Page, events: int, name: str) -> list[float]:
    """Return the seconds from each event to its pixel."""
    store = JobStore(server.home / "jobs.sqlite3")
    store.submit(name, name=name, provider="local", base_model="tiny", spec=SPEC)
    store.claim(name, 1, ELSEWHERE)
    store.beat(name, 1, points=[("loss", 1, 1.0)])
    notebook = Notebook(page, server, notebooks.write(server.root, f"{name}.ipynb", SHOWN.format(id=name)))
    notebook.open()
    notebook.run()
    view = notebook.wait_state("job", "ready")
    expect(view.locator(".jm-now .sec")).to_contain_text("step 1 ")
    page.wait_for_timeout(2000)  # the subscription has reached the kernel
    notebook.call(BEGIN, BUSY)
    page.evaluate(WATCH)
    sent: dict[int, float] = {}
    for step in range(2, events + 2):
        page.wait_for_timeout(random.uniform(150, 450))
        sent[step] = time.time()
        store.beat(name, 1, points=[("loss", step, 1.0 / step)])
    page.wait_for_function("last => window.frames_of[last]", arg=str(events + 1), timeout=10_000)
    seen = {int(step): at / 1000 for step, at in page.evaluate("window.frames_of").items()}
    notebook.kernel("interrupt")
    store.finish(name, 1, JobStatus.CANCELLED, "cancelled", "Measured.")
    # An event that a later one overtook has its pixel with that one.
    return [min(at for s, at in seen.items() if s >= step) - begun for step, begun in sent.items()]


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def main(events: int = 100) -> None:
    """Measure both carriers and print what was found."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        new_page: Callable[[], Page] = browser.new_page
        for carrier in ("server", "comm"):
            place = Path(folder) / carrier
            with running(place, home=place / "home", extension=carrier == "server") as server:
                seconds = measure(server, new_page(), events, f"latency-{carrier}")
            middle = 1000 * statistics.median(seconds)
            print(f"{carrier:<8} {events} events: median {middle:.0f} ms, p95 {1000 * p95(seconds):.0f} ms")
        browser.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
