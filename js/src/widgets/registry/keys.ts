/** The keys of the registry; the code, the popup and the documentation read this table. */

import type { KeyTable } from "../../core/keys.ts";
import { common, registry as say } from "../../core/strings.ts";

export const KEYS: KeyTable = [
  { label: say.key.version, keys: { ArrowUp: "before", ArrowDown: "after" } },
  { label: say.key.views, keys: { "1": "about", "2": "card", "3": "diff", "4": "log" } },
  { label: say.promote, keys: { p: "promote" } },
  { label: say.alias, keys: { a: "alias" } },
  { label: say.copy, keys: { c: "copy" } },
  { label: common.keys, keys: { "?": "keys" } },
  { label: common.leave, keys: { Escape: "escape" } },
];
