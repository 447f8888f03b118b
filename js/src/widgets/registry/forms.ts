/** The small windows: give an alias, take one away, promote. */

import { h } from "../../core/dom.ts";
import { formPopup, labelled, selectField, textField } from "../../core/form.ts";
import { registry as say } from "../../core/strings.ts";
import type { Version } from "./types.ts";

export interface Window {
  close(): void;
  /** Does it and returns what is wrong, or nothing. */
  send(op: string, args: Record<string, unknown>): Promise<string | null>;
}

/** Sets an alias, or takes `drop` away. */
export function aliasForm({ version }: Version, { close, send }: Window, drop = ""): HTMLElement {
  const { element, input } = textField(say.alias);
  const alias = () => (drop ? { alias: drop, version: null } : { alias: input.value.trim(), version });
  const submit = () => send("registry.alias", alias());
  const words = drop
    ? { title: say.removeFrom(drop, version), hint: say.removeHint, button: say.remove, fields: [] }
    : { title: say.aliasFor(version), hint: say.aliasHint, button: say.set, fields: [element] };
  return formPopup({ ...words, close, submit });
}

export function promoteForm(found: Version, gated: readonly string[], { close, send }: Window): HTMLElement {
  const { version, metrics } = found;
  const alias = selectField(say.promoteTo, Object.fromEntries(gated.map((name) => [name, name])));
  const choices = Object.fromEntries(metrics.map(({ name, label }) => [name, label]));
  const metric = selectField(say.metric, { ...choices, "": say.noGate });
  const limits = [say.atLeast, say.mostDrop].map((text) => {
    const [word, input] = [h("span", { class: "unit", text }), h("input", { type: "number", step: "any" })];
    return { word, input, element: h("label", { class: "mo-field" }, word, input) };
  });
  const choose = () => {
    const chosen = metrics.find(({ name }) => name === metric.value);
    for (const { element } of limits) element.hidden = !chosen;
    if (limits[0]) limits[0].word.textContent = chosen?.lower ? say.atMost : say.atLeast;
  };
  metric.addEventListener("change", choose);
  choose();
  const submit = () => {
    const [min_value, max_drop] = limits.map(({ input }) => (input.value ? input.valueAsNumber : null));
    const gates = metric.value ? [{ metric: metric.value, min_value, max_drop }] : [];
    return send("registry.promote", { alias: alias.value, version, gates });
  };
  const selects = [labelled(say.promoteTo, alias), labelled(say.metric, metric)];
  const fields = [...selects, ...limits.map(({ element }) => element)];
  const words = { title: say.promoteVersion(version), hint: say.promoteHint, button: say.promote };
  return formPopup({ ...words, fields, close, submit });
}
