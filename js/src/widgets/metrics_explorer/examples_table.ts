/** One page of rows: what was asked, what was right, what the model said. */

import { h } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { metrics as say } from "../../core/strings.ts";
import type { Cell, Example } from "./result.ts";

/** In a cell of the matrix all rows have the same classes, so the prompt gets the room. */
export function examplesTable(rows: readonly Example[], oneCell: boolean): HTMLElement {
  const scored = rows.some((row) => row.score_text !== null);
  const asked = rows.some((row) => row.prompt.length > 0);
  const column = (name: string, text: string) => h("th", { scope: "col", class: name, text });
  const head = [
    column("n", "#"),
    asked && column("prompt", say.prompt),
    column("reference", say.reference),
    column("prediction", say.prediction),
    scored && column("score", say.score),
  ];
  const body = rows.map((row) => line(row, asked, scored));
  return h(
    "table",
    { class: oneCell ? "mo-tbl one" : "mo-tbl" },
    h("thead", {}, h("tr", {}, ...head)),
    h("tbody", {}, ...body),
  );
}

function line(row: Example, asked: boolean, scored: boolean): HTMLElement {
  const labelled = (label: string, value: Cell) => h("td", { dataset: { label } }, cell(value));
  return h(
    "tr",
    { dataset: { id: row.id } },
    h("th", { scope: "row", class: "n", text: count(row.position) }),
    asked && labelled("prompt", row.prompt),
    labelled("reference", row.reference),
    labelled("prediction", row.prediction),
    scored && h("td", { class: "score", dataset: { label: "score" }, text: row.score_text ?? "" }),
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
