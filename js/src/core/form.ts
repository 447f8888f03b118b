/** A small window with a form: a title, fields, a hint that also says what is wrong, one button. */

import { type Child, h, icon } from "./dom.ts";

export interface FormOptions {
  readonly title: string;
  readonly fields: Child[];
  readonly hint: string;
  readonly button: string;
  close(): void;
  /** Returns what is wrong, or nothing if it was done. */
  submit(): string | null | Promise<string | null>;
}

export function formPopup(options: FormOptions): HTMLElement {
  const hint = h("p", { class: "sec", role: "status", text: options.hint });
  const form = h(
    "form",
    { class: "mo-form" },
    ...options.fields,
    h("button", { class: "mo-btn primary", text: options.button }),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = await options.submit();
    if (wrong === null) options.close();
    else hint.textContent = wrong;
  });
  return h(
    "div",
    { class: "mo-pop mo-form-pop", role: "dialog", "aria-label": options.title },
    h("h3", { text: options.title }),
    form,
    hint,
  );
}

let lists = 0;

/** A text field; `choices` are offered while typing. */
export function textField(
  label: string,
  value = "",
  choices: readonly string[] = [],
): { element: HTMLElement; input: HTMLInputElement } {
  const list = choices.length > 0 && `mo-list-${++lists}`;
  const input = h("input", {
    type: "text",
    "aria-label": label,
    placeholder: label,
    autocomplete: "off",
    list,
  });
  input.value = value;
  const options =
    list && h("datalist", { id: list }, ...choices.map((choice) => h("option", { value: choice })));
  return { element: h("div", { class: "mo-field" }, input, options), input };
}

export function selectField(label: string, choices: Readonly<Record<string, string>>): HTMLSelectElement {
  return h(
    "select",
    { "aria-label": label },
    ...Object.entries(choices).map(([value, text]) => h("option", { value, text })),
  );
}

export const labelled = (text: string, select: HTMLSelectElement): HTMLElement =>
  h("label", { class: "mo-sel" }, h("span", { text }), select, icon("down"));

/** One of a few, by value and text. */
export function chooser(
  text: string,
  choices: readonly (readonly [value: string, text: string])[],
  chosen: string,
  choose: (value: string) => void,
): HTMLElement {
  const options = choices.map(([value, text]) => h("option", { value, text, selected: value === chosen }));
  const select = h("select", { on: { change: () => choose(select.value) } }, ...options);
  return labelled(text, select);
}
