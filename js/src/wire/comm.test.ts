import assert from "node:assert/strict";
import { test } from "node:test";
import { CommCarrier, type CommModel } from "./comm.ts";

interface Sent {
  id?: string;
  op?: string;
  args?: Record<string, unknown>;
  cancel?: string;
}

/** A model whose messages end in a list, and a kernel that says what the test says. */
function pair() {
  const sent: Sent[] = [];
  const listeners = new Set<(content: unknown) => void>();
  const model: CommModel & { dead?: boolean } = {
    send(content) {
      if (model.dead) throw new Error("Comm is closed");
      sent.push(content as Sent);
    },
    on: (_, callback) => listeners.add(callback),
    off: (_, callback) => listeners.delete(callback),
  };
  const say = (message: unknown) => {
    for (const listener of listeners) listener(message);
  };
  return { model, sent, say, listeners };
}

test("answers find their requests by id, in whatever order they come", async () => {
  const { model, sent, say } = pair();
  const carrier = CommCarrier.of(model);
  const first = carrier.request("rows", { n: 1 });
  const second = carrier.request("rows", { n: 2 });
  say({ v: 1, id: sent[1]?.id, ok: true, result: "two" });
  say({ v: 1, id: "nobody's", ok: true, result: "?" });
  say({ v: 1, id: sent[0]?.id, ok: true, result: "one" });
  assert.deepEqual(await Promise.all([first, second]), ["one", "two"]);
});

test("an error answer is an error with its code and hint", async () => {
  const { model, sent, say } = pair();
  const asked = CommCarrier.of(model).request("rows", {});
  say({ v: 1, id: sent[0]?.id, ok: false, error: { code: "bad-pattern", message: "No.", hint: "Yes." } });
  await assert.rejects(asked, { code: "bad-pattern", message: "No.", hint: "Yes.", silent: false });
});

test("aborting tells the kernel and rejects at once; a late answer changes nothing", async () => {
  const { model, sent, say } = pair();
  const controller = new AbortController();
  const asked = CommCarrier.of(model).request("rows", {}, controller.signal);
  controller.abort();
  await assert.rejects(asked, { name: "AbortError" });
  assert.deepEqual(sent[1], { v: 1, cancel: sent[0]?.id });
  say({ v: 1, id: sent[0]?.id, ok: true, result: "late" });
});

test("a request that is aborted before it starts is never sent", async () => {
  const { model, sent } = pair();
  await assert.rejects(CommCarrier.of(model).request("rows", {}, AbortSignal.abort()));
  assert.equal(sent.length, 0);
});

test("silence ends in an error that says so", async () => {
  const { model } = pair();
  await assert.rejects(new CommCarrier(model, 5).request("rows", {}), { code: "no-answer", silent: true });
});

test("a closed comm is an answer of its own", async () => {
  const { model } = pair();
  model.dead = true;
  await assert.rejects(CommCarrier.of(model).request("rows", {}), { code: "closed", silent: true });
});

test("a topic is subscribed to once however many views look at it, and left with the last", () => {
  const { model, sent, say } = pair();
  const carrier = CommCarrier.of(model);
  const heard: unknown[] = [];
  const ends = [1, 2].map((n) => carrier.subscribe("job:1", (items, seq) => heard.push([n, seq, ...items])));
  say({ v: 1, topic: "job:1", seq: 7, items: ["a"] });
  say({ v: 1, topic: "job:2", seq: 8, items: ["b"] });
  assert.deepEqual(heard, [
    [1, 7, "a"],
    [2, 7, "a"],
  ]);
  for (const end of ends) end();
  for (const end of ends) end();
  assert.deepEqual(
    sent.map(({ op }) => op),
    ["subscribe", "unsubscribe"],
  );
});

test("views of one model share a carrier, and the last to go stops listening", async () => {
  const { model, listeners } = pair();
  const [one, two] = [CommCarrier.of(model), CommCarrier.of(model)];
  assert.equal(one, two);
  const asked = one.request("rows", {});
  one.dispose();
  assert.equal(listeners.size, 1);
  two.dispose();
  assert.equal(listeners.size, 0);
  await assert.rejects(asked, { code: "closed" });
});
