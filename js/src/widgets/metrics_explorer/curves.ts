/** ROC, precision over recall and calibration of a model that gives scores, with one threshold for all. */

import { between } from "../../core/axis.ts";
import { type Child, h, icon } from "../../core/dom.ts";
import { bandPath, dotPath, linePath, type Point, type Span, whiskerPath } from "../../core/path.ts";
import { metrics as say } from "../../core/strings.ts";
import { type Marked, type XyPlot, xyPlot } from "../../core/xy_plot.ts";
import { bars } from "./bars.ts";
import type { RowsBehind } from "./examples.ts";
import { type Calibration, type Curves, divided } from "./result.ts";
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

export function curves(found: Curves, { behind, ask, choose, moved }: CurvesOf): Child[] {
  const host = h("div");
  const roc = curve(found.roc, [say.fpr, say.tpr], say.rocLabel(found.auc), ["gd", "M0 1000L1000 0"]);
  const base = Math.round(1000 - 1000 * found.base);
  const pr = curve(found.pr, [say.tpr, say.precision], say.prLabel(found.ap), ["gd", `M0 ${base}H1000`]);
  roc.area.append(knob());
  pr.area.append(
    knob(),
    h("span", { class: "mo-lab in", style: { top: `${base / 10 - 4}%` }, text: found.base_text }),
  );
  const handle = threshold(found, {
    costs: (fp, fn) => ask(found.positive, fp, fn),
    step(now, at) {
      for (const [plot, { x, y }] of [
        [roc, now.roc],
        [pr, now.pr],
      ] as const) {
        plot.area.style.setProperty("--l", `${100 * (x[at] ?? 0)}%`);
        plot.area.style.setProperty("--t", `${100 - 100 * (y[at] ?? 0)}%`);
      }
      if (now.moves && moves++) moved(now.threshold[at] ?? 0, now.text[at] ?? "");
    },
  });
  let moves = 0;
  handle.go(found.start);
  for (const [plot, points] of [
    [roc, found.roc],
    [pr, found.pr],
  ] as const)
    drag(plot.area, (x, y) => handle.go(nearest(points, x, y)));
  const figures = [
    figure(say.roc, say.area(found.auc), roc.element),
    figure(say.pr, say.average(found.ap), pr.element),
    found.calibration && calibration(found.calibration, behind, host),
  ];
  const options = found.classes.map((name, i) =>
    h("option", { value: i, text: say.rest(name), selected: i === found.positive }),
  );
  const select = h("select", {}, ...options);
  select.addEventListener("change", () => choose(Number(select.value)));
  const label = h("label", { class: "mo-sel" }, h("span", { text: say.classOf }), select, icon("down"));
  return [options.length > 0 && label, h("div", { class: "mx-curves" }, ...figures), handle.element, host];
}

const knob = () => h("span", { class: "mx-knob", "aria-hidden": "true" });

function figure(name: string, text: string, ...rest: Child[]): HTMLElement {
  const [value, range] = divided(text);
  const words = h(
    "p",
    {},
    h("b", { text: name }),
    h("span", {}, value, h("span", { class: "sec", text: range })),
  );
  return h("figure", {}, words, ...rest);
}

function curve(
  { x, y, low, high }: Curves["roc"],
  titles: readonly [string, string],
  sentence: string,
  chance: Marked,
): XyPlot {
  const spans = x.map((at, i): Span => [at, low[i] ?? 0, high[i] ?? 0]);
  const line = x.map((at, i): Point => [at, y[i] ?? 0]);
  return xyPlot(UNIT, titles, sentence, [
    chance,
    ["bd s1", bandPath(spans, UNIT)],
    ["ln s1", linePath(line, UNIT)],
  ]);
}

function calibration(
  { x, y, low, high, error, text, bins, column }: Calibration,
  behind: RowsBehind,
  host: HTMLElement,
) {
  const plot = xyPlot(UNIT, [say.confidence, say.rightShare], say.calibrationLabel(text), [
    ["gd", "M0 1000L1000 0"],
    [
      "wk s1",
      whiskerPath(
        x.map((at, i): Span => [at, low[i] ?? 0, high[i] ?? 0]),
        UNIT,
      ),
    ],
    [
      "dt s1",
      dotPath(
        x.map((at, i): Point => [at, y[i] ?? 0]),
        UNIT,
      ),
    ],
  ]);
  const below = bars(bins, say.scoresIn, (bin, bar) => {
    const filter = { bin: { of: "score", low: bin.low, high: bin.high, ...(column !== null && { column }) } };
    behind.toggle(filter, host, (on) => bar.setAttribute("aria-pressed", String(on)));
  });
  return figure(
    say.calibration,
    say.error(error),
    plot.element,
    below,
    h("p", { class: "sec", text: `${say.scoresIn}; ${text}` }),
  );
}

/** Which point of a curve is nearest to a place in its plot. */
export function nearest(
  { x, y }: { x: readonly number[]; y: readonly number[] },
  left: number,
  up: number,
): number {
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
