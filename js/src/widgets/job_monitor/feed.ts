/** A subscription that draws at most ten times a second: the newest items win, the last ones are always drawn. */

import type { Carrier } from "../../wire/carrier.ts";

const PAUSE_MS = 100;

export function feed(
  carrier: Carrier,
  topic: string,
  draw: (items: unknown[]) => void,
  stale: (why: string) => void,
): () => void {
  let waiting: unknown[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    timer = undefined;
    if (waiting.length === 0) return;
    const items = waiting;
    waiting = [];
    timer = setTimeout(flush, PAUSE_MS);
    draw(items);
  }
  function receive(items: unknown[]): void {
    waiting.push(...items);
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
