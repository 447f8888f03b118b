/** Requests over the widget's own comm. One carrier serves all views of a model. */

import { type Carrier, type OnItems, unwrap, WireError } from "./carrier.ts";
import { idSource, isPush, isResponse, PROTOCOL, type Response } from "./protocol.ts";

/** The part of anywidget's model that is used here. */
export interface CommModel {
  send(content: unknown): void;
  on(event: "msg:custom", callback: (content: unknown) => void): void;
  off(event: "msg:custom", callback: (content: unknown) => void): void;
}

interface Pending {
  resolve(response: Response): void;
  reject(error: unknown): void;
}

/** A kernel that runs a cell answers when the cell is done, and views say so meanwhile: the wait is long. */
const PATIENCE_MS = 600_000;

const carriers = new WeakMap<CommModel, CommCarrier>();

export class CommCarrier implements Carrier {
  readonly kind = "comm";
  readonly #model: CommModel;
  readonly #patience: number;
  readonly #nextId = idSource();
  readonly #pending = new Map<string, Pending>();
  readonly #topics = new Map<string, Set<OnItems>>();
  #users = 0;

  constructor(model: CommModel, patience = PATIENCE_MS) {
    this.#model = model;
    this.#patience = patience;
    model.on("msg:custom", this.#receive);
  }

  /** The carrier of a model; every call is paired with one `dispose`. */
  static of(model: CommModel): CommCarrier {
    const carrier = carriers.get(model) ?? new CommCarrier(model);
    carriers.set(model, carrier);
    carrier.#users += 1;
    return carrier;
  }

  async request<T>(op: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const id = this.#nextId();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const abort = () => {
      this.#send({ v: PROTOCOL, cancel: id });
      this.#pending.get(id)?.reject(signal?.reason);
    };
    try {
      const response = await new Promise<Response>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        signal?.addEventListener("abort", abort, { once: true });
        timer = setTimeout(() => reject(noAnswer(this.#patience)), this.#patience);
        if (!this.#send({ v: PROTOCOL, id, op, args })) reject(closed());
      });
      return unwrap<T>(response);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      this.#pending.delete(id);
    }
  }

  subscribe(topic: string, onItems: OnItems): () => void {
    const listeners = this.#topics.get(topic) ?? new Set();
    if (!listeners.size) this.#post("subscribe", topic);
    this.#topics.set(topic, listeners.add(onItems));
    return () => {
      if (listeners.delete(onItems) && !listeners.size) this.#post("unsubscribe", topic);
    };
  }

  dispose(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#model.off("msg:custom", this.#receive);
    carriers.delete(this.#model);
    for (const pending of this.#pending.values()) pending.reject(closed());
  }

  #receive = (message: unknown): void => {
    if (isResponse(message)) this.#pending.get(message.id)?.resolve(message);
    else if (isPush(message))
      for (const onItems of this.#topics.get(message.topic) ?? []) onItems(message.items, message.seq);
  };

  #post(op: string, topic: string): void {
    this.#send({ v: PROTOCOL, id: this.#nextId(), op, args: { topic } });
  }

  /** False when the comm is gone: widgets outlive their kernel. */
  #send(message: unknown): boolean {
    try {
      this.#model.send(message);
      return true;
    } catch {
      return false;
    }
  }
}

const noAnswer = (ms: number) =>
  new WireError({
    code: "no-answer",
    message: `The kernel has not answered for ${Math.round(ms / 1000)} s.`,
    hint: "It may be busy with a cell, or gone. Try again, or run this cell again.",
  });

const closed = () =>
  new WireError({
    code: "closed",
    message: "The kernel behind this output is gone.",
    hint: "Run the cell again.",
  });
