/** The frame around every view: root, theme, take-down. */

import type { Carrier } from "../wire/carrier.ts";
import { type Attrs, type Child, h, type IconName, icon } from "./dom.ts";
import { common } from "./strings.ts";
import { followTheme } from "./theme.ts";
import { type Mount, type Spec, setState } from "./view.ts";

/**
 * The element a view fills. It can take the focus itself, so that a key is never lost to the page. A group and
 * no landmark: a notebook may show the same thing ten times.
 */
export function createRoot(kind: string): HTMLElement {
  return h("section", { class: "mo", role: "group", dataset: { kind, state: "loading" }, tabindex: "-1" });
}

/** Show a view in an element over a carrier; returns what takes both down. */
export function present(
  el: HTMLElement,
  kind: string,
  mount: Mount,
  carrier: Carrier,
  spec: Spec,
): () => void {
  const root = createRoot(kind);
  el.append(root);
  el.classList.add("mo-host");
  const unfollow = followTheme(root);
  const unmount = mount({ root, carrier, spec });
  return () => {
    unmount();
    unfollow();
    carrier.dispose();
    root.remove();
  };
}

/** In place of a view that cannot be shown: what does not fit, and what to do. Never a blank cell. */
export function refuse(el: HTMLElement, kind: string, what: string, hint: string): () => void {
  const refusal: Mount = ({ root }) => {
    root.append(errorBlock(what, hint));
    setState(root, "error");
    return () => undefined;
  };
  const nobody: Carrier = {
    kind: "fixture",
    request: () => Promise.reject(new Error(what)),
    subscribe: () => () => undefined,
    dispose: () => undefined,
  };
  return present(el, kind, refusal, nobody, {});
}

/** What happened, what to do, and what can be pressed. */
export function errorBlock(what: string, hint: string, ...actions: HTMLElement[]): HTMLElement {
  return h(
    "div",
    { class: "mo-err", role: "alert" },
    icon("error"),
    h("b", { text: what }),
    hint && h("p", { text: hint }),
    actions.length > 0 && h("div", { class: "mo-acts" }, ...actions),
  );
}

/** A line above what stays: what is so, and what can be pressed. The tone is its colour, the icon its shape. */
export function note(
  tone: string,
  name: IconName,
  title: string,
  text: Child,
  attrs: Attrs = {},
  ...actions: Child[]
): HTMLElement {
  return h(
    "div",
    { ...attrs, class: `mo-note ${tone}` },
    icon(name),
    h("div", {}, h("b", { text: title }), text && " ", text),
    actions.length > 0 && h("span", { class: "acts" }, ...actions),
  );
}

/** In place of what is not there: that there is nothing, and what changes it. */
export const blank = (name: IconName, title: string, ...more: Child[]): HTMLElement =>
  h("div", { class: "mo-blank" }, icon(name), h("b", { text: title }), ...more);

export const tryAgain = (click: () => void): HTMLElement =>
  h("button", { class: "mo-btn", text: common.tryAgain, on: { click } });

/** Says that the kernel is busy when nothing has come for a second; `clearTimeout` ends it. */
export const patience = (tell: (words: HTMLElement) => void) =>
  setTimeout(() => tell(h("p", { class: "sec", text: common.waiting })), 1000);
