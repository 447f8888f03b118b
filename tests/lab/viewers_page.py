"""The viewers that are compared, and how each is driven inside the page: no browser protocol in a time."""

from dataclasses import dataclass
from typing import Any

from .notebook import Notebook

# What is in view is told by the numbers of the rows; null stands for a row that waits for its text.
# A time ends with the frame after the one in which the wanted rows are in the page: they are painted then.
HELPERS = r"""() => {
  const number = (text) => { const m = /row-(\d{7})/.exec(text); return m && Number(m[1]); };
  const out = (panel) => panel.node.querySelector('.jp-Cell:last-child .jp-OutputArea');
  const deep = (root) => [...root.querySelectorAll('*')].find((e) => e.shadowRoot?.querySelector('.quak'));
  const type = (input, text, enter) => {
    input.focus();
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, text);
    input.dispatchEvent(new Event('input', {bubbles: true}));
    if (enter) input.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}));
  };
  const all = (root, css) => (root ? [...root.querySelectorAll(css)] : []);
  const named = (heads, name) => heads.find((head) => head.textContent.trim().startsWith(name));
  const viewers = {
    ours: {
      scroller: (o) => o.querySelector('.mo-view'),
      rows: (o) => all(o, '.mo-window .mo-row:not(.parked)'),
      read: (row) => row.querySelector('.words').textContent
        && Number(row.querySelector('.id').textContent.replaceAll(',', '')),
      search: (o, text) => type(o.querySelector('.ds-bar input'), text, true),
      sort: (o, name) => {
        if (name !== 'topic') return o.querySelector('[data-sort="tokens"] button').click();
        const menu = o.querySelector('.ds-bar select');
        menu.value = 'topic ↓';
        menu.dispatchEvent(new Event('change'));
      },
      head: '.mo-view > :first-child',
    },
    quak: {
      scroller: (o) => deep(o)?.shadowRoot.querySelector('.quak > div'),
      rows: (o) => all(deep(o)?.shadowRoot, 'tbody tr'),
      sort: (o, name) => named(all(deep(o).shadowRoot, 'thead th'), name)
        .querySelector('.sort-button').dispatchEvent(new MouseEvent('mousedown', {bubbles: true})),
      // A second column would be sorted by after the first.
      unsort: (o, name) => { viewers.quak.sort(o, name); viewers.quak.sort(o, name); },
    },
    buckaroo: {
      scroller: (o) => o.querySelector('.df-viewer .ag-body-viewport'),
      rows: (o) => all(o, '.df-viewer .ag-center-cols-container .ag-row'),
      search: (o, text) => type(o.querySelector('.FakeSearchEditor input'), text, true),
      sort: (o, name) => named(all(o, '.df-viewer .ag-header-cell'), name)
        .querySelector('.ag-header-cell-label').click(),
    },
    itables: {
      scroller: (o) => o.querySelector('.dt-container'),
      rows: (o) => all(o, '.dt-container tbody tr'),
      search: (o, text) => type(o.querySelector('.dt-search input'), text, true),
      sort: (o, name) => named(all(o, '.dt-container thead th'), name).click(),
    },
  };
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const panelOf = (path) => [...jupyterapp.shell.widgets('main')].find((w) => w.context?.path === path);
  const seen = (name, o) => {
    const viewer = viewers[name];
    const box = o && viewer.scroller(o)?.getBoundingClientRect();
    if (!box) return [];
    const top = viewer.head ? o.querySelector(viewer.head).getBoundingClientRect().bottom : box.top;
    return viewer.rows(o)
      .map((row) => [row, row.getBoundingClientRect()])
      .filter(([, r]) => r.height && r.bottom > top + 1 && r.top < Math.min(box.bottom, innerHeight) - 1)
      .sort(([, a], [, b]) => a.top - b.top)
      .map(([row]) => (viewer.read ?? ((each) => number(each.textContent)))(row) ?? null);
  };
  window.bench = {
    seen: (name, path) => seen(name, out(panelOf(path))),
    // Run the cell at a place; the time until its rows are painted, or until it is done.
    run: async (name, path, index, shown) => {
      const notebook = panelOf(path).content;
      notebook.activeCellIndex = index;
      const cell = notebook.widgets[index];
      cell.model.sharedModel.setOutputs([]);
      await notebook.scrollToItem(index, 'start');
      await frame(); await frame();
      const began = performance.now();
      const done = jupyterapp.commands.execute('notebook:run-cell');
      if (!shown) { await done; return performance.now() - began; }
      return bench.until(name, path, began, (ids) => ids[0] === 0 && ids.length > 3 && !ids.includes(null));
    },
    until: async (name, path, began, test) => {
      let ids = [];
      while (performance.now() - began < 90000) {
        ids = seen(name, out(panelOf(path)));
        if (test(ids)) { await frame(); return performance.now() - began; }
        await frame();
      }
      throw new Error(`${name} shows ${JSON.stringify(ids)}`);
    },
    scroll: (name, path, share, rows) => {
      const view = viewers[name].scroller(out(panelOf(path)));
      const near = (id) => id !== null && Math.abs(id - share * rows) < 0.04 * rows;
      const began = performance.now();
      view.scrollTop = share * view.scrollHeight;
      return bench.until(name, path, began, (ids) => ids.length > 3 && ids.every(near));
    },
    act: (name, path, what, argument, first, only) => {
      const o = out(panelOf(path));
      const began = performance.now();
      if (!viewers[name][what]) return 0;
      viewers[name][what](o, argument);
      return bench.until(name, path, began,
        (ids) => first.includes(ids[0]) && (!only || ids.length === 1) && !ids.includes(null));
    },
    // Scroll all the time; the longest gap between two frames, without scrolling if there is no step.
    frames: async (name, path, seconds, step) => {
      const view = viewers[name].scroller(out(panelOf(path)));
      let [longest, last, way] = [0, await frame(), step];
      const end = last + 1000 * seconds;
      while (last < end) {
        if (step) {
          view.scrollTop += way;
          if (view.scrollTop + view.clientHeight > view.scrollHeight - 2 || view.scrollTop < 1) way = -way;
        }
        const now = await frame();
        longest = Math.max(longest, now - last);
        last = now;
      }
      return longest;
    },
  };
}"""


