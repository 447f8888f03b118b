import assert from "node:assert/strict";
import { test } from "node:test";
import { RowCache } from "./rows.ts";

interface Asked {
  start: number;
  signal: AbortSignal;
  answer(): Promise<void>;
}

function cache() {
  const asked: Asked[] = [];
  const errors: unknown[] = [];
  const rows = new RowCache<number>({
    fetch: (start, stop, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        const page = Array.from({ length: stop - start }, (_, i) => start + i);
        asked.push({
          start,
          signal,
          answer: async () => {
            resolve({ total: 1e6, rows: page });
            await new Promise(setImmediate);
          },
        });
      }),
    changed: () => undefined,
    failed: (error) => errors.push(error),
  });
  return { rows, asked, errors };
}

test("what is looked at is fetched by whole pages, once", async () => {
  const { rows, asked } = cache();
  rows.want(95, 105);
  rows.want(95, 105);
  assert.deepEqual(
    asked.map(({ start }) => start),
    [0, 100],
  );
  assert.equal(rows.get(95), undefined);
  for (const request of asked) await request.answer();
  assert.deepEqual([rows.get(95), rows.get(105), rows.get(200)], [95, 105, undefined]);
  rows.want(0, 150);
  assert.equal(asked.length, 2);
});

test("what was scrolled past is cancelled, quietly", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { rows, asked, errors } = cache();
  rows.want(0, 10);
  rows.want(50_000, 50_010);
  rows.want(90_000, 90_010);
  t.mock.timers.tick(60);
  await new Promise(setImmediate);
  assert.deepEqual(
    asked.map(({ start, signal }) => [start, signal.aborted]),
    [
      [0, true],
      [90_000, false],
    ],
  );
  await asked[1]?.answer();
  assert.equal(rows.get(90_005), 90_005);
  assert.deepEqual(errors, []);
});

test("a cache that has seen much holds little", async () => {
  const { rows, asked } = cache();
  for (let place = 0; place < 20_000; place += 100) {
    rows.want(place, place + 10);
    await asked.at(-1)?.answer();
  }
  assert.ok(rows.held <= 3000);
  assert.equal(rows.get(19_905), 19_905);
  assert.equal(rows.get(5), undefined);
});

test("nothing arrives in a cache that was given up", async () => {
  const { rows, asked } = cache();
  rows.want(0, 10);
  rows.dispose();
  assert.equal(asked[0]?.signal.aborted, true);
});
