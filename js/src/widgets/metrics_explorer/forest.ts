/** Lines with an interval on one axis: paired differences around zero, slices around the value of all rows. */

import { niceTicks, tickText } from "../../core/axis.ts";
import { h, type IconName, icon } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { intervalGlyph, share } from "../../core/interval.ts";
import { metrics as say } from "../../core/strings.ts";
import { type Difference, known } from "./result.ts";

const TAGS: Record<string, readonly [IconName, string, series: string]> = {
  better: ["ok", "c-ok", "s1"],
  worse: ["fail", "c-err", "s2"],
  different: ["info", "c-idle", "sn"],
};
const NOTHING = ["unsure", "c-idle", "sn"] as const;

type Span = readonly [number, number];

/** Some lines stand on an axis of their own, some can be pressed to see their rows. */
export interface Line extends Difference {
  readonly button?: HTMLElement;
}

export interface Forest {
  readonly name: string;
  readonly heads?: { measure: string; difference: string; verdict: string };
  /** Where the vertical line stands; zero if not said. */
  readonly line?: number | null;
}

export function forest(
  lines: readonly Line[],
  axis: Span | null,
  { name, heads, line = 0 }: Forest,
): HTMLElement {
  const { columns } = say;
  const column = (text: string, side = "") => h("th", { scope: "col", class: side, text });
  const hidden = h("span", { class: "sr", text: columns.interval });
  const head = [
    column(heads?.measure ?? columns.measure, "m"),
    column(columns.rows, "n r"),
    h("th", { scope: "col", class: "ax" }, hidden, ...(axis ? ticks(axis, line !== 0) : [])),
    column(heads?.difference ?? columns.difference, "val"),
    column(columns.p, "p r"),
    column(heads?.verdict ?? columns.verdict, "v"),
  ];
  return h(
    "table",
    { class: "mo-tbl mx-rows", "aria-label": name },
    h("thead", {}, h("tr", {}, ...head)),
    h("tbody", {}, ...lines.map((row) => drawn(row, row.axis ?? axis ?? [-1, 1], line ?? 0))),
  );
}

function drawn(row: Line, axis: Span, line: number): HTMLElement {
  const [shape, tone, series] = TAGS[row.verdict] ?? NOTHING;
  const interval = known(row);
  const at = (value: number) => `${share(value, axis)}%`;
  const limits = {
    "--z": at(line),
    ...(row.detectable && { "--m1": at(-row.detectable), "--m2": at(row.detectable) }),
    ...(typeof row.gate === "number" && { "--gate": at(row.gate) }),
  };
  const glyph = interval && intervalGlyph(interval, axis, series);
  const tag = h("span", { class: `mo-tag ${tone}` }, icon(shape), h("span", { text: row.verdict }));
  const dim = h("span", { class: "dim", text: row.interval_text });
  return h(
    "tr",
    {},
    h(
      "th",
      { scope: "row", class: "m" },
      row.button ?? h("span", { text: row.label }),
      row.before_text && levels(row),
    ),
    h("td", { class: "n r", text: count(row.n) }),
    h("td", { class: typeof row.gate === "number" ? "g gated" : "g", style: limits }, glyph),
    h("td", { class: "val" }, h("b", { text: row.text }), " ", dim),
    h("td", { class: "p r", text: row.p_text }),
    h("td", { class: "v" }, tag),
  );
}

const levels = (row: Line) => h("small", { text: say.fromTo(row.before_text ?? "", row.after_text ?? "") });

function ticks(axis: Span, plain: boolean): HTMLElement[] {
  return niceTicks(...axis, 4)
    .filter((tick) => tick >= axis[0] && tick <= axis[1])
    .map((tick) => {
      const at = share(tick, axis);
      const side = at < 8 ? "s" : at > 92 ? "e" : "";
      const text = tick > 0 && !plain ? `+${tickText(tick)}` : tickText(tick);
      return h("span", { class: `t ${side}`, style: { left: `${at}%` }, "aria-hidden": "true", text });
    });
}
