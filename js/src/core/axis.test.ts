import assert from "node:assert/strict";
import { test } from "node:test";
import { between, linear, logarithmic, logTicks, niceTicks, tickText } from "./axis.ts";

test("ticks are 1, 2 or 5 times a power of ten and cover the data", () => {
  for (const [low, high] of [
    [0, 2.31],
    [0, 0.0037],
    [-3, 8],
    [0, 2000],
    [0.2, 0.9],
    [5, 5],
  ] as const) {
    const ticks = niceTicks(low, high);
    const step = (ticks[1] ?? 0) - (ticks[0] ?? 0);
    const lead = Number(step.toExponential().split("e")[0]);
    assert.ok(
      [1, 2, 5].some((m) => Math.abs(lead - m) < 1e-9),
      `${low}..${high}: step ${step}`,
    );
    assert.ok((ticks[0] ?? 1) <= low && (ticks.at(-1) ?? 0) >= high && ticks.length <= 5);
  }
});

test("log ticks are powers: of two for a narrow range, of ten for a wide one", () => {
  assert.deepEqual(logTicks(0.28, 3.6), [0.25, 0.5, 1, 2, 4]);
  assert.deepEqual(logTicks(0.003, 3), [0.001, 0.01, 0.1, 1, 10]);
  assert.ok(logTicks(1e-12, 1e6).length <= 6);
});

test("a log scale over decades has one tick for each and few of them", () => {
  assert.deepEqual(logarithmic([0.04, 6])?.ticks, [0.01, 0.1, 1, 10]);
  assert.deepEqual(logarithmic([0.06, 4.5])?.ticks, [0.05, 0.5, 5]);
  assert.deepEqual(logarithmic([0.28, 3.6])?.ticks, [0.25, 0.5, 1, 2, 4]);
});

test("a linear scale starts at zero and keeps every value inside", () => {
  const y = linear([0.4, 1.9]);
  assert.deepEqual(y.domain, [0, 2]);
  assert.equal(y.at(1), 0.5);
  assert.equal(y.at(99), 1);
});

test("values without a logarithm are left out of a log scale", () => {
  assert.equal(logarithmic([0, -1, Number.NaN]), null);
  assert.deepEqual(logarithmic([0, 0.5, 2])?.domain, [0.5, 2]);
});

test("a scale between given ends runs exactly to them", () => {
  const x = between(0, 1875);
  assert.equal(x.at(1875), 1);
  assert.deepEqual(x.ticks, [0, 500, 1000, 1500]);
  assert.equal(between(0, 0).at(0), 0);
});

test("tick text has thousands commas, a true minus and short powers", () => {
  assert.deepEqual([1000, 0.25, -0.1, 0.00002, 1e9, 0].map(tickText), [
    "1,000",
    "0.25",
    "−0.1",
    "2e-5",
    "1e9",
    "0",
  ]);
});
