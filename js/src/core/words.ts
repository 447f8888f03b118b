/** Two texts in two columns; words that stand in one of them only are marked. */

import { type Child, h } from "./dom.ts";
import { words as say } from "./strings.ts";

export type Words = readonly [text: string, same: boolean];

export interface Place {
  /** What both are: a role, or a JSON pointer. */
  readonly pointer: string;
  readonly before: readonly Words[];
  readonly after: readonly Words[];
  /** Places of the row that are not shown. */
  readonly more: number;
}

export function placeNodes(
  { pointer, before, after, more }: Place,
  names = [say.before, say.after],
): Child[] {
  const side = (pieces: readonly Words[], tag: "del" | "ins", i: number) =>
    h(
      "p",
      { dir: "auto", class: pieces.length ? "" : "none" },
      h("span", { class: "sr", text: names[i] ?? "" }),
      ...marked(pieces, tag),
    );
  return [
    pointer && h("code", { class: "sec", text: pointer }),
    h("div", { class: "mo-pair" }, side(before, "del", 0), side(after, "ins", 1)),
    more > 0 && h("p", { class: "sec", text: say.morePlaces(more) }),
  ];
}

const marked = (pieces: readonly Words[], tag: "del" | "ins"): Child[] =>
  pieces.map(([text, same]) => (same ? text : h(tag, { text })));
