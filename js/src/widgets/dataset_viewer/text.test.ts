import assert from "node:assert/strict";
import { test } from "node:test";
import { homeOf } from "./bubbles.ts";
import { fromCodePoints } from "./marks.ts";

test("Python's characters are found again among UTF-16 units", () => {
  const text = "🎉🎉 refund";
  const [start, end] = fromCodePoints(text, [3, 9]);
  assert.equal(text.slice(start, end), "refund");
  assert.deepEqual(fromCodePoints("plain", [1, 3]), [1, 3]);
});

test("a problem belongs to the turn its pointer leads into, and to no turn with a longer number", () => {
  const turns = Array.from({ length: 12 }, (_, i) => ({ pointer: `/messages/${i}` }));
  assert.equal(homeOf({ pointer: "/messages/1/content" }, turns), 1);
  assert.equal(homeOf({ pointer: "/messages/11" }, turns), 11);
  assert.equal(homeOf({ pointer: "/tags" }, turns), -1);
  assert.equal(homeOf({ pointer: null }, turns), -1);
});
