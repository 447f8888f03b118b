import assert from "node:assert/strict";
import { test } from "node:test";
import { type Carrier, lateCarrier } from "./carrier.ts";
import { FixtureCarrier } from "./fixture.ts";

test("a carrier still being chosen keeps requests and subscriptions until it is there", async () => {
  const real = new FixtureCarrier([{ op: "jobs", args: {}, result: "all" }]);
  let choose: (carrier: Carrier) => void = () => undefined;
  const late = lateCarrier(new Promise((resolve) => (choose = resolve)));
  const heard: unknown[] = [];
  const asked = late.request("jobs", {});
  late.subscribe("job:1", (items) => heard.push(...items));
  const ended = late.subscribe("job:1", () => heard.push("never"));
  ended();
  choose(real);
  assert.equal(await asked, "all");
  assert.equal(late.kind, "fixture");
  real.push("job:1", ["a"]);
  assert.deepEqual(heard, ["a"]);
});

test("recorded answers are found by their arguments in any order of keys", async () => {
  const carrier = new FixtureCarrier([{ op: "rows", args: { a: 1, b: { c: 2, d: 3 } }, result: "found" }]);
  assert.equal(await carrier.request("rows", { b: { d: 3, c: 2 }, a: 1 }), "found");
  await assert.rejects(carrier.request("rows", { a: 1 }), { code: "no-fixture" });
});
