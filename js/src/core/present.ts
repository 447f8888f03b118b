/** The frame around every view: root, theme, take-down. */

import type { Carrier } from "../wire/carrier.ts";
import { h, icon } from "./dom.ts";
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
