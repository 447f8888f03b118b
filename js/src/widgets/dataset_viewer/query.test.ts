import assert from "node:assert/strict";
import { test } from "node:test";
import { everything, isEqual, matches, nextSort, onWire, orderName, orders } from "./query.ts";

test("a head goes from most first to least first to not at all", () => {
  const first = nextSort(undefined, "tokens");
  const second = nextSort(first[0], "tokens");
  assert.deepEqual([first[0]?.descending, second[0]?.descending], [true, false]);
  assert.deepEqual(nextSort(second[0], "tokens"), []);
  assert.deepEqual(nextSort(second[0], "turns"), [{ field: "turns", descending: true }]);
  assert.deepEqual(nextSort({ field: "row", descending: true }, "row"), []);
});

test("every order of the menu is found again by what it sorts", () => {
  for (const [name, sort] of Object.entries(orders)) assert.equal(orderName(sort), name);
  assert.equal(orderName([{ field: "turns", descending: false }]), "");
});

test("how to search is no question without something to search for", () => {
  assert.ok(isEqual(onWire({ ...everything, regex: true, case: true }), everything));
  assert.ok(!isEqual(onWire({ ...everything, search: "a", regex: true }), { ...everything, search: "a" }));
});

test("a plain search is found wherever it stands, in either case", () => {
  const text = "Refund the refund";
  assert.deepEqual(matches(text, { ...everything, search: "refund" }), [
    [0, 6],
    [11, 17],
  ]);
  assert.deepEqual(matches(text, { ...everything, search: "refund", case: true }), [[11, 17]]);
  assert.deepEqual(matches(text, everything), []);
});

test("a regular expression is Python's and never runs here", () => {
  assert.deepEqual(matches("aaaaaaaa", { ...everything, search: "(a+)+$", regex: true }), []);
});

test("letters that change their length in lower case mark nothing rather than the wrong place", () => {
  assert.deepEqual(matches("İstanbul refund", { ...everything, search: "refund" }), []);
});
