/** One small window at a time over a widget; closing it gives the focus back. */

import { type KeyTable, keysPopup } from "./keys.ts";

/** What has the focus, also in a shadow root. */
export const focusedIn = (root: Element): Element | null =>
  (root.getRootNode() as Document | ShadowRoot).activeElement;

export class Popups {
  readonly #root: HTMLElement;
  #open: { element: HTMLElement; back: HTMLElement | null } | null = null;

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  get isOpen(): boolean {
    return this.#open !== null;
  }

  keys(table: KeyTable): void {
    this.show(keysPopup(table, () => this.close()));
  }

  show(element: HTMLElement): void {
    this.close();
    const focused = focusedIn(this.#root);
    this.#open = { element, back: this.#root.contains(focused) ? (focused as HTMLElement) : null };
    this.#root.append(element);
    element.addEventListener("focusout", ({ relatedTarget }) => {
      if (!element.contains(relatedTarget as Node | null)) this.close();
    });
    (element.querySelector<HTMLElement>("input, button") ?? element).focus();
  }

  close(): void {
    if (!this.#open) return;
    const { element, back } = this.#open;
    // Cleared first: removing the element moves the focus, and that closes, too.
    this.#open = null;
    const inside = element.contains(focusedIn(this.#root));
    element.remove();
    if (inside) (back?.isConnected ? back : this.#root).focus();
  }
}
