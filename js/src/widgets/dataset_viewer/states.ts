/** What stands in place of rows, or above them: loading, nothing, an error, a part, the last seen. */

import { h, type IconName, icon } from "../../core/dom.ts";
import { blank, note, tryAgain } from "../../core/present.ts";
import { lastSeen, dataset as say } from "../../core/strings.ts";
import type { WireError } from "../../wire/carrier.ts";
import { filters } from "./query.ts";
import type { Query, Summary } from "./types.ts";

/** The shape of what comes, and a first line for a screen reader. */
export function skeleton(): HTMLElement {
  const bar = (width: string, height?: string) =>
    h("span", { class: "mo-skel", style: height ? { width, height } : { width } });
  const row = (words: string) =>
    h("div", { class: "mo-row" }, bar("60%"), bar("70%"), bar("50%"), bar("70%"), bar(words), "");
  return h(
    "div",
    { class: "ds-wait", "aria-hidden": "true" },
    h("div", { class: "ds-bar" }, bar("100%", "var(--mo-hit)"), bar("110px", "var(--mo-hit)")),
    h("div", { class: "rows" }, ...["86%", "62%", "74%", "40%", "66%"].map(row)),
  );
}

export function nothing(summary: Summary, query: Query, label: string, clear: () => void): HTMLElement {
  if (summary.rows === 0) return blank("rows", say.empty, hint(say.emptyHint));
  const one = filters(query, label).length === 1;
  const title =
    one && query.problem !== null
      ? say.noProblem(label)
      : one && query.search
        ? say.noMatch(query.search)
        : say.noRowLeft;
  const acts = h("div", { class: "mo-acts" }, button(say.clear, clear));
  return blank("search", title, hint(say.searchedAll(summary.rows)), acts);
}

const hint = (text: string) => h("p", { text });

/** A search that cannot be run: the rows below are still those of the last one. */
export const badQuery = (error: WireError, id: string): HTMLElement =>
  note("c-err", "error", error.message, [error.hint, say.stillLast].filter(Boolean).join(" "), {
    role: "alert",
    id,
  });

export function partial(
  { done, total }: { done: number; total: number },
  found: number,
  goOn: () => void,
): HTMLElement {
  return note(
    "c-warn",
    "warn",
    say.stopped,
    say.stoppedAt(done, total, found),
    { role: "status" },
    button(say.goOn, goOn),
  );
}

/** Nobody answers: what is here stays readable. */
export function stale(error: WireError, since: Date, rows: number, again: () => void): HTMLElement {
  const text = `${say.kept(rows)} ${error.message}`;
  return note("c-idle", "clock", lastSeen(since), text, { role: "status" }, tryAgain(again));
}

/** An edit that was not made. */
export const refusal = (error: WireError): HTMLElement =>
  note("c-err", "error", error.message, error.hint, { role: "alert" });

export const button = (text: string, click: () => void): HTMLButtonElement =>
  h("button", { class: "mo-btn small", text, on: { click } });

export function codeButton(copy: () => Promise<boolean>): HTMLButtonElement {
  const button = act("copy", say.code, say.codeTitle);
  button.addEventListener("click", async () => {
    if (!(await copy())) return;
    (button.lastChild as Element).textContent = say.codeCopied;
    button.setAttribute("aria-label", say.codeCopied);
  });
  return button;
}

export function saveButton(click: () => void): HTMLElement {
  const button = act("save", say.save, say.save);
  button.setAttribute("aria-keyshortcuts", "s");
  button.addEventListener("click", click);
  return button;
}

/** Where there is little room, the icon alone. */
const act = (name: IconName, text: string, title: string): HTMLButtonElement =>
  h(
    "button",
    { class: "mo-btn", "aria-label": text, title },
    icon(name),
    h("span", { class: "wide-only", text }),
  );
