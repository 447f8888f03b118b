/** Text with parts of it marked, as nodes. */

import { h } from "../../core/dom.ts";

export type Span = readonly [start: number, end: number];

/** Python counts characters, the page counts UTF-16 units: an emoji is one there and two here. */
export function fromCodePoints(text: string, [start, end]: Span): Span {
  const characters = Array.from(text.slice(0, 2 * end));
  const length = (n: number) => characters.slice(0, n).join("").length;
  return [length(start), length(end)];
}

export function marked(text: string, spans: readonly Span[]): (Node | string)[] {
  const nodes: (Node | string)[] = [];
  let at = 0;
  for (const [start, end] of spans) {
    if (start < at || end <= start || end > text.length) continue;
    nodes.push(text.slice(at, start), h("mark", { text: text.slice(start, end) }));
    at = end;
  }
  nodes.push(text.slice(at));
  return nodes.filter((node) => node !== "");
}
