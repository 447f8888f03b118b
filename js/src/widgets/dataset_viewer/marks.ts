/** Text with parts of it marked, as nodes. */

import { h } from "../../core/dom.ts";
import type { Mark, Severity } from "./types.ts";

/** Colour class of a severity; the icon and the words say the same. */
export const tone = (severity: Severity): string =>
  ({ error: "c-err", warning: "c-warn", info: "c-idle" })[severity];

export type Span = readonly [start: number, end: number];

/** Python counts characters, the page counts UTF-16 units: an emoji is one there and two here. */
export function fromCodePoints(text: string, [start, end]: Span): Span {
  const characters = Array.from(text.slice(0, 2 * end));
  const length = (n: number) => characters.slice(0, n).join("").length;
  return [length(start), length(end)];
}

/** A text in which problems are marked; `draw` makes nodes of a stretch, marks are in Python's characters. */
export function flagged(
  text: string,
  marks: readonly Mark[],
  draw: (text: string) => (Node | string)[],
): (Node | string)[] {
  const characters = Array.from(text);
  const stretch = (start: number, end?: number) => draw(characters.slice(start, end).join(""));
  const nodes: (Node | string)[] = [];
  let at = 0;
  for (const [start, end, severity] of marks) {
    if (start < at || start >= characters.length) continue;
    nodes.push(...stretch(at, start), h("mark", { class: `bad ${tone(severity)}` }, ...stretch(start, end)));
    at = end;
  }
  return [...nodes, ...stretch(at)];
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
