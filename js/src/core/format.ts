/** The few numbers that only the page knows; all others come formatted from Python. */

/** 1234 → "1,234". */
export const count = new Intl.NumberFormat("en-US").format;

/** 1 → "1 row", 2 → "2 rows". */
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`;

/** Milliseconds → "0.2 s". */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;

/** The time of day as 14:49. */
export const clock = (date: Date): string =>
  `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
