/** ROC, precision over recall and calibration of a model that gives scores, with one threshold for all. */

import { between } from "../../core/axis.ts";
import { type Child, h } from "../../core/dom.ts";
import { chooser } from "../../core/form.ts";
import { bandPath, dotPath, linePath, whiskerPath } from "../../core/path.ts";
import { metrics as say } from "../../core/strings.ts";
import { type Marked, points, spans, xyPlot } from "../../core/xy_plot.ts";
import { bars } from "./bars.ts";
import type { RowsBehind } from "./examples.ts";
import { type Calibration, type Curves, figure } from "./result.ts";
import { threshold } from "./threshold.ts";

export interface CurvesOf {
  readonly behind: RowsBehind;
  ask(positive: number, fp: number, fn: number): Promise<Curves>;
  /** Another class against the rest. */
  choose(positive: number): void;
  /** The whole view follows. */
  moved(value: number, text: string): void;
}

const UNIT = { x: between(0, 1, 3), y: between(0, 1, 3) };
const DIAGONAL: Marked = ["gd", "M0 1000L1000 0"];

export function curves(found: Curves, { behind, ask, choose, moved }: CurvesOf): Child[] {
  const host = h("div");
  const base = Math.round(1000 - 1000 * found.base);
  const roc = curve(found.roc, [say.fpr, say.tpr], say.rocLabel(found.auc), DIAGONAL);
  const pr = curve(found.pr, [say.tpr, say.precision], say.prLabel(found.ap), ["gd", `M0 ${base}H1000`]);
  const under = { class: "mo-lab in", style: { top: `${base / 10 - 4}%` }, text: found.base_text };
  pr.area.append(h("span", under));
  let now = found;
  const handle = threshold(found, {
    costs: (fp, fn) => ask(found.positive, fp, fn),
    step(next, at, by) {
      now = next;
      for (const [kind, { area }] of Object.entries({ roc, pr })) {
        const { x, y } = now[kind as "roc" | "pr"];
        area.style.setProperty("--l", `${100 * (x[at] ?? 0)}%`);
        area.style.setProperty("--t", `${100 - 100 * (y[at] ?? 0)}%`);
      }
      if (now.moves && by) moved(now.threshold[at] ?? 0, now.text[at] ?? "");
    },
  });
  handle.go(found.start, false);
  drag(roc.area, (x, y) => handle.go(nearest(now.roc, x, y)));
  drag(pr.area, (x, y) => handle.go(nearest(now.pr, x, y)));
  const figures = [
    figure(say.roc, say.area(found.auc), roc.element),
    figure(say.pr, say.average(found.ap), pr.element),
    found.calibration && calibration(found.calibration, behind, host),
  ];
  const classes = found.classes.map((name, i) => [String(i), say.rest(name)] as const);
  const pick = (value: string) => choose(Number(value));
  const chosen = classes.length > 0 && chooser(say.classOf, classes, String(found.positive), pick);
  return [chosen, h("div", { class: "mx-curves" }, ...figures), handle.element, host];
}

function curve(
  { x, y, low, high }: Curves["roc"],
  titles: readonly [string, string],
  sentence: string,
  chance: Marked,
) {
  const band: Marked = ["bd s1", bandPath(spans(x, low, high), UNIT)];
  const plot = xyPlot(UNIT, titles, sentence, [chance, band, ["ln s1", linePath(points(x, y), UNIT)]]);
  plot.area.append(h("span", { class: "mx-knob", "aria-hidden": "true" }));
  return plot;
}

function calibration(found: Calibration, behind: RowsBehind, host: HTMLElement): HTMLElement {
  const { x, y, low, high, error, text, bins } = found;
  const plot = xyPlot(UNIT, [say.confidence, say.rightShare], say.calibrationLabel(text), [
    DIAGONAL,
    ["wk s1", whiskerPath(spans(x, low, high), UNIT)],
    ["dt s1", dotPath(points(x, y), UNIT)],
  ]);
  const column = found.column === null ? {} : { column: found.column };
  const filter = (bin: { low: number; high: number }) => ({
    bin: { of: "score", low: bin.low, high: bin.high, ...column },
  });
  const below = bars(bins, say.scoresIn, [behind, host], filter);
  const note = h("p", { class: "sec", text: `${say.scoresIn}; ${text}` });
  return figure(say.calibration, say.error(error), plot.element, below, note);
}

/** Which point of a curve is nearest to a place in its plot. */
export function nearest({ x, y }: Pick<Curves["roc"], "x" | "y">, left: number, up: number): number {
  const far = x.map((at, i) => (at - left) ** 2 + ((y[i] ?? 0) - up) ** 2);
  return far.indexOf(Math.min(...far));
}

function drag(area: HTMLElement, to: (x: number, y: number) => void): void {
  const follow = (event: PointerEvent) => {
    if (!(event.buttons & 1)) return;
    const box = area.getBoundingClientRect();
    to((event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height);
  };
  area.addEventListener("pointerdown", (event) => {
    area.setPointerCapture(event.pointerId);
    follow(event);
  });
  area.addEventListener("pointermove", follow);
}
