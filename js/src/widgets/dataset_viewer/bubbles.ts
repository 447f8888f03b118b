/** An opened row as a conversation: one bubble a turn, in order, problems at the turn they are about. */

import { h } from "../../core/dom.ts";
import { dataset as say } from "../../core/strings.ts";
import { roleClass, severityIcon } from "./cells.ts";
import { tone } from "./marks.ts";
import { type More, partNode } from "./parts.ts";
import type { OpenedRow, Problem, Query, Turn } from "./types.ts";

/** `more` fetches the rest of a part by its name, "turn/part"; `fields` stand in place of texts. */
export function bubbles(
  row: OpenedRow,
  query: Query,
  more: (part: string) => More,
  fields?: ReadonlyMap<number, HTMLElement>,
): HTMLElement[] {
  const homes = row.problems.map((problem) => homeOf(problem, row.turns));
  const at = (turn: number) => row.problems.filter((_, i) => homes[i] === turn).map(problemBox);
  return [
    ...at(-1),
    ...row.turns.flatMap((turn, i) => [
      bubble(turn, i, query, (part) => more(`${i}/${part}`), fields?.get(i)),
      ...at(i),
    ]),
  ];
}

/** The turn a problem's pointer leads into; -1 if it is about the row as a whole. */
export function homeOf(problem: Pick<Problem, "pointer">, turns: readonly Pick<Turn, "pointer">[]): number {
  const { pointer } = problem;
  if (!pointer) return -1;
  return turns.findIndex(
    (turn) => turn.pointer && (pointer === turn.pointer || pointer.startsWith(`${turn.pointer}/`)),
  );
}

function bubble(
  turn: Turn,
  index: number,
  query: Query,
  more: (part: number) => More,
  field?: HTMLElement,
): HTMLElement {
  const wide = field || turn.parts.some((part) => part.kind !== "text");
  // A field stands for all that is said; calls stay beside it.
  const parts = [...turn.parts.entries()].filter(
    ([, { kind }]) => !field || kind === "tool_call" || kind === "image",
  );
  return h(
    "article",
    { class: `ds-turn ${roleClass(turn.role)}` },
    h(
      "div",
      { class: "who" },
      h("b", { text: turn.name ? `${turn.role} ${turn.name}` : turn.role }),
      h("span", { text: say.tokensOf(index + 1, turn.tokens_text) }),
      turn.in_loss && h("span", { class: "loss", text: say.inLoss }),
    ),
    h(
      "div",
      { class: wide ? "ds-say wide" : "ds-say", dir: "auto" },
      field,
      ...parts.map(([i, part]) => partNode(part, query, more(i))),
    ),
  );
}

/** Name, sentence, place, and what to do. */
export function problemBox(problem: Problem): HTMLElement {
  const place = [problem.pointer, problem.column !== null && say.column_(problem.column)]
    .filter(Boolean)
    .join(", ");
  return h(
    "div",
    { class: `ds-flag ${tone(problem.severity)}` },
    severityIcon(problem.severity),
    h(
      "div",
      {},
      h("b", { text: `${problem.label}. ` }),
      problem.message,
      place && h("code", { text: place }),
      problem.fix && h("span", { class: "fix" }, h("span", { class: "dim", text: say.fix }), problem.fix),
    ),
  );
}
