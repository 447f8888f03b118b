/** A paired comparison: the verdict first, then each difference on one axis. */

import { niceTicks, tickText } from "../../core/axis.ts";
import { h, type IconName, icon } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { intervalGlyph, share } from "../../core/interval.ts";
import { metrics as say } from "../../core/strings.ts";
import { type Comparison, type Difference, known, type Verdict } from "./result.ts";

const LOOKS: Record<Verdict["icon"], readonly [IconName, string]> = {
  ok: ["ok", "c-ok"],
  error: ["fail", "c-err"],
  unsure: ["unsure", "c-idle"],
};

const TAGS: Record<Difference["verdict"], readonly [IconName, string, series: string]> = {
  better: ["ok", "c-ok", "s1"],
  worse: ["fail", "c-err", "s2"],
  different: ["info", "c-idle", "sn"],
  "no difference shown": ["unsure", "c-idle", "sn"],
};

export function comparison(compared: Comparison): HTMLElement {
  const n = Math.max(0, ...compared.rows.map((row) => row.n));
  const note = h("p", { class: "wide-only", text: say.paired(n) });
  const head = h("div", { class: "mo-h" }, h("h3", { text: compared.title }), note);
  return h("div", { class: "mo-sec" }, head, verdict(compared), forest(compared));
}

function verdict({ verdict: { icon: name, word, text }, detectable_text }: Comparison): HTMLElement {
  const [shape, tone] = LOOKS[name] ?? LOOKS.unsure;
  const words = h(
    "div",
    {},
    h("b", { text: word }),
    ` ${text}`,
    detectable_text !== "" && h("p", { text: detectable_text }),
  );
  return h("div", { class: `mx-verdict ${tone}`, role: "status" }, icon(shape), words);
}

function forest({ rows, axis, title }: Comparison): HTMLElement {
  const { columns } = say;
  const zero = { "--z": `${share(0, axis)}%` };
  const column = (text: string, name = "") => h("th", { scope: "col", class: name, text });
  const scale = h(
    "th",
    { scope: "col", class: "ax" },
    h("span", { class: "sr", text: columns.interval }),
    ...ticks(axis),
  );
  const head = [
    column(columns.measure, "m"),
    column(columns.rows, "n r"),
    scale,
    column(columns.difference, "val"),
    column(columns.p, "p r"),
    column(columns.verdict, "v"),
  ];
  return h(
    "table",
    { class: "mo-tbl mx-rows", style: zero, "aria-label": say.differences(title) },
    h("thead", {}, h("tr", {}, ...head)),
    h("tbody", {}, ...rows.map((row) => difference(row, axis))),
  );
}

function difference(row: Difference, axis: readonly [number, number]): HTMLElement {
  const [shape, tone, series] = TAGS[row.verdict] ?? TAGS["no difference shown"];
  const interval = known(row);
  const levels = h("small", { text: say.fromTo(row.before_text, row.after_text) });
  return h(
    "tr",
    {},
    h("th", { scope: "row", class: "m" }, h("span", { text: row.label }), levels),
    h("td", { class: "n r", text: count(row.n) }),
    h("td", { class: "g" }, interval && intervalGlyph(interval, axis, series)),
    h(
      "td",
      { class: "val" },
      h("b", { text: row.text }),
      " ",
      h("span", { class: "dim", text: row.interval_text }),
    ),
    h("td", { class: "p r", text: row.p_text }),
    h(
      "td",
      { class: "v" },
      h("span", { class: `mo-tag ${tone}` }, icon(shape), h("span", { text: row.verdict })),
    ),
  );
}

function ticks(axis: readonly [number, number]): HTMLElement[] {
  return niceTicks(...axis, 4)
    .filter((tick) => tick >= axis[0] && tick <= axis[1])
    .map((tick) => {
      const at = share(tick, axis);
      const side = at < 8 ? "s" : at > 92 ? "e" : "";
      const text = tick > 0 ? `+${tickText(tick)}` : tickText(tick);
      return h("span", { class: `t ${side}`, style: { left: `${at}%` }, "aria-hidden": "true", text });
    });
}
