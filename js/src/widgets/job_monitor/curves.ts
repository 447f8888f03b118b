/** Loss over steps, to the planned end, with the checkpoints on the same axis. */

import { tickText } from "../../core/axis.ts";
import { h } from "../../core/dom.ts";
import { type Line, lineChart } from "../../core/line_chart.ts";
import { job as say } from "../../core/strings.ts";
import { checkpoints } from "./checkpoints.ts";
import { lastStep, type Part, points, type Snapshot, spans } from "./snapshot.ts";

export function curves(): Part {
  const chart = lineChart(226);
  const marks = checkpoints();
  const note = h("p", { class: "wide-only" });
  const linear = toggle(say.linear, () => setLog(false));
  const logarithmic = toggle(say.log, () => setLog(true));
  const group = { class: "mo-seg", role: "group", "aria-label": say.lossAxis };
  const acts = h("div", { class: "mo-acts" }, h("span", group, linear, logarithmic));
  const top = h("div", { class: "mo-h" }, h("h3", { text: say.loss }), note, acts);
  const element = h("div", { class: "mo-sec jm-loss" }, top, chart.element, marks.element);
  let log = true;
  let last: Snapshot | null = null;

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

function lossLines({ series, values, simulated }: Snapshot): Line[] {
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
