/** Filters by a field: a small window to add one, and a chip for each that takes it away. */

import { h, icon, replace } from "../../core/dom.ts";
import { formPopup, selectField, textField } from "../../core/form.ts";
import { count } from "../../core/format.ts";
import { dataset as say } from "../../core/strings.ts";
import { inWords } from "./query.ts";
import type { Query, Where } from "./types.ts";

const OPS = ["==", "!=", "contains", "startswith", "<", "<=", ">", ">="];

export function filterPopup(fields: readonly string[], add: (where: Where) => void, close: () => void) {
  const field = textField(say.field, "", fields);
  const op = selectField(say.comparison, Object.fromEntries(OPS.map((name) => [name, name])));
  const value = textField(say.value);
  return formPopup({
    title: say.filterTitle,
    fields: [field.element, h("label", { class: "mo-sel" }, op, icon("down")), value.element],
    hint: say.filterHint,
    button: say.add,
    close,
    submit: () => {
      const name = field.input.value.trim();
      if (!name) return say.filterHint;
      add({ field: name, op: op.value, ...typed(value.input.value) });
      return null;
    },
  });
}

/** A number, true, false and null are what they look like; quotes make a text of them, as in JSON. */
function typed(text: string): Pick<Where, "value" | "exact"> {
  try {
    const value = JSON.parse(text);
    if (typeof value === "number" && String(value) !== text.trim()) return { value: text, exact: true };
    return { value: typeof value === "object" && value !== null ? text : value };
  } catch {
    return { value: text };
  }
}

const filterChips = (where: readonly Where[], change: (where: Where[]) => void): HTMLElement[] =>
  where.map((one) =>
    h(
      "button",
      {
        class: "mo-chip",
        "aria-label": say.without(inWords(one)),
        on: { click: () => change(where.filter((other) => other !== one)) },
      },
      h("span", { text: inWords(one), dir: "auto" }),
      icon("x"),
    ),
  );

/** One chip for each filter that is no field of the toolbar. */
export function fillFilters(
  place: HTMLElement,
  query: Query,
  some: number,
  change: (change: Partial<Query>) => void,
): void {
  replace(
    place,
    selectedChip(query, some, (selected) => change({ selected })),
    groupsChip(query, (groups) => change({ groups })),
    ...filterChips(query.where, (where) => change({ where })),
  );
  place.hidden = !place.childElementCount;
}

/** Whether only selected rows are listed; false where none is. */
const selectedChip = ({ selected = false }: Query, some: number, toggle: (only: boolean) => void) =>
  (some > 0 || selected) &&
  h(
    "button",
    { class: "mo-chip", "aria-pressed": String(selected), on: { click: () => toggle(!selected) } },
    say.onlySelected,
    h("b", { text: count(some) }),
  );

/** Problems that rows have with each other. */
export const SHARED = ["exact-duplicate", "conflicting-duplicate"];

/** Whether rows that share such a problem stand together; false where there is nothing to share. */
const groupsChip = (query: Query, toggle: (groups: boolean) => void): HTMLElement | false =>
  query.problem !== null &&
  SHARED.includes(query.problem) &&
  h("button", {
    class: "mo-chip",
    "aria-pressed": String(query.groups),
    text: say.groups,
    on: { click: () => toggle(!query.groups) },
  });
