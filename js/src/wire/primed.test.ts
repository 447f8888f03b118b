import assert from "node:assert/strict";
import { test } from "node:test";
import { FixtureCarrier } from "./fixture.ts";
import { primed } from "./primed.ts";

const other = () =>
  new FixtureCarrier([{ op: "rows", args: { dataset: "d1", start: 100 }, result: "asked" }]);

test("a question that was answered beforehand is not asked, whatever the order of its fields", async () => {
  const asked = other();
  const answers = [{ op: "rows", args: { dataset: "d1", query: { a: 1, b: [2] } }, result: { total: 3 } }];
  const carrier = primed(asked, answers);
  const answer = await carrier.request("rows", { query: { b: [2], a: 1 }, dataset: "d1" });
  assert.deepEqual(answer, { total: 3 });
  assert.equal(asked.log.length, 0);
});

test("what can be edited is answered from memory once, then asked", async () => {
  const kernel = new FixtureCarrier([{ op: "rows", args: {}, result: "edited" }]);
  const carrier = primed(kernel, [{ op: "rows", args: {}, result: "held" }], true);
  assert.equal(await carrier.request("rows", {}), "held");
  assert.equal(await carrier.request("rows", {}), "edited");
});

test("any other question is asked", async () => {
  const carrier = primed(other(), [{ op: "rows", args: { dataset: "d1", start: 0 }, result: "held" }]);
  assert.equal(await carrier.request("rows", { dataset: "d1", start: 100 }), "asked");
});

test("a request that was given up stays given up", async () => {
  const over = new AbortController();
  over.abort();
  const carrier = primed(other(), [{ op: "rows", args: {}, result: "held" }]);
  await assert.rejects(carrier.request("rows", {}, over.signal));
});

test("without answers the carrier is the one that was given", () => {
  const carrier = other();
  assert.equal(primed(carrier, undefined), carrier);
});
