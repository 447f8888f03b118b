/** A row beside another one of its group, turn by turn. */

import { h, icon } from "../../core/dom.ts";
import { dataset as say } from "../../core/strings.ts";
import { type Place, placeNodes } from "../../core/words.ts";

export interface Beside {
  readonly other: number;
  readonly members: readonly number[];
  readonly places: readonly Place[];
}

export function besideNodes(position: number, found: Beside, choose: (other: number) => void): HTMLElement[] {
  const { other, members, places } = found;
  const options = members.map((row) =>
    h("option", { value: row, text: say.rowNumber(row), selected: row === other }),
  );
  const select = h("select", { on: { change: () => choose(Number(select.value)) } }, ...options);
  select.setAttribute("aria-label", say.otherRow);
  const same = places.every(({ before, after }) => [...before, ...after].every(([, equal]) => equal));
  const heads = h(
    "div",
    { class: "mo-pair heads" },
    h("b", { text: say.rowNumber(position) }),
    h("label", { class: "mo-sel" }, select, icon("down")),
  );
  const names = [position, other].map((row) => `${say.rowNumber(row)}: `);
  return [
    heads,
    ...(same ? [h("p", { class: "sec", text: say.sameRow })] : []),
    ...places.map((place) => h("div", { class: "ds-place" }, ...placeNodes(place, names).filter((n) => !!n))),
  ];
}
