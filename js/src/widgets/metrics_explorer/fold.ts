/** A part that is folded to one line with its finding, and opens in place. */

import { type Child, h, icon, replace } from "../../core/dom.ts";

export interface Fold {
  readonly element: HTMLElement;
  readonly body: HTMLElement;
  say(...finding: Child[]): void;
}

/** What was opened or closed by hand stays so while the page lives, also when the output is drawn again. */
const touched = new Map<string, boolean>();

export function fold(key: string, title: string, open: boolean, onOpen: () => void = () => undefined): Fold {
  const finding = h("span", { class: "said" });
  const body = h("div", { class: "body" });
  const button = h(
    "button",
    { type: "button", class: "mx-fold" },
    icon("down"),
    h("b", { text: title }),
    finding,
  );
  button.addEventListener("click", () => {
    const now = button.getAttribute("aria-expanded") !== "true";
    touched.set(key, now);
    show(now);
  });
  function show(now: boolean): void {
    button.setAttribute("aria-expanded", String(now));
    body.hidden = !now;
    if (now) onOpen();
  }
  const element = h(
    "div",
    { class: "mo-sec mx-part", role: "group", "aria-label": title },
    h("h3", {}, button),
    body,
  );
  show(touched.get(key) ?? open);
  return { element, body, say: (...parts) => replace(finding, ...parts) };
}
