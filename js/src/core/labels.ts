/** Where the direct labels of a plot go, so that they cover neither each other nor a line. */

/** A line's last point and its highest point under the room a label takes, as shares from left and top. */
export interface LineEnd {
  readonly x: number;
  readonly y: number;
  readonly summit: number;
}

export interface Place {
  /** Share from the top, for the middle of the label. */
  readonly y: number;
  /** At the end of its line, or stacked at the right edge above all lines. */
  readonly beside: boolean;
}

/** The share of the plot's width that a label needs. */
export const LABEL_ROOM = 0.37;

/** `gap` is the height of one label as a share of the plot. */
export function placeLabels(ends: readonly LineEnd[], gap: number): Place[] {
  const order = ends.map((_, i) => i).sort((a, b) => y(ends, a) - y(ends, b));
  const beside = ends.every((end) => end.x <= 1 - LABEL_ROOM);
  const highest = Math.min(1, ...ends.map((end) => end.summit));
  const free = highest - gap * ends.length;
  const wanted = order.map((i, n) => (beside ? y(ends, i) : Math.max(free, 0) + gap * n));
  for (let n = 1; n < wanted.length; n++) wanted[n] = Math.max(wanted[n] ?? 0, (wanted[n - 1] ?? 0) + gap);
  for (let n = wanted.length - 1; n >= 0; n--) {
    const limit = n === wanted.length - 1 ? 1 - gap / 2 : (wanted[n + 1] ?? 1) - gap;
    wanted[n] = Math.max(gap / 2, Math.min(wanted[n] ?? 0, limit));
  }
  const places: Place[] = [];
  order.forEach((i, n) => {
    places[i] = { y: wanted[n] ?? 0, beside };
  });
  return places;
}

const y = (ends: readonly LineEnd[], i: number) => ends[i]?.y ?? 0;
