/**
 * A grid of any number of rows of which only the visible ones exist. Rows have one height, except one opened
 * row with a panel below it. Elements are reused; the focused one and the panel are never thrown away, only
 * parked, so that scrolling by wheel does not lose the place of the keyboard.
 */

import { h } from "./dom.ts";
import { GridHead, type Sorting, type Ticked } from "./grid_head.ts";
import type { GridOptions } from "./grid_options.ts";
import { ScrollMap } from "./scroll_map.ts";

interface Line {
  readonly element: HTMLElement;
  readonly cells: HTMLElement[];
  index: number;
  /** What it shows is not what it should. */
  stale: boolean;
}

const SPARE = 4;
const rowOf = (element: Element) => Number(element.getAttribute("aria-rowindex")) - 2;
/** After this long without scrolling the bar of a very long list is corrected. */
const REST_MS = 160;

export class Grid {
  readonly element: HTMLElement;
  readonly #options: GridOptions;
  readonly #map = new ScrollMap();
  readonly #view: HTMLElement;
  readonly #head: GridHead;
  readonly #space: HTMLElement;
  readonly #window: HTMLElement;
  readonly #probe: HTMLElement;
  readonly #observer = new ResizeObserver(() => this.#layout());
  readonly #lines = new Map<number, Line>();
  #free: Line[] = [];
  #total = 0;
  #rowHeight = 32;
  #room = 0;
  #panel: HTMLElement | null = null;
  #panelHeight = 0;
  #open: number | null = null;
  /** The opened row is brought into view until somebody scrolls. */
  #revealing = false;
  #active = { row: 0, column: 0 };
  /** Where a range of selected rows begins, and how far it reaches now. */
  #anchor = 0;
  #reach = 0;
  #frame = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(options: GridOptions) {
    this.#options = options;
    this.#active.column = options.columns.findIndex((column) => !column.all);
    this.#head = new GridHead(options.columns, options.sort, () => this.#all());
    this.#window = h("div", { class: "mo-window", role: "presentation" });
    this.#probe = h("div", { class: "mo-probe", "aria-hidden": "true" });
    this.#space = h("div", { class: "mo-space", role: "presentation" }, this.#window, this.#probe);
    this.#view = h("div", { class: "mo-view", role: "presentation" }, this.#head.element, this.#space);
    this.element = h("div", { class: "mo-grid", role: "grid", "aria-label": options.label }, this.#view);
    this.#listen();
  }

  get openRow(): number | null {
    return this.#open;
  }

  get activeRow(): number {
    return this.#active.row;
  }

