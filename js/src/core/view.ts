/** What every view is given and what it returns. */

import type { Carrier } from "../wire/carrier.ts";

/** The `_spec` trait: which dataset, job or result to show. */
export type Spec = Readonly<Record<string, unknown>>;

export type ViewState = "loading" | "ready" | "partial" | "empty" | "error" | "stale";

export interface ViewContext {
  /** The `.mo` element; its `data-state` says how far the view is. */
  readonly root: HTMLElement;
  readonly carrier: Carrier;
  readonly spec: Spec;
}

/** Fills the root and returns what takes it down again. */
export type Mount = (context: ViewContext) => () => void;

/** Say how far a view is. Tests and assistive technology wait on this, never on time. */
export function setState(root: HTMLElement, state: ViewState): void {
  root.dataset.state = state;
  root.dataset.live = String(state !== "stale");
  root.setAttribute("aria-busy", String(state === "loading"));
}
