/** The keys of the metrics explorer. */

import type { KeyTable } from "../../core/keys.ts";

export const KEYS: KeyTable = [
  {
    label: "Move in the matrix",
    keys: { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" },
  },
  { label: "First, last cell of the row", keys: { Home: "rowStart", End: "rowEnd" } },
  { label: "First, last cell", keys: { "Ctrl+Home": "first", "Ctrl+End": "last" } },
  { label: "Show, hide the rows behind", keys: { Enter: "pick" } },
  { label: "This help", keys: { "?": "keys" } },
  { label: "Leave the widget", keys: { Escape: "leave" } },
];
