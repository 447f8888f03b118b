/** The parts of a turn: text, code, calls of tools and their results, images by name. */

import { h, icon, replace } from "../../core/dom.ts";
import { dataset as say } from "../../core/strings.ts";
import { jsonNodes } from "./json_text.ts";
import { marked } from "./marks.ts";
import { matches } from "./query.ts";
import type { Part, Piece, Query } from "./types.ts";

/** Fetches the text of a part from a character on. */
export type More = (start: number) => Promise<Piece>;

const characters = (text: string): number => Array.from(text).length;

export function partNode(part: Part, query: Query, more: More): HTMLElement {
  switch (part.kind) {
    case "tool_call":
      return folded(part, more, icon("tool"), part.title ?? "", say.arguments);
    case "tool_result":
      return folded(part, more, null, part.title ?? say.result, "");
    case "code":
    case "json":
      return growing(part, more, (text) => codeBlock(text, part));
    case "image":
      return h(
        "p",
        { class: "ds-image" },
        icon("image"),
        h("span", { text: part.title || say.image }),
        h("code", { class: "cut", text: part.text }),
      );
    default:
      // Blank lines around a part only say that it is a part.
      return growing(part, more, (text) => {
        const shown = text.replace(/^\n+|\n+$/g, "");
        return h("p", { class: part.flag ? "flagged" : "" }, ...marked(shown, matches(shown, query)));
      });
  }
}

/** A scrollable block; it can be reached by keyboard because it may scroll sideways. */
function codeBlock(text: string, part: Part): HTMLElement {
  const language = part.language ?? (part.kind === "code" ? "" : "json");
  const label = h("span", { class: "lang", text: language });
  const json = part.kind !== "code" || language === "json";
  return h(
    "div",
    { class: "mo-code", tabindex: "0", role: "group", "aria-label": language || part.kind },
    language && label,
    ...(json ? jsonNodes(text) : [text]),
  );
}

/** A call or a result: one line, the text on demand. */
function folded(part: Part, more: More, mark: SVGElement | null, title: string, what: string): HTMLElement {
  const size = say.characters(part.length);
  const summary = h(
    "summary",
    {},
    icon("right", "tw"),
    mark,
    h("code", { text: title }),
    h("span", { class: "dim num cut", text: what ? `${what}, ${size}` : size }),
    part.flag && h("span", { class: "mo-tag c-err" }, icon("error"), h("span", { text: part.flag })),
  );
  const details = h("details", { class: "ds-tool" }, summary);
  // Built when first opened: a result can be long, and most are never looked at.
  details.addEventListener(
    "toggle",
    () => details.append(growing(part, more, (text) => codeBlock(text, part))),
    {
      once: true,
    },
  );
  return details;
}

/** What is here of a text, and a button that brings the rest piece by piece. */
export function growing(
  part: { text: string; length: number },
  more: More,
  draw: (text: string) => HTMLElement,
): HTMLElement {
  const box = h("div", { class: "ds-grow" });
  let { text, length } = part;
  const show = () => {
    const missing = length - characters(text);
    const button = h("button", { class: "mo-btn ghost small", text: say.showMore(missing) });
    button.addEventListener("click", async () => {
      button.disabled = true;
      const piece = await more(characters(text)).catch(() => null);
      // Without an answer the button stays: the viewer itself says that nobody answers.
      if (!piece?.text) button.disabled = false;
      else {
        text += piece.text;
        length = piece.length;
        show();
      }
    });
    replace(box, draw(text), missing > 0 && button);
  };
  show();
  return box;
}
