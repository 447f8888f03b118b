/** MetricsExplorer: values with their intervals, and the rows behind each. */

import { debounce } from "../../core/debounce.ts";
import { type Child, h, icon, replace } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { markLinked } from "../../core/heatmap.ts";
import { bindKeys, keysButton, leave } from "../../core/keys.ts";
import { focusedIn, Popups } from "../../core/popups.ts";
import { createRoot, errorBlock, note } from "../../core/present.ts";
import { onSelection } from "../../core/selection.ts";
import { common, metrics as say } from "../../core/strings.ts";
import { followTheme } from "../../core/theme.ts";
import { type Mount, setState } from "../../core/view.ts";
import { asWireError, isAbort, type WireError } from "../../wire/carrier.ts";
import { mount as dataset } from "../dataset_viewer/index.ts";
import { along } from "./bars.ts";
import { type Classes, classes } from "./classes.ts";
import { against, comparison, retained, verdict } from "./comparison.ts";
import { curves } from "./curves.ts";
import { rowsBehind } from "./examples.ts";
import { fold } from "./fold.ts";
import { KEYS } from "./keys.ts";
import { residuals } from "./residuals.ts";
import type { Curves, Linked, Residuals, Result, Slices } from "./result.ts";
import { slices } from "./slices.ts";
import { tiles } from "./tiles.ts";

export const mount: Mount = ({ root, carrier, spec }) => {
  const title = h("h2", { class: "mo-title cut", text: say.unnamed });
  const meta = h("div", { class: "mo-meta num" });
  const popups = new Popups(root);
  const help = () => popups.keys(KEYS);
  const acts = h("div", { class: "mo-acts" }, keysButton(help));
  const head = h("header", { class: "mo-head" }, h("div", { class: "id" }, title, meta), acts);
  const stale = h("div", { class: "mo-note c-idle", hidden: true }, icon("clock"), h("div"));
  const linked = h("div", { class: "mo-note c-run mx-linked", hidden: true }, icon("rows"));
  const host = h("div", { class: "mx-host" });
  const behind = rowsBehind(carrier, spec.result, lastSeen, (place, shown) => {
    const inner = createRoot("dataset");
    place.append(inner);
    const ends = [followTheme(inner), dataset({ root: inner, carrier, spec: shown })];
    return () => {
      for (const end of ends) end();
    };
  });
  const over = new AbortController();
  let grid: Classes | null = null;

  function act(action: string, from: HTMLElement): boolean {
    if (action === "leave" && popups.isOpen) popups.close();
    else if (action === "leave") leave(root);
    else if (action === "keys") help();
    else return along(action, from) || (grid?.move(action, from) ?? false);
    return true;
  }
  function lastSeen(why: WireError): void {
    const words = [h("b", { text: say.final }), say.needsKernel(why.message)];
    replace(stale.lastElementChild as Element, ...words);
    stale.hidden = false;
    setState(root, "stale");
  }
  /** Rows were selected, perhaps in another view: say how many are here, and mark their cells. */
  async function heard(): Promise<void> {
    try {
      const own = await behind.known();
      const threshold = wanted[1] ? { threshold: wanted[0] } : {};
      const { result } = spec;
      const marks = [...root.querySelectorAll<HTMLElement>("[data-pick]")];
      const picks = marks.map((mark) => ({ ...JSON.parse(mark.dataset.pick ?? ""), result, linked: true }));
      const found = await call<Linked>("linked", { ...threshold, picks });
      const others = found.version !== own && found.here + found.elsewhere > 0;
      grid?.mark(others ? found.cells : []);
      marks.forEach((mark, i) => {
        markLinked(mark, others ? (found.picks[i] ?? 0) : 0);
      });
      linked.hidden = !others;
      const button = h("button", { type: "button", class: "mo-btn small", text: say.showLinked });
      button.addEventListener("click", () => behind.toggle({ linked: true }, host, () => undefined));
      const words = h("div", {}, h("b", { text: say.linkedHere(found.here, found.here + found.elsewhere) }));
      replace(linked, icon("rows"), words, found.here > 0 && h("span", { class: "acts" }, button));
      if (host.contains(behind.element)) behind.forget();
    } catch (problem) {
      if (!isAbort(problem)) trouble(asWireError(problem));
    }
  }
  const key = String(spec.result);
  const numbers = h("div", { class: "mx-numbers" });
  const matrix = h("div", { class: "mx-matrix" });
  const unit = { now: 0 };
  let moving = new AbortController();
  let wanted: readonly [number, string] = [0, ""];

  const call = <T>(op: string, args: object = {}, signal = over.signal) =>
    carrier.request<T>(op, { result: spec.result, ...args }, signal);

  /** What a threshold changes, and it only. */
  function follow(result: Result, note = ""): void {
    replace(meta, ...[...facts(result), note].filter(Boolean).map((text) => h("span", { text })));
    replace(numbers, tiles(result));
    grid = classes(result, behind, unit);
    replace(matrix, grid?.element);
  }
  const move = debounce(async () => {
    moving.abort();
    moving = new AbortController();
    const [value, text] = wanted;
    try {
      const result = await call<Result>("result", { threshold: value }, moving.signal);
      behind.forget(value);
      follow(result, say.atThreshold(text));
      if (!linked.hidden) void heard();
    } catch (problem) {
      if (!isAbort(problem)) trouble(asWireError(problem));
    }
  }, 150);
  function trouble(error: WireError): Child {
    if (error.silent) lastSeen(error);
    return h("span", { class: "sec", text: error.message });
  }
  /** A part that is asked for on its own, at once or when it is opened: its finding in the fold, the rest inside. */
  function part<T extends { finding: string }>(
    name: "curves" | "slices" | "residuals",
    quick: boolean | undefined,
    fill: (found: T, again: (args: object) => void) => Child[],
  ): HTMLElement | null {
    if (quick === undefined) return null;
    let asked = false;
    const ask = async (args: object) => {
      asked = true;
      made.say(common.waitingShort);
      try {
        const found = await call<T>(name, args);
        made.say(found.finding);
        const inside = made.body.contains(focusedIn(root));
        if (made.body.contains(behind.element)) behind.forget();
        replace(made.body, ...fill(found, ask));
        if (!linked.hidden) void heard();
        if (inside) made.body.querySelector("select")?.focus();
      } catch (problem) {
        if (!isAbort(problem)) made.say(trouble(asWireError(problem)));
      }
    };
    const made = fold(`${key} ${name}`, say[name], name === "residuals", () =>
      queueMicrotask(() => asked || void ask({})),
    );
    if (quick) void ask({});
    else made.say(say.notYet);
    return made.element;
  }
  const moved = (value: number, text: string) => {
    wanted = [value, text];
    move();
  };
  const ask = (positive: number, cost_fp: number, cost_fn: number) =>
    call<Curves>("curves", { positive, cost_fp, cost_fn });
  const parts = ({ parts: { residuals: errors, curves: scores, slices: columns } }: Result) => [
    part<Residuals>("residuals", errors, (found) => [residuals(found, behind)]),
    part<Curves>("curves", scores, (found, again) =>
      curves(found, { behind, ask, choose: (positive) => again({ positive }), moved }),
    ),
    part<Slices>("slices", columns, (found, again) => slices(found, behind, (by) => again({ by }))),
  ];
  function draw(result: Result): void {
    title.textContent = title.title = result.title;
    root.setAttribute("aria-label", say.label(result.title));
    follow(result);
    const rest = result.wrong && !grid && result.wrong.total === 0 && none(result.wrong.text);
    const list = !grid && result.wrong && h("div", { class: "mo-sec" }, behind.element, rest);
    replace(
      root,
      head,
      stale,
      linked,
      host,
      result.skipped > 0 && skipped(result),
      result.gate && h("div", { class: "mo-sec" }, verdict(result.gate)),
      against(result),
      numbers,
      matrix,
      list,
      ...parts(result),
      result.comparison && comparison(result.comparison, result.gate, key),
      retained(result, key),
      footer(result),
    );
    setState(root, result.skipped > 0 ? "partial" : "ready");
    if (!linked.hidden) void heard();
    if (list && result.wrong?.total) void behind.show({ correct: false });
  }
  async function begin(): Promise<void> {
    try {
      draw(await call<Result>("result", spec.comparison ? { comparison: spec.comparison } : {}));
    } catch (problem) {
      if (over.signal.aborted) return;
      const { message, hint } = asWireError(problem);
      replace(root, head, errorBlock(message, hint));
      setState(root, "error");
    }
  }

  root.classList.add("mx");
  root.setAttribute("aria-label", say.unnamed);
  replace(root, head, skeleton());
  setState(root, "loading");
  void begin();
  const unfollow = onSelection({ carrier, spec }, () => void heard());
  const unbind = bindKeys(root, KEYS, act);
  return () => {
    unbind();
    unfollow();
    move.cancel();
    moving.abort();
    over.abort();
    behind.close();
  };
};

