/** The rows behind a number, page by page. */

import { h, icon, replace } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { metrics as say } from "../../core/strings.ts";
import { asWireError, type Carrier, isAbort, type WireError } from "../../wire/carrier.ts";
import type { Cell, Example, Examples } from "./result.ts";

const PAGE = 10;

/** Which rows: of a cell of the matrix, or all that are wrong. */
export type Filter = { readonly true: number; readonly predicted: number } | { readonly correct: boolean };

export interface RowsBehind {
  readonly element: HTMLElement;
  /** Null shows none. */
  show(filter: Filter | null): Promise<void>;
  close(): void;
}

export function rowsBehind(carrier: Carrier, result: unknown, silent: (why: WireError) => void): RowsBehind {
  const title = h("h3", { class: "num" });
  const body = h("div", { class: "rows" });
  const range = h("span", { class: "grow" });
  const earlier = pager(say.earlier, () => turn(-PAGE));
  const later = pager(say.later, () => turn(PAGE));
  const foot = h("div", { class: "mo-foot" }, range, earlier, later);
  const region = {
    class: "mx-behind",
    role: "region",
    "aria-label": say.behind,
    "aria-live": "polite",
  };
  const element = h("div", { ...region, hidden: true }, h("header", {}, title), body, foot);
  let filter: Filter | null = null;
  let start = 0;
  let asking = new AbortController();

  async function ask(): Promise<void> {
    asking.abort();
    asking = new AbortController();
    if (!filter) return;
    element.setAttribute("aria-busy", "true");
    try {
      const args = { result, ...filter, start, stop: start + PAGE };
      draw(await carrier.request<Examples>("examples", args, asking.signal));
    } catch (problem) {
      if (isAbort(problem)) return;
      fail(asWireError(problem));
    }
    element.setAttribute("aria-busy", "false");
    element.hidden = false;
  }
  function draw(found: Examples): void {
    replace(
      title,
      h("b", { text: found.title }),
      h("span", { class: "sec", text: found.share_text && ` · ${found.share_text}` }),
    );
    if (found.total === 0) replace(body, h("div", { class: "mo-blank" }, h("b", { text: say.noRow })));
    else replace(body, table(found.rows, filter !== null && "true" in filter));
    const last = Math.min(start + PAGE, found.total);
    replace(
      range,
      say.range[0],
      h("b", { text: `${count(start + 1)}–${count(last)}` }),
      say.range[1],
      h("b", { text: count(found.total) }),
    );
    for (const [button, off] of [
      [earlier, start === 0],
      [later, last >= found.total],
    ] as const) {
      button.setAttribute("aria-disabled", String(off));
    }
    foot.hidden = found.total <= PAGE;
  }
  function fail(error: WireError): void {
    replace(title, h("b", { text: say.noRows }));
    replace(
      body,
      h(
        "div",
        { class: "mo-err" },
        icon("error"),
        h("b", { text: error.message }),
        h("p", { text: error.hint }),
      ),
    );
    foot.hidden = true;
    if (error.silent) silent(error);
  }
  function turn(by: number): void {
    start += by;
    void ask();
  }
  return {
    element,
    async show(next) {
      filter = next;
      start = 0;
      element.hidden = next === null;
      await ask();
    },
    close: () => asking.abort(),
  };
}

/** Stays focusable at the ends, so that the keyboard focus is not thrown away. */
function pager(text: string, turn: () => void): HTMLButtonElement {
  const button = h("button", { type: "button", class: "mo-btn small", text });
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") turn();
  });
  return button;
}

/** In a cell of the matrix all rows have the same classes, so the prompt gets the room. */
function table(rows: readonly Example[], oneCell: boolean): HTMLElement {
  const scored = rows.some((row) => row.score_text !== null);
  const columns = ["#", "Prompt", "Reference", "Prediction", ...(scored ? ["Score"] : [])];
  const head = columns.map((text) =>
    h("th", { scope: "col", class: text.toLowerCase().replace("#", "n"), text }),
  );
  const lines = rows.map((row) =>
    h(
      "tr",
      { dataset: { id: row.id } },
      h("th", { scope: "row", class: "n", text: count(row.position) }),
      h("td", { dataset: { label: "prompt" } }, cell(row.prompt)),
      h("td", { dataset: { label: "reference" } }, cell(row.reference)),
      h("td", { class: "is", dataset: { label: "prediction" } }, cell(row.prediction)),
      scored && h("td", { class: "score r", dataset: { label: "score" }, text: row.score_text ?? "" }),
    ),
  );
  return h(
    "table",
    { class: oneCell ? "mo-tbl one" : "mo-tbl" },
    h("thead", {}, h("tr", {}, ...head)),
    h("tbody", {}, ...lines),
  );
}

function cell({ text, length, type }: Cell): HTMLElement {
  if (type === "null" || length === 0)
    return h("span", { class: "dim", text: type === "null" ? say.nothing : say.empty });
  const rest = length - text.length;
  return h(
    "span",
    { class: "text", dir: "auto" },
    text,
    rest > 0 && h("span", { class: "dim", text: say.more(rest) }),
  );
}
