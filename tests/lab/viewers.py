"""Our dataset viewer beside quak, buckaroo and itables, in one Chromium on one JupyterLab, on the same rows.

python -m tests.lab.viewers --rows 20000          a quick look
python -m tests.lab.viewers --minutes 10 --write  into docs/performance.md

The others are no dependencies of ours. MODELOPS_PEERS names a folder that has them:
uv pip install --target /tmp/peers quak buckaroo itables polars pandas pyarrow
"""

import argparse
import importlib.metadata
import json
import os
import platform
import random
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import nbclient
import nbformat
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.benchmarks._chats import Writer
from tests.benchmarks._page import write

from . import notebook as notebooks
from .notebook import Notebook
from .server import Server, running
from .viewers_page import VIEWERS, Bench

MISSING = """MODELOPS_PEERS names no folder with quak, buckaroo and itables. Make one with
  uv pip install --target /tmp/peers quak buckaroo itables polars pandas pyarrow
and run: MODELOPS_PEERS=/tmp/peers python -m tests.lab.viewers"""
SCROLL, SEARCH = "scroll to a random place", "search a rare word"
NUMBER, TEXT = "sort by a number column", "sort by a text column"
LATE = "did not come"
LOAD, FIRST = "load the data", "run the cell, first rows painted"
GOALS = {FIRST: 0.5, SCROLL: 1.0, SEARCH: 1.0, NUMBER: 1.0, TEXT: 1.0}
JUMPS = 5  # to random places in a round
LONGEST_FRAME, EXECUTED, STORED, GROWTH = 50.0, 0.06, 0.7, 1.05
STEP = 300  # pixels a frame
Times = dict[str, dict[str, list[float]]]  # of each task, of each viewer: milliseconds


class Rows:
    """The same chats as JSON lines and as a flat Parquet file, and where in them things stand."""

    def __init__(self, folder: Path, count: int, rounds: int) -> None:
        self.count = count
        chance = random.Random(7)
        *rare, self.low, self.high, self.begin, self.end = chance.sample(range(100, count), rounds + 4)
        self.rare = {row: f"zyqx{at}vb" for at, row in enumerate(rare)}
        self.jsonl, self.parquet = folder / "chats.jsonl", folder / "chats.parquet"
        writer = Writer()
        self._texts = [writer.text(writer.chance.randint(30, 110)) for _ in range(4001)]
        self._topics = [writer.text(2) for _ in range(300)]
        self._write()
        self.size = self.jsonl.stat().st_size

    def _row(self, at: int) -> tuple[str, int, str, str, str]:
        """Key, score, topic, question, answer; two rows are the ends of each column that is sorted by."""
        texts = self._texts
        score, topic = 10 + at * 7919 % 99_991, self._topics[at * 31 % 300]
        question = f"{at:x}: {texts[at % 4001][:200]}"
        answer = f"{texts[at * 17 % 4001]} {self.rare.get(at, 'and')} {texts[(at // 4001 + at) % 4001]}"
        score = {self.low: 1, self.high: 10**6}.get(at, score)
        topic = {self.begin: "aaaa", self.end: "zzzz"}.get(at, topic)
        answer *= 5 if at == self.high else 1
        return f"row-{at:07}", score, topic, question, answer

    def _write(self) -> None:
        arrow, parquet = (cast("Any", import_module(name)) for name in ("pyarrow", "pyarrow.parquet"))
        writer: Any = None
        names = ("key", "score", "topic", "question", "answer")
        with self.jsonl.open("w", encoding="utf-8") as file:
            for start in range(0, self.count, 50_000):
                rows = [self._row(at) for at in range(start, min(start + 50_000, self.count))]
                file.writelines(self._line(*row) for row in rows)
                part = arrow.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
                writer = writer or parquet.ParquetWriter(self.parquet, part.schema)
                writer.write_table(part)
        writer.close()

    @staticmethod
    def _line(key: str, score: int, topic: str, question: str, answer: str) -> str:
        said = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
        return json.dumps({"messages": said, "key": key, "score": score, "topic": topic}) + "\n"


def opened(browser: Browser, server: Server, rows: Rows) -> Iterator[Bench]:
    """Yield each viewer in a page and with a kernel of its own."""
    for viewer in VIEWERS:
        load = viewer.load.format(jsonl=str(rows.jsonl), parquet=str(rows.parquet))
        path = notebooks.write(server.root, f"{viewer.name}.ipynb", viewer.before, load, viewer.show)
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        notebook = Notebook(page, server, path)
        notebook.open()
        yield Bench(viewer, notebook)


def one_round(bench: Bench, rows: Rows, at: int, note: Callable[[str, float], None]) -> None:
    """Load, show, jump, search and sort; everything that a viewer keeps is new in each round."""
    cannot = bench.viewer.cannot
    note(LOAD, bench.load())
    note(FIRST, bench.show())
    chance = random.Random(at)
    for _ in range(0 if SCROLL in cannot else JUMPS):
        note(SCROLL, bench.scroll(chance.uniform(0.1, 0.9), rows.count))
    if NUMBER not in cannot:
        note(NUMBER, bench.sort("score", [rows.low, rows.high]))
    if TEXT not in cannot:
        note(TEXT, bench.sort("topic", [rows.begin, rows.end]))
    if SEARCH not in cannot:
        row, word = list(rows.rare.items())[at]
        note(SEARCH, bench.search(word, row))


def compared(benches: list[Bench], rows: Rows, rounds: int) -> Times:
    """Let the viewers take turns."""
    times: Times = {}
    for at in range(rounds):
        for bench in benches:
            try:
                one_round(bench, rows, at, partial(_note, times, bench.viewer.name))
            except PlaywrightError as error:  # nothing came: the other rounds count
                print(f"{bench.viewer.name}: {error}".splitlines()[0], flush=True)
    return times


