/** An evaluation as it comes over the wire. Its texts are final: they are shown, never made here. */

import { type Child, h } from "../../core/dom.ts";
import type { Confusion, Marked } from "../../core/heatmap.ts";
import type { Interval } from "../../core/interval.ts";

export interface Metric {
  readonly name: string;
  readonly label: string;
  readonly text: string;
  readonly interval_text: string;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  readonly method: string;
  readonly undefined: string | null;
  readonly error: string | null;
  readonly lower_is_better: boolean;
  readonly axis: readonly [number, number];
  readonly baseline: { readonly value: number; readonly text: string } | null;
}

export interface Estimate {
  readonly text: string;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface ClassMetrics {
  readonly label: string;
  readonly support: number;
  readonly precision: Estimate;
  readonly recall: Estimate;
  readonly f1: Estimate;
}

export interface Confused {
  readonly true: number;
  readonly predicted: number;
  readonly count: number;
}

export interface Verdict {
  readonly icon: "ok" | "error" | "unsure";
  readonly word: string;
  readonly text: string;
}

export interface Difference {
  readonly label: string;
  readonly n: number;
  readonly text: string;
  readonly interval_text: string;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly p_text: string;
  /** "better", "worse", "different"; anything else is no finding. */
  readonly verdict: string;
  readonly after_text?: string;
  readonly before_text?: string;
  /** Its own axis, where the lines are of different units. */
  readonly axis?: readonly [number, number];
  /** The smallest difference that these rows can show, and what a gate allows. */
  readonly detectable?: number | null;
  readonly gate?: number | null;
}

export interface Comparison {
  readonly title: string;
  readonly verdict: Verdict;
  readonly rows: readonly Difference[];
  readonly detectable_text: string;
  readonly legend: readonly string[];
  readonly axis: readonly [number, number] | null;
}

export interface Result {
  readonly title: string;
  readonly task: string;
  readonly n: number;
  readonly skipped: number;
  readonly level_text: string;
  readonly footer: string;
  readonly metrics: readonly Metric[];
  readonly confusion: Confusion | null;
  readonly per_class: readonly ClassMetrics[];
  readonly most_confused: readonly Confused[];
  readonly wrong: { readonly total: number; readonly text: string } | null;
  readonly comparison: Comparison | null;
  readonly gate: Verdict | null;
  /** What can be asked for besides, and whether that is quick. */
  readonly parts: { readonly [part in "residuals" | "curves" | "slices"]?: boolean };
  readonly baselines?: { metric: string; rows: readonly Difference[]; axis: readonly [number, number] };
  readonly retained?: readonly Difference[];
}

/** Rows with a number from `low` to below `high`. */
export interface Bin {
  readonly low: number;
  readonly high: number;
  readonly n: number;
  readonly text: string;
}

type Numbers = readonly number[];
type Texts = readonly string[];

interface Banded extends Readonly<Record<"x" | "y" | "low" | "high", Numbers>> {}

/** Curves of a binary result, or of one class against the rest; lists have one entry per threshold. */
export interface Curves
  extends Readonly<Record<"threshold" | "hits" | "alarms", Numbers>>,
    Readonly<Record<"text" | "recall" | "precision", Texts>>,
    Readonly<Record<"finding" | "auc" | "ap" | "base_text" | "cheapest_text", string>>,
    Readonly<Record<"positive" | "base" | "start" | "cheapest" | "positives", number>> {
  readonly classes: Texts;
  /** Whether the whole view follows the threshold. */
  readonly moves: boolean;
  readonly roc: Banded;
  readonly pr: Banded;
  readonly calibration: Calibration | null;
}

export interface Calibration extends Banded {
  readonly error: string;
  readonly text: string;
  readonly bins: readonly Bin[];
  readonly column: number | null;
}

export interface Residuals {
  readonly finding: string;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly points: readonly [Numbers, Numbers] | null;
  readonly cells: readonly (readonly [number, number, number, number, share: number])[] | null;
  readonly groups: Banded;
  readonly bins: readonly Bin[];
  readonly ends: readonly string[];
}

export interface Slices {
  readonly by: string;
  readonly columns: readonly (readonly [key: string, text: string])[];
  readonly measure: string;
  readonly finding: string;
  readonly overall: Estimate & { readonly interval_text: string };
  readonly rows: readonly Difference[];
  readonly axis: readonly [number, number];
}

/** A value cut to what a table can hold; `length` says how long it is. */
export interface Cell {
  readonly type: string;
  readonly text: string;
  readonly length: number;
}

export interface Example {
  readonly position: number;
  readonly id: string;
  readonly prompt: Cell;
  readonly reference: Cell;
  readonly prediction: Cell;
  readonly score_text: string | null;
}

/** Rows that linked views have selected: how many, in which cells of the matrix, and behind each button. */
export interface Linked {
  readonly here: number;
  readonly elsewhere: number;
  readonly version: number;
  readonly cells: readonly Marked[];
  readonly picks: readonly number[];
}

export interface Examples {
  readonly total: number;
  readonly title: string;
  readonly share_text: string;
  readonly rows: readonly Example[];
}

/** Value and interval, if both ends are known. */
export function known({ value, low, high }: Metric | Estimate | Difference): Interval | null {
  return value === null || low === null || high === null ? null : { value, low, high };
}

/** "0.868 [0.839, 0.892]" with the interval in a quieter tone. */
export function divided(text: string): [value: string, interval: string] {
  const at = text.indexOf(" [");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at)];
}

/** A picture under its name and its number. */
export function figure(name: string, text: string, ...rest: Child[]): HTMLElement {
  const [value, range] = divided(text);
  const words = h("span", {}, value, h("span", { class: "sec", text: range }));
  return h("figure", {}, h("p", {}, h("b", { text: name }), words), ...rest);
}
