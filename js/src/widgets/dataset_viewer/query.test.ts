import assert from "node:assert/strict";
import { test } from "node:test";
import { everything, filters, isEqual, matches, nextSort, onWire, orderName, ordersWith } from "./query.ts";

test("a list of the selected means nothing while nothing is selected", () => {
  const only = { ...everything, selected: true };
  assert.deepEqual(onWire(only), everything);
  assert.deepEqual(onWire(only, 3), only);
  assert.deepEqual(onWire({ ...everything, selected: false }, 3), everything);
  assert.deepEqual(filters(only, ""), ["what is selected"]);
});

test("a head goes from most first to least first to not at all", () => {
  const first = nextSort([], "tokens");
  const second = nextSort(first, "tokens");
  assert.deepEqual([first[0]?.descending, second[0]?.descending], [true, false]);
  assert.deepEqual(nextSort(second, "tokens"), []);
  assert.deepEqual(nextSort(second, "turns"), [{ field: "turns", descending: true }]);
  assert.deepEqual(nextSort([{ field: "row", descending: true }], "row"), []);
});

test("one more column sorts where those before it are equal", () => {
  const two = nextSort(nextSort([], "turns"), "tokens", true);
  assert.deepEqual(
    two.map(({ field }) => field),
    ["turns", "tokens"],
  );
  const turned = nextSort(two, "turns", true);
  assert.deepEqual(turned, [{ field: "turns", descending: false }, two[1]]);
  assert.deepEqual(nextSort(turned, "turns", true), [two[1]]);
});

test("every filter is named, and an order is none", () => {
  const query = { ...everything, search: "a", least: 5, where: [{ field: "n", op: ">", value: 3 }] };
  assert.deepEqual(filters(query, ""), ["the search “a”", "a length of 5 to ∞ tokens", "n > 3"]);
  assert.deepEqual(filters({ ...everything, sort: [{ field: "row", descending: true }] }, ""), []);
});

test("every order of the menu is found again by what it sorts", () => {
  const all = ordersWith(["topic", "a/b~c"]);
  for (const [name, sort] of Object.entries(all)) assert.equal(orderName(sort, all), name);
  assert.equal(orderName([{ field: "turns", descending: false }], all), "");
  assert.deepEqual(all["a/b~c ↓"], [{ field: "/a~1b~0c", descending: true }]);
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
