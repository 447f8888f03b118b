import assert from "node:assert/strict";
import { test } from "node:test";
import { caps, chord } from "./keys.ts";

const press = (
  key: string,
  held: Partial<Record<"ctrlKey" | "metaKey" | "altKey" | "shiftKey", boolean>> = {},
) => chord({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

test("a chord names the key and what was held with it", () => {
  assert.equal(press("ArrowDown"), "ArrowDown");
  assert.equal(press("End", { ctrlKey: true }), "Ctrl+End");
  assert.equal(press("c", { metaKey: true }), "Ctrl+c");
  assert.equal(press("Enter", { shiftKey: true }), "Shift+Enter");
});

test("a printed character already holds its shift", () => {
  assert.equal(press("?", { shiftKey: true }), "?");
  assert.equal(press("N", { shiftKey: true }), "n");
  assert.equal(press("Z", { shiftKey: true, ctrlKey: true }), "Ctrl+Shift+z");
});

test("keys are printed once each, by the names that stand on them", () => {
  assert.deepEqual(caps({ label: "", keys: { "Ctrl+Home": "first", "Ctrl+End": "last" } }), [
    "Ctrl",
    "Home",
    "End",
  ]);
  assert.deepEqual(caps({ label: "", keys: { ArrowUp: "up", n: "next" } }), ["↑", "N"]);
  assert.deepEqual(caps({ label: "", keys: {}, caps: ["Esc", "Esc"] }), ["Esc", "Esc"]);
});