  /** First and last row that can be seen. */
  get range(): [number, number] {
    const bottom = this.#map.top + this.#room - 1;
    return [this.#indexAt(this.#map.top), Math.max(0, this.#indexAt(bottom))];
  }

  /** Other rows: everything starts at the top. */
  reset(total: number): void {
    const inside = this.#window.contains(this.#focused());
    this.close();
    this.#total = total;
    this.#active = { row: 0, column: this.#active.column };
    this.#anchor = this.#reach = 0;
    this.element.setAttribute("aria-rowcount", String(total + 1));
    this.#map.goTo(0);
    this.#layout();
    this.#view.scrollTop = 0;
    this.refresh();
    // The row that had the focus may be gone.
    if (inside && total) this.focusRow(0);
  }

  /** The same rows with other content. */
  refresh(): void {
    for (const line of this.#lines.values()) this.#fill(line);
    this.#draw();
  }

  /** Rows came: what is seen of them is drawn with the next frame, which may have more to draw. */
  arrived(start: number, stop: number): void {
    for (const line of this.#lines.values()) line.stale ||= line.index >= start && line.index < stop;
    this.#schedule();
  }

  showSort(sorting: readonly Sorting[]): void {
    this.#head.showSort(sorting);
  }

  tick(ticked: Ticked, name: string): void {
    this.#head.tick(ticked, name);
  }

  open(index: number): void {
    this.close();
    this.#open = index;
    this.#revealing = true;
    const content = h(
      "div",
      { role: "gridcell", "aria-colspan": this.#options.columns.length },
      this.#options.detail(index),
    );
    this.#panel = h("div", { class: "mo-panel", role: "row", "aria-rowindex": index + 2 }, content);
    this.#window.append(this.#panel);
    this.#observer.observe(this.#panel);
    this.element.classList.add("opened");
    this.#layout();
    this.refresh();
    this.#options.opened(index);
  }

  close(): void {
    if (!this.#panel || this.#open === null) return;
    const row = this.#open;
    const inside = this.#panel.contains(this.#focused());
    this.#observer.unobserve(this.#panel);
    this.#panel.remove();
    this.#panel = null;
    this.#panelHeight = 0;
    this.#open = null;
    this.element.classList.remove("opened");
    this.#layout();
    this.refresh();
    if (inside) this.focusRow(row);
    this.#options.opened(null);
  }

  /** Make a row the current one, bring it into view and put the focus on it. */
  focusRow(index: number, column = this.#active.column): void {
    this.#active = { row: Math.max(-1, Math.min(index, this.#total - 1)), column };
    this.#anchor = this.#reach = Math.max(0, this.#active.row);
    if (this.#active.row >= 0) this.#intoView(this.#active.row);
    this.#draw();
    this.#rove();
    this.#cell()?.focus({ preventScroll: true });
  }

  /** Movement by keyboard; false if the key is not for the grid. */
  act(action: string, target: HTMLElement): boolean {
    if (!target.closest('[role="gridcell"],[role="columnheader"]') || this.#panel?.contains(target))
      return false;
    const { row, column } = this.#active;
    const page = Math.max(1, Math.floor(this.#room / this.#rowHeight) - 1);
    const cells = this.#shownColumns();
    const place = cells.indexOf(column);
    const moves: Record<string, () => void> = {
      up: () => this.focusRow(row - 1 < 0 && !this.#head.element.offsetHeight ? 0 : row - 1),
      down: () => this.focusRow(row + 1),
      left: () => this.focusRow(row, cells[Math.max(0, place - 1)]),
      right: () => this.focusRow(row, cells[Math.min(cells.length - 1, place + 1)]),
      home: () => this.focusRow(row, cells[0]),
      end: () => this.focusRow(row, cells.at(-1)),
      first: () => this.focusRow(0, cells[0]),
      last: () => this.focusRow(this.#total - 1, cells.at(-1)),
      pageUp: () => this.focusRow(Math.max(0, row - page)),
      pageDown: () => this.focusRow(row + page),
      toggle: () => (this.#open === row ? this.close() : row >= 0 && this.open(row)),
      select: () => (row < 0 ? this.#all() : this.#pick(row)),
      extendUp: () => this.#extend(row - 1),
      extendDown: () => this.#extend(row + 1),
      extendPageUp: () => this.#extend(row - page),
      extendPageDown: () => this.#extend(row + page),
      all: () => this.#options.select(0, this.#total, "add"),
    };
    if (!moves[action]) return false;
    moves[action]();
    return true;
  }

  dispose(): void {
    this.#observer.disconnect();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#rest);
  }

  // ---- selecting ----

  #pick(row: number): void {
    this.#anchor = this.#reach = row;
    this.#options.select(row, row + 1, "toggle");
  }

  /** All rows from the anchor to a row, and none that the range reached before. */
  #extend(to: number): void {
    const row = Math.max(0, Math.min(to, this.#total - 1));
    const [anchor, reach] = [this.#anchor, this.#reach];
    const [low, high] = [Math.min(anchor, row), Math.max(anchor, row)];
    if (reach > high) this.#options.select(high + 1, reach + 1, "remove");
    if (reach < low) this.#options.select(reach, low, "remove");
    this.#options.select(low, high + 1, "add");
    this.focusRow(row);
    this.#anchor = anchor;
  }

  #all(): void {
    const ticked = this.#head.element.querySelector("[role=checkbox]")?.getAttribute("aria-checked");
    this.#options.select(0, this.#total, ticked === "true" ? "remove" : "add");
  }

  // ---- building ----

  #makeLine(): Line {
    const cells = this.#options.columns.map((column) =>
      h("span", { class: column.key, role: "gridcell", tabindex: "-1" }),
    );
    return { element: h("div", { class: "mo-row", role: "row" }, ...cells), cells, index: -1, stale: false };
  }

  #listen(): void {
    this.#view.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    for (const type of ["wheel", "pointerdown", "keydown"] as const)
      this.#view.addEventListener(type, () => (this.#revealing = false), { passive: true });
    this.#window.addEventListener("click", (event) => this.#clicked(event));
    // With Shift a click means rows, not the text between two places.
    this.#window.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault());
    this.#view.addEventListener("focusin", (event) => this.#focusMoved(event.target as HTMLElement));
    this.#observer.observe(this.#view);
    this.#observer.observe(this.#probe);
  }

  // ---- places ----

  /** How high the rows' part of the view is: kept, because asking makes the page lay out all that was written. */
  #measured(): number {
    this.#room = this.#view.clientHeight - this.#head.element.offsetHeight;
    return this.#room;
  }

  /** Where a row begins in the list. */
  #placeOf(index: number): number {
    return index * this.#rowHeight + (this.#open !== null && index > this.#open ? this.#panelHeight : 0);
  }

  /** The row at a place of the list; a panel belongs to its row. */
  #indexAt(place: number): number {
    let rows = place / this.#rowHeight;
    if (this.#open !== null && rows >= this.#open + 1)
      rows = Math.max(this.#open + 0.5, (place - this.#panelHeight) / this.#rowHeight);
    return Math.max(0, Math.min(Math.floor(rows), this.#total - 1));
  }

  #layout(): void {
    const rowHeight = this.#probe.offsetHeight || this.#rowHeight;
    const panelHeight = this.#panel?.offsetHeight ?? 0;
    const top = this.#indexAt(this.#map.top);
    const above = this.#map.top - this.#placeOf(top);
    const scaled = rowHeight !== this.#rowHeight;
    this.#rowHeight = rowHeight;
    this.#panelHeight = panelHeight;
    const content = this.#total * rowHeight + panelHeight;
    this.#map.resize(content, this.#measured());
    this.#space.style.height = `${this.#map.height}px`;
    // A short list decides how high the view is.
    this.#map.resize(content, this.#measured());
    // What was on top stays on top, whatever grew above it.
    const place = this.#placeOf(top) + (scaled ? 0 : above);
    if (place !== this.#map.top) this.#goTo(place);
    if (this.#revealing && this.#open !== null) this.#reveal(this.#open);
    this.#schedule();
  }

  #reveal(index: number): void {
    const place = this.#placeOf(index);
    const bottom = place + this.#rowHeight + this.#panelHeight;
    const wanted = Math.min(place, Math.max(this.#map.top, bottom - this.#room));
    if (wanted !== this.#map.top) this.#goTo(wanted);
  }

  #intoView(index: number): void {
    const place = this.#placeOf(index);
    const room = this.#room - this.#rowHeight;
    if (place < this.#map.top) this.#goTo(place);
    else if (place > this.#map.top + room) this.#goTo(place - room);
  }

  #goTo(place: number): void {
    this.#view.scrollTop = this.#map.goTo(place);
    this.#schedule();
  }

  #scrolled(): void {
    const bar = Math.max(0, this.#view.scrollTop);
    if (this.#isAt(bar)) return;
    this.#map.scrolled(bar);
    this.#schedule();
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#rested(), REST_MS);
  }

  /** The bar goes where it belongs, unless it was moved again and the event of that has not come yet. */
  #rested(): void {
    if (this.#isAt(this.#view.scrollTop)) this.#goTo(this.#map.top);
  }

  #isAt(bar: number): boolean {
    return Math.abs(bar - (this.#map.top - this.#map.shift)) < 1;
  }

  // ---- drawing ----

  #schedule(): void {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const [seenFirst, seenLast] = this.range;
    const first = Math.max(0, seenFirst - SPARE);
    const last = Math.min(this.#total - 1, seenLast + SPARE);
    this.#window.style.top = `${this.#placeOf(first) - this.#map.shift}px`;
    this.#release(first, last);
    let next: Element | null = this.#window.firstElementChild;
    const put = (element: HTMLElement, index: number) => {
      // What is parked keeps its place: a screen reader reads in this order, and what is moved loses the focus.
      while (next && next !== element && rowOf(next) < index) next = next.nextElementSibling;
      if (element === next) next = next.nextElementSibling;
      else this.#window.insertBefore(element, next);
      element.classList.remove("parked");
    };
    for (let index = first; index <= last; index++) {
      const line = this.#lines.get(index) ?? this.#take(index);
      if (line.stale) this.#fill(line);
      put(line.element, index);
      if (index === this.#open && this.#panel) put(this.#panel, index);
    }
    if (this.#panel && this.#open !== null)
      this.#panel.classList.toggle("parked", this.#open < first || this.#open > last);
    this.#options.moved(seenFirst, seenLast);
  }

  /** Rows that left the window are free to become others, except the one that has the focus. */
  #release(first: number, last: number): void {
    const focused = this.#focused();
    for (const [index, line] of this.#lines) {
      if (index >= first && index <= last) continue;
      if (index < this.#total && line.element.contains(focused)) line.element.classList.add("parked");
      else {
        this.#lines.delete(index);
        line.element.remove();
        this.#free.push(line);
      }
    }
    this.#free = this.#free.slice(-40);
  }

  #take(index: number): Line {
    const line = this.#free.pop() ?? this.#makeLine();
    Object.assign(line, { index, stale: true });
    line.element.setAttribute("aria-rowindex", String(index + 2));
    this.#lines.set(index, line);
    return line;
  }

  #fill(line: Line): void {
    line.stale = false;
    line.element.classList.toggle("open", line.index === this.#open);
    this.#options.fill(line.cells, line.index, line.element);
    this.#tab(line);
  }

  #tab(line: Line): void {
    line.cells.forEach((cell, column) => {
      const active = line.index === this.#active.row && column === this.#active.column;
      const tab = active ? 0 : -1;
      if (cell.tabIndex !== tab) cell.tabIndex = tab;
      if (active) cell.setAttribute("aria-expanded", String(line.index === this.#open));
      else cell.removeAttribute("aria-expanded");
    });
  }

  // ---- focus ----

  #focused(): Element | null {
    return (this.element.getRootNode() as Document | ShadowRoot).activeElement;
  }

  /** What takes the focus in the current place: a cell, or the button in a head. */
  #cell(): HTMLElement | null {
    const { row, column } = this.#active;
    if (row >= 0) return this.#lines.get(row)?.cells[column] ?? null;
    return this.#head.stop(column) ?? null;
  }

  /** One tab stop in the whole grid. */
  #rove(): void {
    for (const line of this.#lines.values()) this.#tab(line);
    this.#head.rove(this.#active.row < 0 ? this.#active.column : null);
  }

  #shownColumns(): number[] {
    const row = this.#lines.get(this.#active.row)?.cells ?? [...this.#head.element.children];
    return [...row.keys()].filter((i) => (row[i] as HTMLElement).offsetWidth > 0);
  }

  #place(target: HTMLElement): { row: number; column: number } | null {
    const cell = target.closest<HTMLElement>('[role="gridcell"],[role="columnheader"]');
    const element = cell?.parentElement;
    if (!cell || !element || element === this.#panel) return null;
    return { row: rowOf(element), column: [...element.children].indexOf(cell) };
  }

  #focusMoved(target: HTMLElement): void {
    const place = this.#place(target);
    if (!place || (place.row === this.#active.row && place.column === this.#active.column)) return;
    this.#active = place;
    this.#anchor = this.#reach = Math.max(0, place.row);
    this.#rove();
  }

  #clicked(event: MouseEvent): void {
    const place = this.#place(event.target as HTMLElement);
    if (!place || this.#selecting()) return;
    if (event.shiftKey) {
      this.#active.column = place.column;
      this.#extend(place.row);
      return;
    }
    this.focusRow(place.row, place.column);
    const tick = event.ctrlKey || event.metaKey || this.#options.columns[place.column]?.all;
    if (tick) this.#pick(place.row);
    else this.act("toggle", event.target as HTMLElement);
  }

  /** A click that ends the marking of text opens nothing. */
  #selecting(): boolean {
    const selection = getSelection();
    return !!selection && !selection.isCollapsed && this.element.contains(selection.anchorNode);
  }
}
