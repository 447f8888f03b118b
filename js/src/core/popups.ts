/** One small window at a time over a widget; closing it gives the focus back. */

export class Popups {
  readonly #root: HTMLElement;
  #open: { element: HTMLElement; back: HTMLElement | null } | null = null;

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  get isOpen(): boolean {
    return this.#open !== null;
  }

  show(element: HTMLElement): void {
    this.close();
    const focused = (this.#root.getRootNode() as Document | ShadowRoot).activeElement;
    this.#open = { element, back: this.#root.contains(focused) ? (focused as HTMLElement) : null };
    this.#root.append(element);
    (element.querySelector<HTMLElement>("input, button") ?? element).focus();
  }

  close(): void {
    if (!this.#open) return;
    const { element, back } = this.#open;
    // Cleared first: removing the element moves the focus, and that closes, too.
    this.#open = null;
    const inside = element.contains((this.#root.getRootNode() as Document | ShadowRoot).activeElement);
    element.remove();
    if (inside) (back?.isConnected ? back : this.#root).focus();
  }
}
