/** Looking for the next row that has a problem, through what is not loaded yet. */

import type { RowCache } from "../../core/rows.ts";
import type { Row } from "./types.ts";

/** How many rows are looked through. */
const REACH = 10_000;

/** The row, or null if none was found, and how many rows were looked at. */
export async function nextProblem(
  rows: RowCache<Row>,
  from: number,
  step: 1 | -1,
  total: number,
  signal: AbortSignal,
): Promise<[found: number | null, looked: number]> {
  let looked = 0;
  for (let i = from + step; i >= 0 && i < total && looked < REACH && !signal.aborted; i += step) {
    looked += 1;
    const row = rows.get(i) ?? (await rows.find(i, signal).catch(() => undefined));
    if (row?.problems.length) return [i, looked];
  }
  return [null, looked];
}
