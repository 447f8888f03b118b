/** Loss over steps, to the planned end, with the checkpoints on the same axis; several runs in one chart. */

import { tickText } from "../../core/axis.ts";
import { h } from "../../core/dom.ts";
import { type Line, lineChart, type Tone } from "../../core/line_chart.ts";
import { job as say } from "../../core/strings.ts";
import { checkpoints } from "./checkpoints.ts";
import { lastStep, type Part, points, type Snapshot, spans } from "./snapshot.ts";

type Which = "train" | "validation";

const TONES: readonly Tone[] = ["s1", "s2", "s3", "s4", "s5", "s6"];

export interface Curves extends Part {
  /** The others are drawn beside the job, each as one line. */
  draw(job: Snapshot, others?: readonly Snapshot[]): void;
}

export function curves(pick: (step: number | null) => void): Curves {
  const chart = lineChart(226);
  const marks = checkpoints(pick);
  const note = h("p", { class: "wide-only" });
  let last: [Snapshot, readonly Snapshot[]] | null = null;
  const again = () => last && draw(...last);
  const axis = choice<"linear" | "log">(say.lossAxis, { linear: say.linear, log: say.log }, "log", again);
  const which = choice<Which>(
    say.lossOf,
    { train: say.train, validation: say.validation },
    "validation",
    again,
  );
  const acts = h("div", { class: "mo-acts" }, which.element, axis.element);
  const top = h("div", { class: "mo-h" }, h("h3", { text: say.loss }), note, acts);
  const element = h("div", { class: "mo-sec jm-loss" }, top, chart.element, marks.element);

  function draw(job: Snapshot, others: readonly Snapshot[] = []): void {
    last = [job, others];
    const runs = [job, ...others];
    const held = runs.some(({ series }) => series.validation_loss?.length);
    const shown = held ? which.value() : "train";
    const all = others.length > 0 ? runLines(runs, shown) : lossLines(job);
    const lines = all.filter((line) => line.points.length > 0);
    which.element.hidden = others.length === 0 || !held;
    note.textContent = bands(lines, others.length > 0 ? shown : null);
    const log = axis.value() === "log";
    const until = Math.max(...runs.map(lastStep));
    const watermark = runs.some((run) => run.simulated) ? say.watermark : undefined;
    chart.draw({ lines, log, until, sentence: sentence(job, lines, log), watermark, marks: job.marks });
    marks.draw(job, until);
  }
  return { element, draw };
}

/** A few words of which one is chosen. */
function choice<T extends string>(label: string, words: Record<T, string>, chosen: T, changed: () => void) {
  const names = Object.keys(words) as T[];
  const buttons = names.map((name) =>
    h("button", { type: "button", text: words[name], on: { click: () => choose(name) } }),
  );
  const element = h("span", { class: "mo-seg", role: "group", "aria-label": label }, ...buttons);
  function choose(name: T): void {
    chosen = name;
    for (const [i, button] of buttons.entries())
      button.setAttribute("aria-pressed", String(names[i] === name));
    changed();
  }
  choose(chosen);
  return { element, value: () => chosen };
}

function lossLines({ series, values, simulated }: Snapshot): [train: Line, validation: Line] {
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
  return [train, held];
}

/** One line a run, by its name; every other one is dashed, so that colour is not all that tells them apart. */
function runLines(runs: readonly Snapshot[], which: Which): Line[] {
  return runs.map((run, i) => {
    const line = lossLines(run)[which === "train" ? 0 : 1];
    const twice = runs.some((other) => other !== run && other.name === run.name);
    const shape = i % 2 === 1 ? "dashed" : line.shape;
    return { ...line, name: twice ? run.id : brief(run.name), tone: TONES[i] ?? "sn", shape };
  });
}

/** Beside a line there is no room for more; of the names of a series, the ends differ. */
const brief = (name: string) => name.replace(/^(.{15}).{8,}(.{15})$/su, "$1…$2");

function bands(lines: readonly Line[], which: Which | null): string {
  const words: Record<string, string> = { [say.train]: say.trainBand, [say.validation]: say.validationBand };
  const banded = lines.filter((line) => line.band?.length);
  const names = which ? banded.slice(0, 1).map(() => say[which]) : banded.map((line) => line.name);
  return say.bands(names.map((name) => words[name] ?? ""));
}

function sentence({ simulated, progress }: Snapshot, lines: readonly Line[], log: boolean): string {
  const curves = lines.map((line) =>
    say.curve(line.name, tickText(short(line.points[0]?.[1] ?? 0)), line.text),
  );
  const text = say.picture(curves, log, tickText(progress.step));
  return simulated ? say.simulatedPicture(text) : text;
}

const short = (value: number) => Number(value.toPrecision(3));
