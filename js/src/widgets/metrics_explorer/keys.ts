/** The keys of the metrics explorer. */

import type { KeyTable } from "../../core/keys.ts";
import { common, metrics as say } from "../../core/strings.ts";

const { key } = say;

export const KEYS: KeyTable = [
  {
    label: key.move,
    keys: { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" },
  },
  { label: key.row, keys: { Home: "rowStart", End: "rowEnd" } },
  { label: key.ends, keys: { "Ctrl+Home": "first", "Ctrl+End": "last" } },
  { label: key.pick, keys: { Enter: "pick" } },
  { label: key.slide, keys: {}, caps: ["←", "→", "⇧"] },
  { label: key.keys, keys: { "?": "keys" } },
  { label: common.leave, keys: { Escape: "leave" } },
];
