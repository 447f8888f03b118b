/** Elements built from plain values. A string becomes a text node; nothing here can parse markup. */

import { ICONS, type IconName } from "./icons.ts";

export type { IconName } from "./icons.ts";
export type Child = Node | string | null | undefined | false;
type Value = string | number | boolean | null | undefined;
export type Listeners = { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };

/** `class`, `text`, `on`, `dataset` and `style` (custom properties too) are special, the rest are attributes. */
export interface Attrs {
  text?: string;
  on?: Listeners;
  dataset?: Record<string, string>;
  style?: Record<string, string>;
  [attribute: string]: Value | Listeners | Record<string, string>;
}

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attrs: Attrs = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  apply(element, attrs);
  append(element, children);
  return element;
}

/** An SVG element. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attrs: Attrs = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  apply(element, attrs);
  append(element, children);
  return element;
}

/** A 16 × 16 line icon in the colour of the text; it is decoration, the word beside it carries the meaning. */
export function icon(name: IconName, className = ""): SVGSVGElement {
  const shapes = ICONS[name]
    .split("|")
    .map((d) => s("path", { d: d.replace("~", ""), opacity: d[0] === "~" && 0.3 }));
  return s("svg", { class: `i ${className}`.trim(), viewBox: "0 0 16 16", "aria-hidden": "true" }, ...shapes);
}

/** Replace everything inside an element. */
export function replace(element: Element, ...children: Child[]): void {
  element.replaceChildren(...nodes(children));
}

/**
 * As `replace`, but what is there and of the same kind stays, with other words and attributes: a new element costs
 * a page far more. What listens to events is not for this.
 */
export function settle(element: Node, ...children: Child[]): void {
  const [before, after] = [[...element.childNodes], nodes(children)];
  for (const [i, node] of after.entries()) {
    const was = before[i];
    const text = typeof node === "string" ? node : node instanceof Text && node.data;
    if (was instanceof Text && text !== false) was.data = text;
    else if (was instanceof Element && node instanceof Element && was.nodeName === node.nodeName) {
      for (const name of was.getAttributeNames()) if (!node.hasAttribute(name)) was.removeAttribute(name);
      for (const { name, value } of node.attributes)
        if (was.getAttribute(name) !== value) was.setAttribute(name, value);
      settle(was, ...node.childNodes);
    } else if (was) (was as ChildNode).replaceWith(node);
    else (element as Element).append(node);
  }
  for (const left of before.slice(after.length)) left.remove();
}

/** Show or hide without a layout of its own. */
export function show(element: HTMLElement, visible: boolean): void {
  element.hidden = !visible;
}

function append(element: Element, children: Child[]): void {
  if (children.length) element.append(...nodes(children));
}

const nodes = (children: Child[]) =>
  children.filter(
    (child): child is Node | string => child !== null && child !== undefined && child !== false,
  );

function apply(element: HTMLElement | SVGElement, attrs: Attrs): void {
  const { text, on, dataset, style, ...rest } = attrs;
  if (text !== undefined) element.textContent = text;
  for (const [type, listener] of Object.entries(on ?? {}))
    element.addEventListener(type, listener as EventListener);
  Object.assign(element.dataset, dataset);
  for (const [name, value] of Object.entries(style ?? {})) element.style.setProperty(name, value);
  for (const [name, value] of Object.entries(rest)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
}
