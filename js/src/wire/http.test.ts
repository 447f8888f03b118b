import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseJobCarrier } from "./choose.ts";
import type { CommModel } from "./comm.ts";
import { HttpCarrier, type Server } from "./http.ts";

type Answer = (path: string, body: { id: string; op: string; args: Record<string, unknown> }) => unknown;

/** A server that answers by a function; what it returns is sent as JSON, an Error is a broken line. */
function serve(answer: Answer, status = 200): Server & { calls: [string, RequestInit][] } {
  const calls: [string, RequestInit][] = [];
  return {
    calls,
    base: "http://localhost/user/x/",
    token: "secret",
    fetch: async (url, init = {}) => {
      calls.push([String(url), init]);
      init.signal?.throwIfAborted();
      const body = init.body ? JSON.parse(String(init.body)) : {};
      const result = await answer(String(url).split("/v1/")[1] ?? "", body);
      if (result instanceof Error) throw result;
      return new globalThis.Response(JSON.stringify(result), { status });
    },
  };
}

const echo: Answer = (_, { id, args }) => ({ v: 1, id, ok: true, result: args });
const model: CommModel = { send: () => undefined, on: () => undefined, off: () => undefined };

test("a request is a POST below the server's base, with its token", async () => {
  const server = serve(echo);
  assert.deepEqual(await new HttpCarrier(server).request("jobs", { a: 1 }), { a: 1 });
  const [url, init] = server.calls[0] ?? [];
  assert.equal(url, "http://localhost/user/x/modelops/v1/rpc");
  assert.equal(init?.method, "POST");
  assert.equal(new Headers(init?.headers).get("Authorization"), "token secret");
});

test("no line to the server and a refusal are told apart", async () => {
  const broken = new HttpCarrier(serve(() => new TypeError("Failed to fetch")));
  await assert.rejects(broken.request("jobs", {}), { code: "no-answer", silent: true });
  const refused = new HttpCarrier(serve(() => ({ message: "Forbidden" }), 403));
  await assert.rejects(refused.request("jobs", {}), { code: "refused", silent: false });
});

test("a topic is polled one request at a time, each from where the last ended", async () => {
  let open = 0;
  const asked: unknown[] = [];
  const server = serve(async (_, { id, args }) => {
    assert.equal(++open, 1);
    asked.push(args.after);
    await new Promise((resolve) => setTimeout(resolve, 1));
    open -= 1;
    const seq = Number(args.after) + 3;
    return { v: 1, id, ok: true, result: { seq, items: [`up to ${seq}`] } };
  });
  const heard: unknown[] = [];
  await new Promise<void>((resolve) => {
    const end = new HttpCarrier(server).subscribe("job:1", (items) => {
      heard.push(...items);
      if (heard.length < 3) return;
      end();
      resolve();
    });
  });
  assert.deepEqual(asked.slice(0, 3), [0, 3, 6]);
  assert.deepEqual(heard, ["up to 3", "up to 6", "up to 9"]);
});

test("a poll that only timed out is no news", async () => {
  let polls = 0;
  const heard: number[] = [];
  const carrier = new HttpCarrier(
    serve((_, { id }) => {
      polls += 1;
      if (polls > 3) carrier.dispose();
      return { v: 1, id, ok: true, result: { seq: 4, items: polls === 1 ? ["x"] : [] } };
    }),
  );
  carrier.subscribe("jobs", (_, seq) => heard.push(seq));
  while (polls < 4) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(heard, [4]);
});

test("a server that stops answering is reported, and asked again later", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let up = false;
  const server = serve((_, { id }) =>
    up ? { v: 1, id, ok: true, result: { seq: 9, items: ["back"] } } : new TypeError("Failed to fetch"),
  );
  const carrier = new HttpCarrier(server);
  const told: string[] = [];
  const back = new Promise((resolve) => {
    carrier.subscribe(
      "jobs",
      (items) => {
        carrier.dispose();
        resolve(items);
      },
      (why) => told.push(why),
    );
  });
  while (!told.length) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, ["The Jupyter server does not answer."]);
  assert.equal(server.calls.length, 1);
  up = true;
  t.mock.timers.tick(1000);
  assert.deepEqual(await back, ["back"]);
});

test("jobs go over the server only if it serves the kernel's own home and protocol", async () => {
  const hello = (answer: unknown, status = 200) => serve(() => answer, status);
  const kind = async (server: Server | null, home: unknown = "h1") =>
    (await chooseJobCarrier(model, home, server)).kind;
  assert.equal(await kind(hello({ protocol: 1, home_id: "h1", version: "9" })), "http");
  assert.equal(await kind(hello({ protocol: 1, home_id: "other", version: "9" })), "comm");
  assert.equal(await kind(hello({ protocol: 0, home_id: "h1", version: "9" })), "comm");
  assert.equal(await kind(hello({ message: "Not found" }, 404)), "comm");
  assert.equal(await kind(hello(new TypeError("Failed to fetch"))), "comm");
  assert.equal(await kind(null), "comm");
  assert.equal(await kind(hello({ protocol: 1, home_id: "h1", version: "9" }), undefined), "http");
});