def _note(times: Times, name: str, task: str, milliseconds: float) -> None:
    times.setdefault(task, {}).setdefault(name, []).append(milliseconds)
    print(f"{name:<9} {task:<34} {milliseconds:>9.0f} ms", flush=True)


def notebook_size(stored: bool) -> float:
    """Return the megabytes of an executed notebook with three of our widgets."""
    make = "from modelops_jupyter import Dataset\nfrom modelops_jupyter.notebook.widgets import *\n"
    make += "ds = Dataset([{'prompt': f'question {n}', 'completion': f'answer {n}'} for n in range(1000)])"
    show = ("DatasetViewer(ds)", "DatasetViewer(ds[:500])", "JobList()")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / notebooks.write(Path(folder), "sizes.ipynb", make, *show)
        notebook: Any = cast("Any", nbformat).read(path, as_version=4)
        nbclient.NotebookClient(notebook, kernel_name="python3", store_widget_state=stored).execute()
        cast("Any", nbformat).write(notebook, path)
        return path.stat().st_size / 1e6


def shown(times: Times) -> str:
    """Return the comparison as a Markdown table."""
    names = [viewer.name for viewer in VIEWERS]
    lines = [f"| | {' | '.join(names)} | ours / best | goal |", "|---" * (len(names) + 3) + "|"]
    for task in (LOAD, *GOALS):
        middle = {name: statistics.median(found) for name, found in times.get(task, {}).items()}
        cells = [_time(middle[v.name]) if v.name in middle else v.cannot.get(task, LATE) for v in VIEWERS]
        best = min((ms for name, ms in middle.items() if name != "ours"), default=None)
        ratio = middle["ours"] / best if best and "ours" in middle else None
        lines.append(f"| {task} | {' | '.join(cells)} | {_ratio(ratio)} | {_goal(ratio, GOALS.get(task))} |")
    return "\n".join(lines)


def _time(milliseconds: float) -> str:
    return f"{milliseconds / 1000:,.1f} s" if milliseconds >= 1000 else f"{milliseconds:.0f} ms"


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f} ×"


def _goal(ratio: float | None, goal: float | None) -> str:
    if ratio is None or goal is None:
        return ""
    return f"≤ {goal:.2f} ×, {_met(ratio <= goal)}"


def _met(met: bool) -> str:
    return "reached" if met else "**missed**"


def alone(ours: Bench, minutes: float) -> list[tuple[str, str, str]]:
    """Measure what concerns our viewer only: frames, memory of the page, size of a notebook."""
    ours.show()
    idle, moving = ours.longest_frame(10, 0), ours.longest_frame(10, STEP)
    before = ours.heap()
    ours.longest_frame(60 * minutes, STEP)
    after = ours.heap()
    small, large = notebook_size(False), notebook_size(True)
    return [
        (
            "longest frame in 10 s of scrolling",
            f"{moving:.0f} ms (without scrolling {idle:.0f} ms)",
            f"≤ {LONGEST_FRAME:.0f} ms, {_met(round(moving) <= LONGEST_FRAME)}",
        ),
        (
            f"memory of the page's scripts after {minutes:g} min of scrolling",
            f"{after / 1e6:.1f} MB, before {before / 1e6:.1f} MB",
            f"≤ {GROWTH:.2f} ×, {_met(after <= GROWTH * before)}",
        ),
        (
            "executed notebook with three widgets",
            f"{small:.3f} MB",
            f"≤ {EXECUTED} MB, {_met(small <= EXECUTED)}",
        ),
        (
            "the same with widget state stored",
            f"{large:.3f} MB",
            f"≤ {STORED} MB, {_met(large <= STORED)}",
        ),
    ]


def versions(peers: str, rows: Rows, rounds: int) -> str:
    """Return what was compared, on what."""
    found = {each.name: each.version for each in importlib.metadata.distributions(path=[peers])}
    names = ", ".join(f"{name} {found[name]}" for name in ("quak", "buckaroo", "itables"))
    size = f"{rows.count:,} rows, {rows.size / 1e9:.2f} GB"
    return f"_{size}; medians of {rounds} rounds; {names}; {platform.machine()}, two cores._"


def main() -> None:
    """Measure, print, and replace the tables between the markers of the page."""
    parser = argparse.ArgumentParser(description="Our dataset viewer beside quak, buckaroo and itables.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--minutes", type=float, default=1, help="of scrolling for the memory (10 for the page)"
    )
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    options = parser.parse_args()
    peers = os.environ.get("MODELOPS_PEERS", "")
    if (
        not all((Path(peers) / name).is_dir() for name in ("quak", "buckaroo", "itables") if peers)
        or not peers
    ):
        raise SystemExit(MISSING)
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        rows = Rows(folder, options.rows, options.rounds)
        with running(folder / "lab", home=folder / "home") as server:
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
            benches = list(opened(browser, server, rows))
            table = shown(compared(benches, rows, options.rounds))
            print(f"\n{table}\n", flush=True)
            for other in benches[1:]:
                other.notebook.page.context.close()
            own = alone(benches[0], options.minutes)
            browser.close()
    lines = ["| ours alone | | goal |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in own)]
    text = f"{table}\n\n" + "\n".join(lines) + f"\n\n{versions(peers, rows, options.rounds)}"
    print(f"\n{text}")
    if options.write:
        write("performance.md", "viewers", text)


if __name__ == "__main__":
    main()
