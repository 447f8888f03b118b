/** Rows are here before their problems are known: ask until they are. */

import { asWireError, isAbort, type WireError } from "../../wire/carrier.ts";
import type { Checked } from "./types.ts";

/** How often a large dataset is asked whether its problems are known. */
const CHECK_MS = 1000;

/** The problems, or null when they are not wanted any more or cannot be had. */
export async function untilChecked(
  ask: () => Promise<Checked>,
  wanted: () => boolean,
  failed: (error: WireError) => void,
): Promise<(Checked & { checked: true }) | null> {
  for (; wanted(); await new Promise((resolve) => setTimeout(resolve, CHECK_MS)))
    try {
      const answer = await ask();
      if (answer.checked && wanted()) return answer;
    } catch (error) {
      if (isAbort(error)) return null;
      const told = asWireError(error);
      if (told.silent) continue;
      failed(told);
      return null;
    }
  return null;
}
