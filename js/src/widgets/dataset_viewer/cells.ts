/** A row of the grid: number, roles, turns, tokens, first words, problems. */

import { type Child, h, icon, settle } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import type { Column } from "../../core/grid_head.ts";
import { dataset as say } from "../../core/strings.ts";
import { fromCodePoints, marked, tone } from "./marks.ts";
import type { Row, Severity } from "./types.ts";

export const COLUMNS: readonly Column[] = [
  { key: "ck", label: "", all: say.selectAll(0) },
  { key: "id", label: say.column.id, title: say.column.idTitle, sort: "row" },
  { key: "rl", label: say.column.roles },
  { key: "tn", label: say.column.turns, sort: "turns" },
  { key: "tk", label: say.column.tokens, sort: "tokens" },
  { key: "words", label: say.column.words },
  { key: "pb", label: say.column.problems, sort: "problems" },
  { key: "lb", label: say.column.label, sort: "label" },
];

const WAITING = [60, 70, 50, 70, 64, 0, 0].map((width): Content => [width, () => [skeleton(width)]]);

export const severityIcon = (severity: Severity): SVGSVGElement =>
  icon(({ error: "error", warning: "warn", info: "info" } as const)[severity]);

/** Colour class of a role; roles we do not know look like the system's. */
export function roleClass(role: string): string {
  if (/^(user|human|prompt)$/.test(role)) return "ro-u";
  if (/^(assistant|gpt|model|completion|chosen)$/.test(role)) return "ro-a";
  if (/^(tool|function|observation)/.test(role)) return "ro-t";
  return "ro-s";
}

/** `longest` is the token count that fills the bar, `above` the row before this one. */
export function fillRow(
  cells: HTMLElement[],
  row: Row | undefined,
  line: HTMLElement,
  longest: number,
  above: Row | undefined,
): void {
  fillTick(cells[0] as HTMLElement, row, line);
  line.classList.toggle("gone", row?.dropped === true);
  line.classList.toggle("apart", row?.group !== null && !!above && row?.group !== above.group);
  const shown = row ? contents(row, longest) : WAITING;
  for (const [i, [key, make]] of shown.entries()) {
    const [cell, drawn] = [cells[i + 1] as HTMLElement, JSON.stringify(key)];
    if (DRAWN.get(cell) === drawn) continue;
    DRAWN.set(cell, drawn);
    settle(cell, ...make());
  }
}

/** What a cell is made from, and how. */
type Content = [key: unknown, make: () => Child[]];

/** What cells were made from: neighbours are alike in much, and what is alike is not made again. */
const DRAWN = new WeakMap<HTMLElement, string>();

/** What stands in the cells after the box. */
function contents(row: Row, longest: number): Content[] {
  const { broken, roles, more_roles, preview, match, dropped, label, edited } = row;
  const none = () => h("span", { class: "dim", text: say.noRoles });
  const words = () => marked(preview.text, match ? [fromCodePoints(preview.text, match)] : []);
  return [
    [row.position, () => [count(row.position)]],
    [[broken, roles, more_roles], () => [broken || !roles.length ? none() : roleStrip(row)]],
    [[broken, row.turns], () => [broken ? none() : String(row.turns)]],
    [[row.tokens, longest], () => tokenBar(row, longest)],
    [[broken, preview, match], () => [h("span", { class: broken ? "raw" : "" }, ...words())]],
    [row.problems, () => problemTags(row)],
    [[dropped, label, edited], () => [labelTag(row)]],
  ];
}

/** The box before a row; where nothing can be selected it is not shown. */
function fillTick(cell: HTMLElement, row: Row | undefined, line: HTMLElement): void {
  settle(cell, row?.selected !== undefined && h("i", { class: "mo-ck" }));
  if (row?.selected === undefined) line.removeAttribute("aria-selected");
  else {
    line.setAttribute("aria-selected", String(row.selected));
    cell.setAttribute("aria-label", say.selectRow(row.position));
  }
}

/** What was done with a row: dropped, labelled, changed. */
function labelTag({ dropped, label, edited }: Row): HTMLElement | false {
  const text = dropped ? say.dropped : (label ?? (edited ? say.edited : ""));
  if (!text) return false;
  const tone = dropped ? "c-idle" : label === "keep" ? "c-ok" : "c-run";
  const mark = dropped ? icon("x") : label === "keep" ? icon("check") : label ? null : icon("edit");
  return h("span", { class: `mo-tag ${tone}`, title: text, dir: "auto" }, mark, h("span", { text }));
}

/** One lettered square per turn, so that colour is never alone. */
function roleStrip(row: Row): HTMLElement {
  const names = row.roles.map(({ role, problem }) => (problem ? say.withProblem(role) : role));
  const squares = row.roles.map(({ role, letter, problem }) =>
    h("b", { class: `${roleClass(role)}${problem ? " bad" : ""}`, text: letter }),
  );
  const more = row.more_roles > 0 && h("small", { text: `+${row.more_roles}` });
  const label = say.roles(names, row.more_roles);
  return h("span", { class: "ds-roles", role: "img", "aria-label": label }, ...squares, more);
}

function tokenBar({ tokens }: Row, longest: number): Child[] {
  const estimate = tokens.text.startsWith("≈");
  const share = Math.min(100, (100 * tokens.value) / Math.max(1, longest));
  const bar = h("i", { class: estimate ? "est" : "", style: { "--w": `${share.toFixed(1)}%` } });
  return [h("span", { text: tokens.text, title: estimate && say.estimatedTitle }), bar];
}

/** The worst problem by name, the others by number. */
function problemTags(row: Row): (HTMLElement | false)[] {
  const [worst, ...others] = row.problems;
  if (!worst) return [];
  const tag = { class: `mo-tag ${tone(worst.severity)}` };
  const title = others.map(({ label }) => label).join(", ");
  return [
    h("span", tag, severityIcon(worst.severity), h("span", { text: worst.label })),
    others.length > 0 && h("small", { text: say.moreProblems(others.length), title }),
  ];
}

/** In a cell whose row has not arrived. */
const skeleton = (width: number) => h("i", { class: "mo-skel", style: { width: `${width}%` } });
