/** Pages of rows: fetched when looked at, few kept, requests that nobody waits for any more cancelled. */

import { isAbort } from "../wire/carrier.ts";

export interface Page<T> {
  total: number;
  rows: T[];
}

export interface RowSource<T> {
  fetch(start: number, stop: number, signal: AbortSignal): Promise<Page<T>>;
  /** These rows arrived. */
  changed(start: number, stop: number): void;
  failed(error: unknown): void;
}

const PAGE = 100;
const KEPT_PAGES = 30;
/** While something is under way, a new place is asked for at most this often. */
const PAUSE_MS = 60;

export class RowCache<T> {
  static readonly page = PAGE;
  readonly #source: RowSource<T>;
  /** In order of use: the first is the one to forget. */
  readonly #pages = new Map<number, T[]>();
  readonly #asked = new Map<number, AbortController>();
  /** Pages that are shown until what they hold now arrives. */
  readonly #old = new Set<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wanted: number[] = [];
  #first = 0;
  /** Where it is scrolled to: -1 up, 1 down, 0 after a jump. */
  #way = 0;
  #over = false;

  constructor(source: RowSource<T>, first?: T[]) {
    this.#source = source;
    if (first) this.#pages.set(0, first);
  }

  get(index: number): T | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** The rows that are here, by their place. */
  *loaded(): Generator<[index: number, row: T]> {
    for (const [page, rows] of this.#pages)
      for (const [i, row] of rows.entries()) yield [page * PAGE + i, row];
  }

  /** How many rows are here, wherever they are. */
  get held(): number {
    return [...this.#pages.values()].reduce((sum, rows) => sum + rows.length, 0);
  }

  /** See to it that these rows, and those they are scrolled to, are here soon. The latest call counts. */
  want(first: number, last: number, total = Number.POSITIVE_INFINITY): void {
    const step = first - this.#first;
    if (step) this.#way = Math.abs(step) > PAGE ? 0 : Math.sign(step);
    this.#first = first;
    const ahead = Math.max(0, Math.min((this.#way < 0 ? first : last) + PAGE * this.#way, total - 1));
    const [from, to] = [Math.min(first, ahead), Math.max(last, ahead)];
    this.#wanted = range(Math.floor(from / PAGE), Math.floor(to / PAGE));
    for (const [page, controller] of this.#asked) if (!this.#wanted.includes(page)) controller.abort();
    for (const page of this.#wanted) this.#touch(page);
    if (!this.#missing().length || this.#timer !== undefined) return;
    if (!this.#asked.size) this.#ask();
    else
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#ask();
      }, PAUSE_MS);
  }

  /** The rows hold other content: what is on the screen stays there until it has come again. */
  renew(): void {
    for (const controller of this.#asked.values()) controller.abort();
    this.#asked.clear();
    for (const page of this.#pages.keys())
      if (this.#wanted.includes(page)) this.#old.add(page);
      else this.#pages.delete(page);
    this.#ask();
  }

  /** Fetch one row wherever it is, without moving what is wanted. */
  async find(index: number, signal: AbortSignal): Promise<T | undefined> {
    const page = Math.floor(index / PAGE);
    if (!this.#pages.has(page)) this.#keep(page, (await this.#fetch(page, signal)).rows);
    return this.get(index);
  }

  dispose(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    for (const controller of this.#asked.values()) controller.abort();
  }

  #missing(): number[] {
    const here = (page: number) => this.#pages.has(page) && !this.#old.has(page);
    return this.#wanted.filter((page) => !here(page) && !this.#asked.has(page));
  }

  #ask(): void {
    for (const page of this.#missing()) void this.#load(page);
  }

  async #load(page: number): Promise<void> {
    const controller = new AbortController();
    this.#asked.set(page, controller);
    try {
      const { rows } = await this.#fetch(page, controller.signal);
      if (this.#over) return;
      this.#keep(page, rows);
      this.#source.changed(page * PAGE, page * PAGE + rows.length);
    } catch (error) {
      if (!isAbort(error) && !this.#over) this.#source.failed(error);
    } finally {
      if (this.#asked.get(page) === controller) this.#asked.delete(page);
    }
  }

  #fetch(page: number, signal: AbortSignal): Promise<Page<T>> {
    return this.#source.fetch(page * PAGE, (page + 1) * PAGE, signal);
  }

  #keep(page: number, rows: T[]): void {
    this.#pages.set(page, rows);
    this.#old.delete(page);
    for (const old of this.#pages.keys()) {
      if (this.#pages.size <= KEPT_PAGES) break;
      this.#pages.delete(old);
    }
  }

  #touch(page: number): void {
    const rows = this.#pages.get(page);
    if (!rows) return;
    this.#pages.delete(page);
    this.#pages.set(page, rows);
  }
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
