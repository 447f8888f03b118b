import assert from "node:assert/strict";
import { test } from "node:test";
import { between, linear, logarithmic } from "./axis.ts";
import { bandPath, decimate, dotPath, linePath, type Point, whiskerPath } from "./path.ts";

const axes = { x: between(0, 10), y: linear([0, 2]) };

test("a line runs from left to right and higher values are nearer the top", () => {
  assert.equal(
    linePath(
      [
        [0, 0],
        [5, 1],
        [10, 2],
      ],
      axes,
    ),
    "M0 1000L500 500L1000 0",
  );
});

test("a value that is no number interrupts the line and draws nothing", () => {
  assert.equal(
    linePath(
      [
        [0, 0],
        [5, Number.NaN],
        [10, 2],
      ],
      axes,
    ),
    "M0 1000M1000 0",
  );
  assert.equal(dotPath([[5, Number.NaN]], axes), "");
});

test("zero has no place on a log axis", () => {
  const y = logarithmic([0.5, 2]);
  assert.ok(y);
  assert.equal(
    linePath(
      [
        [0, 0],
        [10, 1],
      ],
      { x: axes.x, y },
    ),
    "M1000 500",
  );
});

test("band and whiskers span from low to high", () => {
  assert.equal(
    bandPath(
      [
        [0, 0, 1],
        [10, 1, 2],
      ],
      axes,
    ),
    "M0 500L1000 0L1000 500L0 1000Z",
  );
  assert.equal(bandPath([[0, 0, 1]], axes), "");
  assert.equal(whiskerPath([[5, 0, 2]], axes), "M500 1000V0");
});

test("thinning keeps the ends, the lowest and the highest point, in order", () => {
  const points: Point[] = Array.from({ length: 5000 }, (_, i) => [i, Math.sin(i / 50)]);
  points[1234] = [1234, -9];
  points[4321] = [4321, 9];
  const thin = decimate(points, 500);
  assert.ok(thin.length <= 500);
  assert.deepEqual([thin[0], thin.at(-1)], [points[0], points.at(-1)]);
  assert.ok(thin.includes(points[1234] as Point) && thin.includes(points[4321] as Point));
  assert.ok(thin.every((p, i) => i === 0 || p[0] > (thin[i - 1]?.[0] ?? 0)));
});
