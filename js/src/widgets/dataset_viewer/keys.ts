/** The keys of the dataset viewer. */

import type { KeyTable } from "../../core/keys.ts";
import { dataset as say } from "../../core/strings.ts";

export const KEYS: KeyTable = [
  { label: say.key.move, keys: { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" } },
  { label: say.key.open, keys: { Enter: "toggle", Escape: "escape" } },
  { label: say.key.cells, keys: { Home: "home", End: "end" } },
  { label: say.key.next, keys: { n: "nextProblem" } },
  { label: say.key.ends, keys: { "Ctrl+Home": "first", "Ctrl+End": "last" } },
  { label: say.key.previous, keys: { p: "previousProblem" } },
  { label: say.key.page, keys: { PageUp: "pageUp", PageDown: "pageDown" } },
  { label: say.key.search, keys: { "/": "search" } },
  { label: say.key.goto, keys: { g: "goto" } },
  { label: say.key.keys, keys: { "?": "keys" } },
  { label: say.key.copy, keys: { "Ctrl+c": "copy" } },
  { label: say.key.leave, keys: {}, caps: ["Esc", "Esc"] },
];
