/** One way to ask Python and to listen to it, whatever carries the messages. */

import type { ErrorBody, Response } from "./protocol.ts";

export type OnItems = (items: unknown[], seq: number) => void;
export type OnStale = (why: string) => void;

export interface Carrier {
  readonly kind: "comm" | "http" | "fixture";
  /** Rejects with a `WireError`, or with the signal's reason once it is aborted. */
  request<T>(op: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<T>;
  /** Returns what ends the subscription. `onStale` is called each time the other side stops answering. */
  subscribe(topic: string, onItems: OnItems, onStale?: OnStale): () => void;
  dispose(): void;
}

/** Codes made on this side: nobody answered, so nothing is known about the request. */
const SILENT = new Set(["no-answer", "closed"]);

/** An answer that is an error, or the absence of an answer. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly code: string;
  readonly hint: string;

  constructor(body: ErrorBody) {
    super(body.message);
    this.code = body.code;
    this.hint = body.hint ?? "";
  }

  /** Nobody answered: what is on the screen is what was last seen. */
  get silent(): boolean {
    return SILENT.has(this.code);
  }
}

export function unwrap<T>(response: Response): T {
  if (response.ok) return response.result as T;
  throw new WireError(response.error);
}

export const isAbort = (error: unknown): boolean =>
  error instanceof DOMException && error.name === "AbortError";

export function asWireError(error: unknown): WireError {
  if (error instanceof WireError) return error;
  return new WireError({ code: "internal", message: error instanceof Error ? error.message : String(error) });
}

/** A carrier that is still being chosen: requests wait for it, subscriptions start when it is there. */
export function lateCarrier(chosen: Promise<Carrier>): Carrier {
  let over = false;
  let kind: Carrier["kind"] = "comm";
  void chosen.then((carrier) => {
    kind = carrier.kind;
  });
  return {
    get kind() {
      return kind;
    },
    async request<T>(op: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<T> {
      return (await chosen).request<T>(op, args, signal);
    },
    subscribe(topic, onItems, onStale) {
      let end: (() => void) | null = () => undefined;
      void chosen.then((carrier) => {
        if (end && !over) end = carrier.subscribe(topic, onItems, onStale);
      });
      return () => {
        end?.();
        end = null;
      };
    },
    dispose() {
      over = true;
      void chosen.then((carrier) => carrier.dispose());
    },
  };
}
