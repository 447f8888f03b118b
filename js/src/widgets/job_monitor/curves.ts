/** Loss over steps, to the planned end, with the checkpoints on the same axis. */

import { tickText } from "../../core/axis.ts";
import { h, replace } from "../../core/dom.ts";
import { share } from "../../core/interval.ts";
import { type Line, lineChart } from "../../core/line_chart.ts";
import { job as say } from "../../core/strings.ts";
import { type Checkpoint, type Part, points, type Snapshot, spans } from "./snapshot.ts";

export function curves(): Part {
  const chart = lineChart(226);
  const marks = checkpoints();
  const note = h("p", { class: "wide-only" });
  let log = true;
  let last: Snapshot | null = null;
  const linear = toggle(say.linear, () => setLog(false));
  const logarithmic = toggle(say.log, () => setLog(true));
  const scale = h(
    "span",
    { class: "mo-seg", role: "group", "aria-label": say.lossAxis },
    linear,
    logarithmic,
  );
  const top = h(
    "div",
    { class: "mo-h" },
    h("h3", { text: say.loss }),
    note,
    h("div", { class: "mo-acts" }, scale),
  );
  const element = h("div", { class: "mo-sec jm-loss" }, top, chart.element, marks.element);

  function setLog(on: boolean): void {
    log = on;
    if (last) draw(last);
  }
  function draw(job: Snapshot): void {
    last = job;
    linear.setAttribute("aria-pressed", String(!log));
    logarithmic.setAttribute("aria-pressed", String(log));
    const lines = lossLines(job);
    note.textContent = bands(lines);
    const plot = { lines, log, until: lastStep(job), sentence: sentence(job, lines, log) };
    chart.draw(job.simulated ? { ...plot, watermark: say.watermark } : plot);
    marks.draw(job);
  }
  return { element, draw };
}

const toggle = (text: string, click: () => void) => h("button", { type: "button", text, on: { click } });

/** The planned last step; without a plan, the last one so far. */
export function lastStep({ progress, series }: Snapshot): number {
  const drawn = Math.max(progress.step, ...(series.loss ?? []).map(([step]) => step));
  return Math.max(progress.total_steps ?? 0, drawn, 1);
}

export function lossLines({ series, values, simulated }: Snapshot): Line[] {
  const mean = points(series.loss_band);
  const whiskers = spans(series.validation_loss);
  const context = (text: string | undefined) => (simulated ? say.simulated : (text ?? ""));
  const train: Line = {
    name: say.train,
    tone: simulated ? "ss" : "s1",
    shape: simulated ? "dashed" : "line",
    points: mean.length > 0 ? mean : points(series.loss),
    band: spans(series.loss_band),
    text: values.loss?.text ?? "",
    context: context(values.loss?.context),
  };
  const held: Line = {
    name: say.validation,
    tone: simulated ? "ss" : "s2",
    shape: simulated ? "dots" : "dotted",
    points: points(series.validation_loss),
    band: whiskers,
    whiskers,
    text: values.validation_loss?.text ?? "",
    context: context(values.validation_loss?.interval),
  };
  return [train, held].filter((line) => line.points.length > 0);
}

function bands(lines: readonly Line[]): string {
  const words: Record<string, string> = { [say.train]: say.trainBand, [say.validation]: say.validationBand };
  return say.bands(lines.filter((line) => line.band?.length).map((line) => words[line.name] ?? ""));
}

function sentence({ simulated, progress }: Snapshot, lines: readonly Line[], log: boolean): string {
  const curves = lines.map((line) =>
    say.curve(line.name, tickText(short(line.points[0]?.[1] ?? 0)), line.text),
  );
  const text = say.picture(curves, log, tickText(progress.step));
  return simulated ? say.simulatedPicture(text) : text;
}

const short = (value: number) => Number(value.toPrecision(3));

/** Fingers need 24 px each; removed checkpoints give way first, then the oldest. */
const MOST = 10;

function checkpoints(): Part {
  const row = h("div", { class: "row", role: "group", "aria-label": say.checkpoints });
  const label = h("span", { class: "lab" });
  const element = h("div", { class: "jm-cks" }, row, label);
  let shown = "";
  let picked: number | null = null;

  function paint(job: Snapshot): void {
    const kept = fewest(job.checkpoints);
    const chosen = kept.find((c) => c.step === picked) ?? kept.find((c) => c.best) ?? kept.at(-1);
    element.hidden = chosen === undefined;
    if (!chosen) return;
    label.textContent = caption(chosen, job.simulated);
    const until = lastStep(job);
    const next = JSON.stringify([kept, until]);
    if (shown !== next) replace(row, ...kept.map((c) => mark(c, until, () => choose(c.step, job))));
    shown = next;
    for (const [i, button] of [...row.children].entries()) {
      button.setAttribute("aria-pressed", String(kept[i] === chosen));
    }
  }
  function choose(step: number, job: Snapshot): void {
    picked = picked === step ? null : step;
    paint(job);
  }
  return { element, draw: paint };
}

function fewest(all: readonly Checkpoint[]): Checkpoint[] {
  const worth = (c: Checkpoint) => (c.best ? 2 : c.kept ? 1 : 0);
  const ranked = [...all].sort((a, b) => worth(b) - worth(a) || b.step - a.step);
  return ranked.slice(0, MOST).sort((a, b) => a.step - b.step);
}

function mark(checkpoint: Checkpoint, until: number, click: () => void): HTMLElement {
  const look = checkpoint.best ? "best" : checkpoint.kept ? "kept" : "";
  const style = { "--l": `${share(checkpoint.step, [0, until])}%` };
  const label = say.checkpoint(caption(checkpoint, false));
  return h("button", { type: "button", class: `jm-ck ${look}`, style, "aria-label": label, on: { click } });
}

function caption({ step, kept, best, text }: Checkpoint, simulated: boolean): string {
  const what = best ? say.lowest : kept ? say.kept : say.removed;
  return `${what} ${tickText(step)}${text === "" ? "" : `: ${text}`}${simulated ? ` ${say.simulated}` : ""}`;
}