function facts({ n, confusion, level_text, metrics }: Result): string[] {
  return [
    say.rows(n),
    confusion ? say.classes(confusion.classes.length) : "",
    say.intervals(level_text),
    metrics.some((metric) => metric.baseline) ? say.baseline : "",
  ].filter(Boolean);
}

function skipped({ n, skipped: none }: Result): HTMLElement {
  return note("c-warn", "warn", say.noScore(none, n + none), say.noScoreHint, { role: "status" });
}

const none = (text: string) => h("p", { class: "sec", text });

function footer({ n, skipped: none, footer: methods }: Result): HTMLElement {
  const scored = h("span", {}, h("b", { text: count(n) }), say.scored(n + none, none));
  return h("footer", { class: "mo-foot" }, scored, h("span", { class: "end", text: methods }));
}

/** The shape of what comes: tiles, then a block. */
function skeleton(): HTMLElement {
  const bone = (width: string, height: string) => h("span", { class: "mo-skel", style: { width, height } });
  const tile = () =>
    h("div", { class: "mx-tile" }, bone("60%", "10px"), bone("70%", "20px"), bone("100%", "8px"));
  const row = h("div", { class: "mx-tiles", style: { "--n": "3" } }, tile(), tile(), tile());
  return h(
    "div",
    { class: "mx-bones", "aria-hidden": "true" },
    row,
    h("div", { class: "mo-sec" }, bone("100%", "120px")),
  );
}
