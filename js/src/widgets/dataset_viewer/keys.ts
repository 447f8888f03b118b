/** The keys of the dataset viewer. */

import type { KeyTable } from "../../core/keys.ts";
import { dataset as say } from "../../core/strings.ts";

export const KEYS: KeyTable = [
  { label: say.key.move, keys: { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" } },
  { label: say.key.open, keys: { Enter: "toggle", Escape: "escape" } },
  {
    label: say.key.select,
    keys: {
      " ": "select",
      "Shift+ArrowUp": "extendUp",
      "Shift+ArrowDown": "extendDown",
      "Shift+PageUp": "extendPageUp",
      "Shift+PageDown": "extendPageDown",
    },
    caps: ["Space", "⇧", "↑", "↓"],
  },
  { label: say.key.all, keys: { "Ctrl+a": "all" } },
  { label: say.key.cells, keys: { Home: "home", End: "end" } },
  { label: say.key.edits, keys: { k: "keep", d: "drop", l: "label" } },
  { label: say.key.ends, keys: { "Ctrl+Home": "first", "Ctrl+End": "last" } },
  { label: say.key.edit, keys: { e: "edit" } },
  { label: say.key.page, keys: { PageUp: "pageUp", PageDown: "pageDown" } },
  {
    label: say.key.undo,
    keys: { "Ctrl+z": "undo", "Ctrl+Shift+z": "redo", "Ctrl+y": "redo" },
    caps: ["Ctrl", "Z", "⇧", "Z"],
  },
  { label: say.key.goto, keys: { g: "goto" } },
  { label: say.key.save, keys: { s: "save" } },
  { label: say.key.next, keys: { n: "nextProblem" } },
  { label: say.key.copy, keys: { "Ctrl+c": "copy" } },
  { label: say.key.previous, keys: { p: "previousProblem" } },
  { label: say.key.sort, keys: { "Shift+Enter": "sortAlso" } },
  { label: say.key.search, keys: { "/": "search" } },
  { label: say.key.keys, keys: { "?": "keys" } },
  { label: say.key.leave, keys: {}, caps: ["Esc", "Esc"] },
];
