/** JSON in four colours, without parsing it: a value that cannot be parsed is shown all the same. */

import { h } from "../../core/dom.ts";

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

export function jsonNodes(text: string): (Node | string)[] {
  const nodes: (Node | string)[] = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [, string, colon, number, word] = match;
    const piece = string ?? number ?? word ?? "";
    const kind = string ? (colon ? "k" : "s") : number ? "n" : "w";
    nodes.push(text.slice(at, match.index), h("span", { class: kind, text: piece }));
    at = match.index + piece.length;
  }
  nodes.push(text.slice(at));
  return nodes;
}
