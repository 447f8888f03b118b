/** A histogram of buttons: a bar leads to its rows. One tab stop; arrows move along it. */

import { h } from "../../core/dom.ts";
import type { Filter, RowsBehind } from "./examples.ts";
import type { Bin } from "./result.ts";

export function bars(
  bins: readonly Bin[],
  label: string,
  [behind, host]: readonly [RowsBehind, HTMLElement],
  filter: (bin: Bin) => Filter,
): HTMLElement {
  const most = Math.max(1, ...bins.map((bin) => bin.n));
  const buttons = bins.map((bin, i) =>
    behind.button(filter(bin), host, {
      style: { "--v": `${Math.ceil((100 * bin.n) / most)}%` },
      tabindex: i === 0 ? 0 : -1,
      "aria-label": bin.text,
      title: bin.text,
    }),
  );
  return h("div", { class: "mx-bars", role: "toolbar", "aria-label": label }, ...buttons);
}

/** Moves the focus along the bars it is on; false if it is on none. */
export function along(action: string, from: HTMLElement): boolean {
  const all = [...(from.closest(".mx-bars")?.querySelectorAll("button") ?? [])];
  const at = all.indexOf(from as HTMLButtonElement);
  const places: Record<string, number> = { left: at - 1, right: at + 1, rowStart: 0, rowEnd: all.length - 1 };
  const next = at < 0 ? undefined : all[Math.max(0, Math.min(all.length - 1, places[action] ?? -2))];
  if (!next || !(action in places)) return false;
  from.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
  return true;
}
