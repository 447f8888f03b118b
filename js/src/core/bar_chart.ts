/** Bars from zero: a histogram or counts by category. */

/** Path of one bar per count in the 1000 × 1000 plot; `gap` is the share of a bar's room left free. */
export function barPath(counts: readonly number[], highest = Math.max(1, ...counts), gap = 0.12): string {
  const room = 1000 / counts.length;
  const width = fixed(room * (1 - gap));
  return counts
    .map((count, i) => {
      if (!(count > 0)) return "";
      // A bar that counts something is never too low to be seen.
      const height = fixed(Math.max(8, (1000 * count) / highest));
      return `M${fixed(i * room + (room * gap) / 2)} 1000v-${height}h${width}v${height}Z`;
    })
    .join("");
}

const fixed = (value: number) => Number(value.toFixed(1));
