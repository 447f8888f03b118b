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
  rows.want(0, 105);
  rows.want(0, 105);
  assert.deepEqual(
    asked.map(({ start }) => start),
    [0, 100],
  );
  assert.equal(rows.get(95), undefined);
  for (const request of asked) await request.answer();
  assert.deepEqual([rows.get(95), rows.get(105), rows.get(200)], [95, 105, undefined]);
  rows.want(0, 105);
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

test("the next page is fetched before it is reached, but none after the last", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { rows, asked } = cache();
  const alive = () => asked.filter(({ signal }) => !signal.aborted).map(({ start }) => start);
  const want = async (first: number) => {
    rows.want(first, first + 10, 250);
    await new Promise(setImmediate);
    t.mock.timers.tick(60);
    return alive();
  };
  assert.deepEqual(await want(0), [0]);
  assert.deepEqual(await want(5), [0, 100]);
  assert.deepEqual(await want(5), [0, 100], "still wanted while the hand rests");
  assert.deepEqual(await want(99), [0, 100, 200]);
  assert.deepEqual(await want(170), [100, 200]);
  assert.deepEqual(await want(169), [100, 0], "the way back");
  assert.deepEqual(await want(60), [0], "after a jump nothing is known");
});

test("a cache that has seen much holds little", async () => {
  const { rows, asked } = cache();
  for (let place = 0; place < 20_000; place += 100) {
    rows.want(place, place + 10);
    for (const request of asked.splice(0)) await request.answer();
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
