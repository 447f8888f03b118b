/** Answers from recorded requests, for pages without a kernel. Any op can be given a function instead. */

import { type Carrier, type OnItems, type OnStale, WireError } from "./carrier.ts";
import { canonical, type ErrorBody } from "./protocol.ts";

export interface FixtureEntry {
  op: string;
  args: Record<string, unknown>;
  result?: unknown;
  error?: ErrorBody;
}

export type Handler = (args: Record<string, unknown>, signal?: AbortSignal, op?: string) => unknown;

export class FixtureCarrier implements Carrier {
  readonly kind = "fixture";
  /** Every request so far, in order. */
  readonly log: { op: string; args: Record<string, unknown>; cancelled: boolean }[] = [];
  readonly #entries: FixtureEntry[];
  readonly #handlers = new Map<string, Handler>();
  readonly #topics = new Map<string, Set<{ onItems: OnItems; onStale: OnStale | undefined }>>();
  #seq = 0;

  constructor(entries: FixtureEntry[] = []) {
    this.#entries = entries;
  }

  /** Answer an op ("*": any other) by a function; it may return a promise or throw a `WireError`. */
  on(op: string, handler: Handler): this {
    this.#handlers.set(op, handler);
    return this;
  }

  async request<T>(op: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<T> {
    const entry = { op, args, cancelled: false };
    this.log.push(entry);
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener("abort", () => {
        entry.cancelled = true;
        reject(signal.reason);
      });
    });
    return (await Promise.race([this.#answer(op, args, signal), aborted])) as T;
  }

  subscribe(topic: string, onItems: OnItems, onStale?: OnStale): () => void {
    const listeners = this.#topics.get(topic) ?? new Set();
    const listener = { onItems, onStale };
    this.#topics.set(topic, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  push(topic: string, items: unknown[]): void {
    this.#seq += 1;
    for (const { onItems } of this.#topics.get(topic) ?? []) onItems(items, this.#seq);
  }

  /** Tell subscribers that nobody answers any more. */
  silence(topic: string, why: string): void {
    for (const { onStale } of this.#topics.get(topic) ?? []) onStale?.(why);
  }

  dispose(): void {
    this.#topics.clear();
  }

  async #answer(op: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<unknown> {
    const handler = this.#handlers.get(op) ?? this.#handlers.get("*");
    if (handler) return handler(args, signal, op);
    const wanted = canonical(args);
    const found = this.#entries.find((entry) => entry.op === op && canonical(entry.args) === wanted);
    if (!found)
      throw new WireError({ code: "no-fixture", message: `No fixture answers ${op}.`, hint: wanted });
    if (found.error) throw new WireError(found.error);
    return found.result;
  }
}
