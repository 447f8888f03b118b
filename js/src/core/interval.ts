/** The interval glyph: a pale bar is the interval, a tick the value, a thin line the baseline. */

import { h } from "./dom.ts";

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Decoration beside the same numbers as text. A tick, not a dot: a dot would hide narrow intervals. */
export function intervalGlyph(
  { value, low, high }: Interval,
  axis: readonly [number, number],
  tone = "s1",
  baseline?: number | null,
): HTMLElement {
  const at = (v: number) => `${share(v, axis)}%`;
  const style = { "--l": at(low), "--m": at(value), "--r": at(high), "--b": at(baseline ?? 0) };
  const thin = typeof baseline === "number" && h("u");
  return h("span", { class: `mo-ci ${tone}`, style, "aria-hidden": "true" }, thin, h("i"), h("b"));
}

/** Per cent of the axis, kept inside it. */
export function share(value: number, [low, high]: readonly [number, number]): number {
  const at = high > low ? ((value - low) / (high - low)) * 100 : 50;
  return Number(Math.min(100, Math.max(0, at)).toFixed(2));
}
