/** Name, size and origin of the dataset. */

import { type Child, h } from "../../core/dom.ts";
import { dataset as say } from "../../core/strings.ts";
import type { Summary } from "./types.ts";

export function head(summary: Summary, ...acts: Child[]): Child[] {
  const { name, rows, format, bytes_text, fingerprint, source } = summary;
  return [
    h(
      "div",
      { class: "id" },
      h("h2", { class: "mo-title cut", text: name ?? say.unnamed, dir: "auto" }),
      h(
        "div",
        { class: "mo-meta" },
        h("span", { text: say.rows(rows) }),
        rows > 0 && h("span", { text: format.replaceAll("_", " ") }),
        h("span", { class: "wide-only", text: bytes_text }),
        fingerprint &&
          h("span", { class: "wide-only" }, `${say.fingerprint} `, h("code", { text: fingerprint })),
        source && h("span", { text: source, dir: "auto" }),
      ),
    ),
    h("div", { class: "mo-acts" }, ...acts),
  ];
}
