import assert from "node:assert/strict";
import { test } from "node:test";
import { ScrollMap } from "./scroll_map.ts";

const long = () => {
  const map = new ScrollMap(10_000, 1_000);
  map.resize(1_000_000, 500);
  return map;
};

test("a list that fits is scrolled as it is", () => {
  const map = new ScrollMap(10_000, 1_000);
  map.resize(4_000, 500);
  map.scrolled(1234);
  assert.deepEqual([map.height, map.top, map.shift], [4_000, 1234, 0]);
});

test("a long list has a bar of bounded length that reaches both its ends", () => {
  const map = long();
  assert.equal(map.height, 10_000);
  map.scrolled(9_500);
  assert.equal(map.top, 999_500);
  map.scrolled(0);
  assert.equal(map.top, 0);
});

test("a small movement is exact wherever it happens", () => {
  const map = long();
  map.goTo(345_678);
  const bar = Math.round(map.top - map.shift);
  map.scrolled(bar + 120);
  assert.ok(Math.abs(map.top - 345_798) < 1);
  map.scrolled(bar + 20);
  assert.ok(Math.abs(map.top - 345_698) < 1);
});

test("every place of the list can be gone to and stays on top", () => {
  const map = long();
  for (const top of [0, 1, 999, 1_000, 1_001, 50_000, 500_000, 998_499, 998_501, 999_500]) {
    const bar = map.goTo(top);
    assert.ok(Math.abs(map.top - top) < 1, `${top} → ${map.top}`);
    assert.ok(bar >= 0 && bar <= 9_500);
    assert.ok(Math.abs(map.shift - (map.top - bar)) < 1e-9);
  }
});

test("resting puts the bar where it belongs and moves nothing", () => {
  const map = long();
  map.goTo(400_000);
  for (let i = 1; i <= 8; i++) map.scrolled(Math.round(map.top - map.shift) + 400);
  const seen = map.top;
  map.goTo(map.top);
  assert.equal(map.top, seen);
  const again = new ScrollMap(10_000, 1_000);
  again.resize(1_000_000, 500);
  assert.equal(map.goTo(seen), again.goTo(seen));
});

test("nothing lies beyond the last row, also when the list becomes shorter", () => {
  const map = long();
  map.goTo(5_000_000);
  assert.equal(map.top, 999_500);
  map.resize(2_000, 500);
  assert.deepEqual([map.top, map.shift], [1_500, 0]);
  map.resize(100, 500);
  assert.equal(map.top, 0);
});
