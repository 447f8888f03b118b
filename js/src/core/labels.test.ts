import assert from "node:assert/strict";
import { test } from "node:test";
import { placeLabels } from "./labels.ts";

const end = (x: number, y: number, summit = y) => ({ x, y, summit });

test("a label stands at the end of its line while there is room beside it", () => {
  assert.deepEqual(placeLabels([end(0.3, 0.5)], 0.07), [{ y: 0.5, beside: true }]);
});

test("labels of lines that end close together are pushed apart in the order of the lines", () => {
  const [low, high] = placeLabels([end(0.5, 0.81), end(0.5, 0.8)], 0.07);
  assert.ok(low && high && low.y - high.y >= 0.07 - 1e-9);
});

test("no label leaves the plot", () => {
  for (const y of [0, 1]) {
    const places = placeLabels([end(0.5, y), end(0.5, y), end(0.5, y)], 0.07);
    assert.ok(places.every((place) => place.y >= 0.035 - 1e-9 && place.y <= 0.965 + 1e-9));
  }
});

test("when lines reach the right edge the labels stand above them", () => {
  const places = placeLabels([end(1, 0.9, 0.6), end(1, 0.85, 0.5)], 0.07);
  assert.ok(places.every((place) => !place.beside && place.y < 0.5));
});
