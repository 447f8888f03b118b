/** Requests to the server extension: they are answered while a cell runs and after a kernel restart. */

import {
  asWireError,
  type Carrier,
  isAbort,
  type OnItems,
  type OnStale,
  unwrap,
  WireError,
} from "./carrier.ts";
import { type Hello, idSource, isHello, isResponse, PROTOCOL } from "./protocol.ts";

export interface Server {
  /** Ends with a slash. */
  readonly base: string;
  readonly token: string;
  readonly fetch: typeof fetch;
}

const WAIT_S = 25;
const RETRY_MS = [1000, 2000, 5000, 10_000];

/** The Jupyter server of this page, from the settings it embeds; null on pages of other hosts. */
export function pageServer(): Server | null {
  const settings = document.getElementById("jupyter-config-data")?.textContent;
  if (!settings) return null;
  const { baseUrl = "/", token = "" } = JSON.parse(settings) as { baseUrl?: string; token?: string };
  const base = new URL(baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`, location.href).href;
  return { base, token, fetch: (input, init) => fetch(input, init) };
}

export class HttpCarrier implements Carrier {
  readonly kind = "http";
  readonly #server: Server;
  readonly #nextId = idSource();
  readonly #over = new AbortController();

  constructor(server: Server) {
    this.#server = server;
  }

  /** What answers there; null if the extension is absent or speaks another protocol. */
  async hello(): Promise<Hello | null> {
    try {
      const answer = await this.#fetch("hello", { method: "GET", signal: AbortSignal.timeout(3000) });
      const hello: unknown = answer.ok ? await answer.json() : null;
      return isHello(hello) && hello.protocol === PROTOCOL ? hello : null;
    } catch {
      return null;
    }
  }

  async request<T>(op: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<T> {
    const body = JSON.stringify({ v: PROTOCOL, id: this.#nextId(), op, args });
    const stop = signal ? AbortSignal.any([signal, this.#over.signal]) : this.#over.signal;
    let answer: globalThis.Response;
    try {
      answer = await this.#fetch("rpc", { method: "POST", body, signal: stop });
    } catch (error) {
      throw isAbort(error) ? error : noAnswer();
    }
    const response: unknown = await answer.json().catch(() => null);
    if (!isResponse(response)) throw refused(answer.status);
    return unwrap<T>(response);
  }

  /** A long poll: one outstanding request, none while the page is hidden, slower when nobody answers. */
  subscribe(topic: string, onItems: OnItems, onStale?: OnStale): () => void {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#over.signal]);
    void this.#poll(topic, onItems, onStale, signal);
    return () => over.abort();
  }

  dispose(): void {
    this.#over.abort();
  }

  async #poll(
    topic: string,
    onItems: OnItems,
    onStale: OnStale | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    let after = 0;
    let failures = 0;
    while (!signal.aborted) {
      await visible(signal);
      try {
        const args = { topic, after, wait: failures ? 0 : WAIT_S };
        const answer = await this.request<{ seq: number; items: unknown[] }>("poll", args, signal);
        // A sequence that went back is another store: start from its beginning.
        const moved = answer.seq !== after || failures > 0;
        after = answer.seq;
        failures = 0;
        if (!signal.aborted && moved && answer.items.length) onItems(answer.items, answer.seq);
      } catch (error) {
        if (signal.aborted) return;
        onStale?.(asWireError(error).message);
        await pause(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0, signal);
        failures += 1;
        after = 0; // the first answer after a silence is drawn even if nothing changed
      }
    }
  }

  #fetch(path: string, init: RequestInit): Promise<globalThis.Response> {
    const headers: Record<string, string> = { "Content-Type": "application/json" };
    const xsrf = globalThis.document?.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1];
    if (xsrf) headers["X-XSRFToken"] = xsrf;
    if (this.#server.token) headers.Authorization = `token ${this.#server.token}`;
    const options: RequestInit = { ...init, headers, credentials: "same-origin", cache: "no-store" };
    return this.#server.fetch(`${this.#server.base}modelops/v1/${path}`, options);
  }
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** At once, or when somebody looks at the page again. */
function visible(signal: AbortSignal): Promise<void> {
  if (!globalThis.document?.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", () => resolve(), { once: true, signal });
    signal.addEventListener("abort", () => resolve());
  });
}

const noAnswer = () =>
  new WireError({ code: "no-answer", message: "The Jupyter server does not answer.", hint: "Trying again." });

const refused = (status: number) =>
  new WireError({
    code: "refused",
    message: `The Jupyter server answered with status ${status}.`,
    hint: status === 403 ? "Reload the page to sign in again." : "Look at the server's log.",
  });
