/** Looking for the next row that has a problem, through what is not loaded yet. */

import type { Grid } from "../../core/grid.ts";
import type { RowCache } from "../../core/rows.ts";
import { dataset as say } from "../../core/strings.ts";
import type { Row, Summary } from "./types.ts";

/** How many rows are looked through. */
const REACH = 10_000;

/** Bring the next row with a problem into view, opened if one is open; or say that there is none. */
export async function toProblem(
  rows: RowCache<Row>,
  grid: Grid,
  step: 1 | -1,
  { total, problem_rows, checked }: Summary,
  tell: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (!checked) return tell(say.checking);
  if (!problem_rows) return tell(say.noProblems);
  const [found, looked] = await nextProblem(rows, grid.activeRow, step, total, signal);
  if (signal.aborted) return;
  if (found === null) return tell(say.noMoreProblems(looked));
  const open = grid.openRow !== null;
  grid.focusRow(found);
  if (open) grid.open(found);
}

/** The row, or null if none was found, and how many rows were looked at. */
async function nextProblem(
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
