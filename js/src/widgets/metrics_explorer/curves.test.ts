import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "./curves.ts";

test("a place in the plot leads to the nearest point of the curve, the first of equals", () => {
  const curve = { x: [0, 0, 0.5, 1], y: [0, 0.6, 0.9, 1] };
  assert.equal(nearest(curve, 0.05, 0.5), 1);
  assert.equal(nearest(curve, 0.95, 0.7), 3);
  assert.equal(nearest(curve, 0.5, 0.9), 2);
  assert.equal(nearest({ x: [0, 1], y: [0.5, 0.5] }, 0.5, 0.5), 0);
});
