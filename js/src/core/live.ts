/** One polite live region per widget: the result of an action, said once. */

import { h } from "./dom.ts";

export type Say = (text: string) => void;

/** Adds the region to a root. Saying the same words twice is announced twice. */
export function liveRegion(root: HTMLElement): Say {
  const region = h("div", { class: "sr", role: "status", "aria-live": "polite" });
  root.append(region);
  return (text) => {
    region.textContent = region.textContent === text ? `${text}\u00a0` : text;
  };
}
