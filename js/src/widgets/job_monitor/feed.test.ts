import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { FixtureCarrier } from "../../wire/fixture.ts";
import { feed } from "./feed.ts";

function started() {
  const carrier = new FixtureCarrier();
  const drawn: unknown[][] = [];
  const why: string[] = [];
  const end = feed(
    carrier,
    "job:a",
    (items) => drawn.push(items),
    (text) => why.push(text),
  );
  return { carrier, drawn, why, end };
}

test("the first item is drawn at once, a burst at most ten times a second, and the last one always", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { carrier, drawn } = started();
  for (let i = 0; i < 50; i++) carrier.push("job:a", [i]);
  assert.deepEqual(drawn, [[0]]);
  mock.timers.tick(100);
  assert.deepEqual(drawn, [[0], [49]]);
  mock.timers.tick(1000);
  assert.equal(drawn.length, 2);
  mock.timers.reset();
});

test("what waits is drawn before the view is told that nobody answers", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { carrier, drawn, why } = started();
  carrier.push("job:a", [1]);
  carrier.push("job:a", [2]);
  carrier.silence("job:a", "gone");
  assert.deepEqual([drawn, why], [[[1], [2]], ["gone"]]);
  mock.timers.reset();
});

test("nothing is drawn after the end", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { carrier, drawn, end } = started();
  carrier.push("job:a", [1]);
  carrier.push("job:a", [2]);
  end();
  mock.timers.tick(1000);
  assert.deepEqual(drawn, [[1]]);
  mock.timers.reset();
});
