/** The selection that several views share: rows are known by id, in Python; a page only hears that it changed. */

import type { ViewContext } from "./view.ts";

/** Calls `heard` when somebody selected other rows; returns what ends it. */
export function onSelection({ carrier, spec }: Omit<ViewContext, "root">, heard: () => void): () => void {
  if (typeof spec.link !== "string") return () => undefined;
  return carrier.subscribe(`selection:${spec.link}`, heard);
}
