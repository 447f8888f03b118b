/** What the result was compared with: the baselines it must beat, an earlier one, what it should not forget. */

import { h, type IconName, icon } from "../../core/dom.ts";
import { metrics as say } from "../../core/strings.ts";
import { type Fold, fold } from "./fold.ts";
import { forest } from "./forest.ts";
import type { Comparison, Result, Verdict } from "./result.ts";

const LOOKS: Record<Verdict["icon"], readonly [IconName, string]> = {
  ok: ["ok", "c-ok"],
  error: ["fail", "c-err"],
  unsure: ["unsure", "c-idle"],
};

const look = (verdict: Verdict) => LOOKS[verdict.icon] ?? LOOKS.unsure;

/** A box with icon, word and the number that decided. */
export function verdict(found: Verdict, detectable = ""): HTMLElement {
  const [shape, tone] = look(found);
  const more = detectable !== "" && h("p", { text: detectable });
  const words = h("div", {}, h("b", { text: found.word }), ` ${found.text}`, more);
  return h("div", { class: `mx-verdict ${tone}`, role: "status" }, icon(shape), words);
}

/** The paired difference to what needs no training; it stands before the model's own numbers. */
export function against({ baselines }: Result): HTMLElement | null {
  if (!baselines) return null;
  const note = h("p", { class: "wide-only", text: say.corrected(baselines.metric) });
  const head = h("div", { class: "mo-h" }, h("h3", { text: say.against }), note);
  return h("div", { class: "mo-sec" }, head, forest(baselines.rows, baselines.axis, { name: say.against }));
}

export function retained({ retained: rows }: Result, key: string): HTMLElement | null {
  if (!rows?.length) return null;
  const worst = rows.find((row) => row.verdict === "worse");
  const part = fold(`${key} retained`, say.retained, worst !== undefined);
  const { label, text, interval_text, verdict: word } = worst ?? (rows[0] as (typeof rows)[0]);
  const icon: Verdict["icon"] = worst ? "error" : word === "better" ? "ok" : "unsure";
  stated(part, { icon, word: `${label} ${text} ${interval_text}:`, text: word });
  part.body.append(forest(rows, null, { name: say.retained }));
  return part.element;
}

/** Folded to its verdict; open where the gate did not pass, or something got worse. */
export function comparison(compared: Comparison, gate: Verdict | null, key: string): HTMLElement {
  const bad = compared.verdict.icon === "error" || (gate !== null && gate.icon !== "ok");
  const part = fold(`${key} comparison`, compared.title, bad);
  stated(part, compared.verdict);
  const n = Math.max(0, ...compared.rows.map((row) => row.n));
  part.body.append(
    verdict(compared.verdict, compared.detectable_text),
    forest(compared.rows, compared.axis, { name: say.differences(compared.title) }),
    h("p", { class: "sec", text: [say.paired(n), ...compared.legend].join(" · ") }),
  );
  return part.element;
}

function stated(part: Fold, found: Verdict): void {
  const [shape, tone] = look(found);
  part.say(h("span", { class: `tone ${tone}` }, icon(shape)), h("b", { text: found.word }), ` ${found.text}`);
}
