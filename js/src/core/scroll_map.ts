/**
 * Scrolling more than a browser can hold. An element ends at some ten million pixels; a million rows need
 * thirty. So the bar of a long list is shorter than the list: small movements are exact, jumps are scaled,
 * and when the hand rests the bar is put where it belongs without moving what is seen. The two ends are
 * always exact, so that first and last row are reached by scrolling.
 */

const LONGEST = 8_000_000;
const EXACT_END = 200_000;

export class ScrollMap {
  readonly #longest: number;
  readonly #end: number;
  #content = 0;
  #view = 0;
  #bar = 0;
  #top = 0;

  constructor(longest = LONGEST, exactEnd = EXACT_END) {
    this.#longest = longest;
    this.#end = exactEnd;
  }

  /** How tall the scrolled element is. */
  get height(): number {
    return Math.min(this.#content, this.#longest);
  }

  /** Which pixel of the list is at the top of the view. */
  get top(): number {
    return this.#top;
  }

  /** What to subtract from a place in the list to get its place in the element. */
  get shift(): number {
    return this.#top - this.#bar;
  }

  /** The list or the view has another size; the same pixel stays on top. */
  resize(content: number, view: number): void {
    this.#content = content;
    this.#view = view;
    this.goTo(this.#top);
  }

  /** The bar was moved by hand. */
  scrolled(bar: number): void {
    const step = bar - this.#bar;
    const near = Math.abs(step) <= 2 * this.#view && bar > 0 && bar < this.height - this.#view;
    this.#top = near ? this.#clamp(this.#top + step) : this.#toList(bar);
    this.#bar = bar;
  }

  /** Put a pixel of the list on top; returns where the bar then is. */
  goTo(top: number): number {
    this.#top = this.#clamp(top);
    this.#bar = Math.round(this.#toBar(this.#top));
    if (this.height === this.#content) this.#top = this.#bar;
    return this.#bar;
  }

  #clamp(top: number): number {
    return Math.max(0, Math.min(top, this.#content - this.#view));
  }

  /** Room of the bar and of the list between their exact ends. */
  #middles(): { bar: number; list: number } {
    const ends = this.#view + 2 * this.#end;
    return { bar: this.height - ends, list: this.#content - ends };
  }

  #toList(bar: number): number {
    if (this.height === this.#content || bar <= this.#end) return this.#clamp(bar);
    const middle = this.#middles();
    const past = bar - this.#end;
    if (past >= middle.bar) return this.#clamp(bar + this.#content - this.height);
    return this.#end + (past * middle.list) / middle.bar;
  }

  #toBar(top: number): number {
    if (this.height === this.#content || top <= this.#end) return top;
    const middle = this.#middles();
    const past = top - this.#end;
    if (past >= middle.list) return top - this.#content + this.height;
    return this.#end + (past * middle.bar) / middle.list;
  }
}
