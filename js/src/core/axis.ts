/** Scales and ticks. A plot is 1000 × 1000 units, y downwards; labels are placed in per cent of it. */

export interface Scale {
  readonly domain: readonly [number, number];
  readonly log: boolean;
  /** Position from 0 (low end) to 1 (high end), clamped. */
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Ticks at 1, 2 or 5 times a power of ten, at most `most` of them, covering [low, high]. */
export function niceTicks(low: number, high: number, most = 5): number[] {
  const span = high > low ? high - low : Math.abs(low) || 1;
  const power = 10 ** Math.floor(Math.log10(span / (most - 1)));
  for (const step of [1, 2, 5, 10, 20].map((m) => m * power)) {
    const first = Math.floor(low / step + 1e-9);
    const last = Math.max(Math.ceil(high / step - 1e-9), first + 1);
    if (last - first < most)
      return Array.from({ length: last - first + 1 }, (_, i) => round(step * (first + i)));
  }
  return [low, high];
}

/** Ticks of a log axis: powers of two while few suffice, else powers of ten. */
export function logTicks(low: number, high: number, most = 6): number[] {
  for (const base of [2, 4, 10, 100, 1e4]) {
    const first = Math.floor(Math.log(low) / Math.log(base) + 1e-9);
    const last = Math.max(Math.ceil(Math.log(high) / Math.log(base) - 1e-9), first + 1);
    if (last - first < most)
      return Array.from({ length: last - first + 1 }, (_, i) => round(base ** (first + i)));
  }
  return [low, high];
}

/** Decades of 1, 2 or 5 around [low, high], whichever need the fewest. */
function decades(low: number, high: number): number[] {
  const runs = [1, 2, 5].map((m) => {
    const first = Math.floor(Math.log10(low / m) + 1e-9);
    const last = Math.max(Math.ceil(Math.log10(high / m) - 1e-9), first + 1);
    return Array.from({ length: last - first + 1 }, (_, i) => round(m * 10 ** (first + i)));
  });
  return runs.reduce((best, run) => (run.length < best.length ? run : best));
}

/** A linear scale from zero (or the lowest value if negative) to a round number above the highest. */
export function linear(values: Iterable<number>, most = 4): Scale {
  const [low, high] = extent(values) ?? [0, 1];
  return scale(niceTicks(Math.min(0, low), Math.max(high, 0), most), false);
}

/** A log scale over the positive values, or null when there is none. Sixteenths and less are read in halves. */
export function logarithmic(values: Iterable<number>): Scale | null {
  const found = extent(positive(values));
  if (!found) return null;
  const [low, high] = found;
  return scale(high / low <= 16 || high / low > 1e5 ? logTicks(low, high) : decades(low, high), true);
}

/** A scale whose ends are given, as an x axis to the planned last step. */
export function between(low: number, high: number, most = 5): Scale {
  const inside = niceTicks(low, high, most).filter((t) => t >= low && t <= high);
  return { ...scale([low, high > low ? high : low + 1], false), ticks: inside };
}

/** A scale around the values with room above and below, for a line that has no axis. */
export function around(values: Iterable<number>): Scale {
  const [low, high] = extent(values) ?? [0, 1];
  // Noise on a steady value must not look like a movement.
  const room = Math.max((high - low) * 0.08, Math.abs(high) * 0.06, Number.MIN_VALUE);
  return { ...scale([low - room, high + room], false), ticks: [] };
}

function scale(ticks: readonly number[], log: boolean): Scale {
  const low = ticks[0] ?? 0;
  const high = ticks[ticks.length - 1] ?? 1;
  const to = log ? Math.log : (v: number) => v;
  const at = (value: number) => Math.min(1, Math.max(0, (to(value) - to(low)) / (to(high) - to(low)))) || 0;
  return { domain: [low, high], log, at, ticks };
}

/** Lowest and highest finite value, or null. */
export function extent(values: Iterable<number>): [number, number] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const v of values) {
    if (!Number.isFinite(v)) continue;
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  return low <= high ? [low, high] : null;
}

function* positive(values: Iterable<number>): Generator<number> {
  for (const v of values) if (v > 0) yield v;
}

const round = (value: number) => Number(value.toPrecision(12));

/** A tick as text: "1,000", "0.25", "2e-5", with a true minus. */
export function tickText(value: number): string {
  if (value < 0) return `−${tickText(-value)}`;
  if (value !== 0 && (value < 1e-4 || value >= 1e7)) return value.toExponential().replace("e+", "e");
  return value.toLocaleString("en-US", { maximumFractionDigits: 12 });
}
