/** The small window behind G: type a row number, Enter goes there. */

import { h } from "../../core/dom.ts";
import { dataset as say } from "../../core/strings.ts";

export interface GotoHost {
  /** Position of the last row. */
  readonly last: number;
  /** Going to a row by its number needs all rows in file order. */
  readonly clears: boolean;
  go(position: number): void;
  close(): void;
}

export function gotoPopup(host: GotoHost): HTMLElement {
  const hint = h("p", {
    class: "sec",
    role: "status",
    text: host.clears ? say.gotoAll : say.gotoHint(host.last),
  });
  const input = h("input", {
    type: "text",
    inputmode: "numeric",
    "aria-label": say.goto,
    autocomplete: "off",
  });
  const form = h(
    "form",
    { class: "ds-goto" },
    h("div", { class: "mo-field" }, input),
    h("button", { class: "mo-btn primary", text: say.go }),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const position = Number(input.value.replace(/[,\s]/g, ""));
    if (input.value.trim() && Number.isInteger(position) && position >= 0 && position <= host.last)
      host.go(position);
    else hint.textContent = say.noSuchRow(host.last);
  });
  const popup = h(
    "div",
    { class: "mo-pop ds-goto-pop", role: "dialog", "aria-label": say.goto },
    h("h3", { text: say.goto }),
    form,
    hint,
  );
  popup.addEventListener("focusout", (event) => {
    if (!popup.contains(event.relatedTarget as Node | null)) host.close();
  });
  return popup;
}
