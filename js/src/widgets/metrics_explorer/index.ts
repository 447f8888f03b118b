/** MetricsExplorer: values with their intervals, and the rows behind each. */

import { h, icon, replace } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { bindKeys, keysButton, keysPopup, leave } from "../../core/keys.ts";
import { Popups } from "../../core/popups.ts";
import { errorBlock } from "../../core/present.ts";
import { metrics as say } from "../../core/strings.ts";
import { type Mount, setState } from "../../core/view.ts";
import { asWireError, type WireError } from "../../wire/carrier.ts";
import { type Classes, classes } from "./classes.ts";
import { comparison } from "./comparison.ts";
import { rowsBehind } from "./examples.ts";
import { KEYS } from "./keys.ts";
import type { Result } from "./result.ts";
import { tiles } from "./tiles.ts";

export const mount: Mount = ({ root, carrier, spec }) => {
  const title = h("h2", { class: "mo-title cut", text: say.unnamed });
  const meta = h("div", { class: "mo-meta num" });
  const popups = new Popups(root);
  const help = () => popups.show(keysPopup(KEYS, () => popups.close()));
  const acts = h("div", { class: "mo-acts" }, keysButton(help));
  const head = h("header", { class: "mo-head" }, h("div", { class: "id" }, title, meta), acts);
  const stale = h("div", { class: "mo-note c-idle", hidden: true }, icon("clock"), h("div"));
  const behind = rowsBehind(carrier, spec.result, lastSeen);
  const over = new AbortController();
  let grid: Classes | null = null;

  function act(action: string, from: HTMLElement): boolean {
    if (action === "leave") return leaveOrClose();
    if (action !== "keys") return grid?.move(action, from) ?? false;
    help();
    return true;
  }
  function leaveOrClose(): boolean {
    if (popups.isOpen) popups.close();
    else leave(root);
    return true;
  }
  function lastSeen(why: WireError): void {
    const words = [h("b", { text: say.final }), say.needsKernel(why.message)];
    replace(stale.lastElementChild as Element, ...words);
    stale.hidden = false;
    setState(root, "stale");
  }
  function draw(result: Result): void {
    title.textContent = title.title = result.title;
    root.setAttribute("aria-label", say.label(result.title));
    replace(meta, ...facts(result).map((text) => h("span", { text })));
    grid = classes(result, behind);
    replace(
      root,
      head,
      stale,
      result.skipped > 0 && skipped(result),
      tiles(result),
      grid?.element,
      !grid &&
        result.wrong &&
        h("div", { class: "mo-sec" }, behind.element, result.wrong.total === 0 && none(result.wrong.text)),
      result.comparison && comparison(result.comparison),
      footer(result),
    );
    setState(root, result.skipped > 0 ? "partial" : "ready");
    if (!grid && result.wrong?.total) void behind.show({ correct: false });
  }
  async function ask(): Promise<void> {
    const args = { result: spec.result, ...(spec.comparison ? { comparison: spec.comparison } : {}) };
    try {
      draw(await carrier.request<Result>("result", args, over.signal));
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
  void ask();
  const unbind = bindKeys(root, KEYS, act);
  return () => {
    unbind();
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
  const words = h("div", {}, h("b", { text: say.noScore(none, n + none) }), say.noScoreHint);
  return h("div", { class: "mo-note c-warn", role: "status" }, icon("warn"), words);
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
