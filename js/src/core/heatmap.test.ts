import assert from "node:assert/strict";
import { test } from "node:test";
import { type Confusion, changes, moved, percent, shades, signed } from "./heatmap.ts";

const confusion: Confusion = {
  classes: ["a", "b"],
  matrix: [
    [90, 10],
    [5, 0],
  ],
  row_totals: [100, 5],
  column_totals: [95, 10],
};

test("hits are tinted by their share of the row, errors by the largest error share", () => {
  const { tint, worst } = shades(confusion);
  assert.deepEqual(tint, [
    [58, 5],
    [52, 0],
  ]);
  assert.equal(worst, 1);
});

test("a class without rows has no share and no tint", () => {
  const { tint, worst } = shades({
    ...confusion,
    matrix: [
      [1, 0],
      [0, 0],
    ],
    row_totals: [1, 0],
  });
  assert.deepEqual(tint, [
    [64, 0],
    [0, 0],
  ]);
  assert.equal(worst, 0);
});

test("a share has one digit", () => assert.equal(percent(0.1173), "11.7 %"));

test("a move stays inside the grid", () => {
  assert.deepEqual(moved("right", [0, 0], 4), [0, 1]);
  assert.deepEqual(moved("up", [0, 3], 4), [0, 3]);
  assert.deepEqual(moved("down", [4, 3], 4), [4, 3]);
  assert.deepEqual(moved("rowEnd", [2, 1], 4), [2, 4]);
  assert.deepEqual(moved("first", [2, 1], 4), [0, 0]);
  assert.equal(moved("keys", [0, 0], 4), null);
});

test("a change is good where hits rise or errors fall, and tinted by the largest", () => {
  const { tint, better } = changes([
    [4, -2],
    [1, 0],
  ]);
  assert.deepEqual(better, [
    [true, true],
    [false, true],
  ]);
  assert.deepEqual(tint, [
    [52, 26],
    [13, 0],
  ]);
});

test("a change says its direction by its sign, a true minus", () => {
  assert.deepEqual([5, -1234, 0].map(signed), ["+5", "−1,234", "0"]);
});
