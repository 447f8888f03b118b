/** The keys of a rating; the code, the popup and the documentation read these tables. */

import type { KeyTable } from "../../core/keys.ts";
import { common, rating as say } from "../../core/strings.ts";

const REST: KeyTable = [
  { label: say.verdict.skip ?? "", keys: { s: "skip" } },
  { label: say.key.undo, keys: { z: "undo", "Ctrl+z": "undo" }, caps: ["Z"] },
  { label: say.key.note, keys: { n: "note" } },
  { label: say.key.noted, keys: {}, caps: ["Enter"] },
  { label: common.keys, keys: { "?": "keys" } },
  { label: say.key.escape, keys: { Escape: "escape" } },
];

export const SINGLE: KeyTable = [
  { label: say.verdict.pass ?? "", keys: { 1: "pass" } },
  { label: say.verdict.fail ?? "", keys: { 0: "fail" } },
  ...REST,
];

export const PAIRS: KeyTable = [
  { label: say.verdict.left ?? "", keys: { ArrowLeft: "left", 1: "left" }, caps: ["←", "1"] },
  { label: say.verdict.right ?? "", keys: { ArrowRight: "right", 2: "right" }, caps: ["→", "2"] },
  { label: say.verdict.tie ?? "", keys: { t: "tie", 0: "tie" }, caps: ["T", "0"] },
  ...REST,
];
