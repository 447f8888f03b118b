/** What the model answers as it learns: each prompt over the first answer and that of a later step. */

import { h, icon, replace } from "../../core/dom.ts";
import { job as say } from "../../core/strings.ts";
import type { Part, Sample, Snapshot } from "./snapshot.ts";

const JSON_TEXT = /^\s*[[{]/;

export interface Samples extends Part {
  /** Show the answers of a checkpoint; null goes back to the newest. */
  pick(step: number | null): void;
}

export function samples(): Samples {
  const select = h("select", {
    "aria-label": say.sampleStep,
    on: { change: () => pick(Number(select.value)) },
  });
  const label = h("label", { class: "mo-sel" }, h("span"), select, icon("down"));
  const acts = h("div", { class: "mo-acts" }, label);
  const how = h("p", { class: "wide-only cut", text: say.samplesHow });
  const top = h("div", { class: "mo-h" }, h("h3", { text: say.samples }), how, acts);
  const body = h("div");
  const element = h("div", { class: "mo-sec jm-samples" }, top, body);
  let all: readonly Sample[] = [];
  let picked: number | null = null;
  let shown = "";

  function pick(step: number | null): void {
    picked = step;
    paint();
  }
  function paint(): void {
    const [first, ...later] = all;
    const chosen = later.findLast((sample) => picked === null || sample.step <= picked) ?? later[0];
    label.hidden = later.length === 0;
    const next = JSON.stringify([all, chosen?.step]);
    if (!first || next === shown) return;
    shown = next;
    replace(label.firstElementChild as Element, say.compareWith(first.name));
    replace(select, ...later.map(({ step, name }) => h("option", { value: step, text: name })));
    if (chosen) select.value = String(chosen.step);
    const pair = [first, chosen].filter((sample) => sample !== undefined);
    const heads = h("div", { class: "jm-cols" }, ...pair.map(scores));
    replace(body, heads, ...first.rows.map((_, i) => answers(pair, i)));
  }
  return {
    element,
    pick,
    draw(job: Snapshot) {
      element.hidden = job.samples.length === 0;
      all = job.samples;
      paint();
    },
  };
}

function scores({ name, scores }: Sample): HTMLElement {
  const told = scores.map(({ name, text, interval }) =>
    h("span", {}, `${name} `, h("b", { text }), interval !== "" && ` ${interval}`),
  );
  return h("div", {}, h("span", { text: name }), ...told);
}

function answers(pair: readonly Sample[], i: number): HTMLElement {
  const prompt = h(
    "div",
    { class: "q" },
    h("b", { text: say.prompt }),
    h("span", { text: pair[0]?.rows[i]?.prompt ?? "" }),
  );
  return h("div", { class: "jm-sample" }, prompt, ...pair.map((sample) => answer(sample, i)));
}

function answer({ name, rows }: Sample, i: number): HTMLElement {
  const { answer = "", same = false } = rows[i] ?? {};
  const mark = same && h("span", { class: "same" }, icon("ok"), say.asInData);
  const look = [same && "good", JSON_TEXT.test(answer) && "code"].filter(Boolean).join(" ");
  const attributes = { class: `a ${look}`, role: "group", "aria-label": name };
  return h("div", attributes, h("small", { class: "narrow-only", text: name }), answer || say.noAnswer, mark);
}
