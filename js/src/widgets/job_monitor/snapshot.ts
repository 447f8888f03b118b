/** A job as the store shows it at one moment. Its texts are final: they are shown, never made here. */

import type { Mark } from "../../core/line_chart.ts";
import type { Point, Span } from "../../core/path.ts";

/** A value that is no number comes as null: a gap in the line. */
type Value = number | null;
type Curve = readonly (readonly [step: number, value: Value])[];
type Banded = readonly (readonly [step: number, value: Value, low: Value, high: Value])[];

export type JobStatus = "pending" | "queued" | "running" | "completed" | "failed" | "cancelled";

export interface Figure {
  readonly text: string;
  /** The recent spread of what is no estimate. */
  readonly context?: string;
  readonly interval?: string;
}

export interface Stage {
  readonly name: string;
  readonly state: "done" | "active" | "todo" | "failed";
  readonly text: string;
  readonly seconds: number | null;
}

export interface Checkpoint {
  readonly step: number;
  readonly kept: boolean;
  readonly best: boolean;
  readonly word: string;
  readonly text: string;
}

/** A curve that a run reported beside the loss: a task metric, a reward. */
export interface Measure {
  readonly name: string;
  readonly label: string;
  readonly text: string;
  readonly interval: string;
  readonly rows: Banded;
}

/** What the model answered at a step. */
export interface Sample {
  readonly step: number;
  readonly name: string;
  readonly scores: readonly { readonly name: string; readonly text: string; readonly interval: string }[];
  readonly rows: readonly {
    readonly prompt: string;
    readonly answer: string;
    /** Whether it is what the data say. */
    readonly same: boolean;
  }[];
}

export interface JobEvent {
  readonly seq: number;
  readonly at: number;
  readonly at_text: string;
  readonly icon: string;
  readonly text: string;
}

export interface Progress {
  readonly step: number;
  readonly total_steps: number | null;
  readonly epoch: string;
  readonly epochs: string;
  readonly fraction: number;
  readonly eta: { readonly low: number; readonly mid: number; readonly high: number } | null;
  readonly eta_text: string;
  readonly percent_text: string;
}

export interface Series {
  readonly loss?: Curve;
  readonly loss_band?: Banded;
  readonly validation_loss?: Banded;
  readonly learning_rate?: Curve;
  readonly tokens_per_second?: Curve;
  readonly grad_norm?: Curve;
  readonly memory?: Curve;
}

/** What a list needs of a job. */
export interface ShortSnapshot {
  readonly id: string;
  readonly name: string;
  readonly status: JobStatus;
  readonly label: string;
  readonly detail: string;
  readonly reason_text: string;
  readonly provider: string;
  readonly simulated: boolean;
  readonly attempt: number;
  readonly progress: Progress;
  readonly values: Readonly<Record<string, Figure | undefined>>;
  readonly can: { readonly stop: boolean; readonly resume: boolean };
  readonly final: boolean;
  readonly now: number;
  /** Seconds east of UTC where the job's clock texts were made; absent means the reader's own. */
  readonly utc_offset?: number;
}

export interface Snapshot extends ShortSnapshot {
  readonly base_model: string;
  readonly method: string;
  readonly rows: number;
  readonly fingerprint: string;
  readonly seed: number | null;
  readonly started: number | null;
  readonly ended: number | null;
  readonly seen: number | null;
  readonly stages: readonly Stage[];
  readonly series: Series;
  readonly plans: Readonly<Record<string, Curve | undefined>>;
  readonly marks: readonly Mark[];
  readonly measures: readonly Measure[];
  readonly warnings: readonly string[];
  readonly checkpoints: readonly Checkpoint[];
  readonly samples: readonly Sample[];
  readonly result: { readonly text: string; readonly call: string } | null;
  readonly events: readonly JobEvent[];
  readonly event_total: number;
}

/** A piece of the view that is drawn again, in place, for each snapshot. */
export interface Part<T = Snapshot> {
  readonly element: HTMLElement;
  draw(job: T): void;
}

/** The first value of each row over its step. */
export const points = (rows: readonly (readonly [number, Value, ...Value[]])[] = []): Point[] =>
  rows.map(([step, value]) => [step, value ?? Number.NaN]);

/** The low and high ends that are known. */
export const spans = (rows: Banded = []): Span[] =>
  rows.flatMap(([step, , low, high]) => (low === null || high === null ? [] : [[step, low, high] as const]));

/** The planned last step; without a plan, the last one so far. */
export function lastStep({ progress, series }: Snapshot): number {
  const drawn = Math.max(progress.step, ...(series.loss ?? []).map(([step]) => step));
  return Math.max(progress.total_steps ?? 0, drawn, 1);
}

/** Epoch seconds as "14:49" on the clock of the snapshot's texts; "09 Oct 14:49" on another day than `beside`. */
export function clock(at: number, offset: number | undefined, beside: number): string {
  const shift = offset ?? -60 * new Date(at * 1000).getTimezoneOffset();
  const [there, here] = [at, beside].map((time) => new Date((time + shift) * 1000).toUTCString());
  const day = there?.slice(5, 16) === here?.slice(5, 16) ? "" : `${there?.slice(5, 11)} `;
  return day + there?.slice(17, 22);
}

/** The first sentence says what; the rest what it means and what to do. */
export function sentences(text: string): readonly [what: string, rest: string] {
  const [, what = text, rest = ""] = /^(.+?[.!?])\s+(.*)$/s.exec(text) ?? [];
  return [what, rest];
}