@dataclass(frozen=True, slots=True)
class Viewer:
    """One viewer: the cells that load and show, and why it has no number for some of the tasks."""

    name: str
    load: str
    show: str
    cannot: dict[str, str]
    before: str = ""  # run once: imports, which no time counts


_WAY = "import os, sys\nsys.path.append(os.environ['MODELOPS_PEERS'])\n"
_SHIPPED = "searches and sorts only the rows that it ships"

VIEWERS = (
    Viewer(
        "ours",
        "ds = Dataset.from_file({jsonl!r})",
        "ds",
        {},
        "from modelops_jupyter import Dataset\nimport modelops_jupyter.notebook.widgets",
    ),
    Viewer(
        "quak",
        "frame = parquet.read_table({parquet!r})",
        "quak.Widget(frame)",
        {"scroll to a random place": "scrolls only from page to page", "search a rare word": "no search"},
        _WAY + "import quak\nfrom pyarrow import parquet",
    ),
    Viewer(
        "buckaroo",
        "frame = polars.read_parquet({parquet!r})",
        "PolarsBuckarooInfiniteWidget(frame)",
        {},
        _WAY + "import polars\nfrom buckaroo.polars_buckaroo import PolarsBuckarooInfiniteWidget",
    ),
    Viewer(
        "itables",
        "frame = pandas.read_parquet({parquet!r})",
        "ITable(frame)",
        {
            "scroll to a random place": "ships only a sample of the rows",
            "search a rare word": _SHIPPED,
            "sort by a number column": _SHIPPED,
            "sort by a text column": _SHIPPED,
        },
        _WAY + "import pandas\nfrom itables.widget import ITable",
    ),
)


class Bench:
    """One viewer in its open notebook: first cell imports, second loads, third shows."""

    def __init__(self, viewer: Viewer, notebook: Notebook) -> None:
        self.viewer, self.notebook = viewer, notebook
        notebook.page.evaluate(HELPERS)
        notebook.page.set_default_timeout(0)
        self._call("run", 0, False)

    def _call(self, what: str, *args: Any) -> float:
        self.notebook.page.bring_to_front()
        name, path = self.viewer.name, self.notebook.path
        return self.notebook.page.evaluate(
            "([what, ...args]) => bench[what](...args)", [what, name, path, *args]
        )

    def load(self) -> float:
        """Milliseconds of the cell that reads the data."""
        return self._call("run", 1, False)

    def show(self) -> float:
        """Milliseconds from the run of the cell to its first rows."""
        return self._call("run", 2, True)

    def scroll(self, share: float, rows: int) -> float:
        """Milliseconds from a jump of the bar to the rows at that place."""
        return self._call("scroll", share, rows)

    def search(self, word: str, row: int) -> float:
        """Milliseconds from Enter to the one row that holds a word."""
        return self._call("act", "search", word, [row], True)

    def sort(self, column: str, ends: list[int]) -> float:
        """Milliseconds from a click on the head of a column to the row that is then first."""
        took = self._call("act", "sort", column, ends, False)
        self._call("act", "unsort", column, [0], False)
        return took

    def longest_frame(self, seconds: float, step: int) -> float:
        """The longest gap between two frames in milliseconds, while scrolling by `step` pixels a frame."""
        return self._call("frames", seconds, step)

    def heap(self) -> float:
        """Bytes that the page's scripts hold after a garbage collection."""
        session: Any = self.notebook.page.context.new_cdp_session(self.notebook.page)
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
        session.send("Performance.enable")
        found = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
        session.detach()
        return found["JSHeapUsedSize"]
