/** A subscription that draws at most ten times a second; a message replaces one that was not drawn yet. */

import type { Carrier } from "../../wire/carrier.ts";

const PAUSE_MS = 100;

export function feed(
  carrier: Carrier,
  topic: string,
  draw: (items: unknown[]) => void,
  stale: (why: string) => void,
): () => void {
  let waiting: unknown[] | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    timer = undefined;
    if (!waiting) return;
    const items = waiting;
    waiting = null;
    timer = setTimeout(flush, PAUSE_MS);
    draw(items);
  }
  function receive(items: unknown[]): void {
    waiting = items;
    if (timer === undefined) flush();
  }
  const end = carrier.subscribe(topic, receive, (why) => {
    clearTimeout(timer);
    flush();
    stale(why);
  });
  return () => {
    clearTimeout(timer);
    end();
  };
}
