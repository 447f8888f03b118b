/** The keys of the chat; the code, the popup and the documentation read this table. */

import type { KeyTable } from "../../core/keys.ts";
import { common, chat as say } from "../../core/strings.ts";

export const KEYS: KeyTable = [
  { label: say.key.send, keys: {}, caps: ["Enter"] },
  { label: say.key.line, keys: {}, caps: ["⇧", "Enter"] },
  { label: say.key.prompt, keys: { "/": "prompt" } },
  { label: say.key.token, keys: { ArrowLeft: "before", ArrowRight: "after" } },
  { label: say.key.ends, keys: { Home: "first", End: "last" } },
  { label: common.keys, keys: { "?": "keys" } },
  { label: say.key.escape, keys: { Escape: "escape" } },
];
