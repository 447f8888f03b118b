/** The page of the browser tests: any view over a carrier that answers from recorded messages. */

import { present } from "../core/present.ts";
import type { Mount, Spec } from "../core/view.ts";
import widget from "../widget.ts";
import { mount as chat } from "../widgets/chat/index.ts";
import { mount as diff } from "../widgets/dataset_diff/index.ts";
import { mount as dataset } from "../widgets/dataset_viewer/index.ts";
import { mount as jobs } from "../widgets/job_list/index.ts";
import { mount as job } from "../widgets/job_monitor/index.ts";
import { mount as metrics } from "../widgets/metrics_explorer/index.ts";
import { mount as rating } from "../widgets/rating/index.ts";
import { mount as registry } from "../widgets/registry/index.ts";
import { unwrap, WireError } from "../wire/carrier.ts";
import { FixtureCarrier, type FixtureEntry } from "../wire/fixture.ts";
import type { ErrorBody, Request, Response } from "../wire/protocol.ts";
import { answerWithRows } from "./big_dataset.ts";

const MOUNTS: Record<string, Mount> = { chat, dataset, diff, job, jobs, metrics, rating, registry };

/** How an op answers instead of from the recorded messages. */
type Behaviour = "never" | { error: ErrorBody } | { result: unknown };

export interface Scene {
  kind: string;
  spec: Spec;
  entries?: FixtureEntry[];
  /** Answer like a dataset of so many rows. */
  rows?: number;
  ops?: Record<string, Behaviour>;
  /** Ask the Python that runs the test. */
  live?: boolean;
  /** Below what is on the page already, over the same carrier. */
  more?: boolean;
  /** Pixels; the whole page if not given. */
  width?: number;
  theme?: "light" | "dark";
  /** Inside a shadow root, as marimo does it. */
  shadow?: boolean;
}

class Harness {
  carrier = new FixtureCarrier();
  readonly #held: (() => void)[] = [];
  #unmount: (() => void) | null = null;

  show(scene: Scene): void {
    const host = document.getElementById("host") as HTMLElement;
    if (scene.more) {
      const [first, { carrier }] = [this.#unmount, this];
      const next = present(host, scene.kind, MOUNTS[scene.kind] as Mount, carrier, scene.spec);
      this.#unmount = () => [first, next].map((end) => end?.());
      return;
    }
    this.#unmount?.();
    host.style.width = scene.width ? `${scene.width}px` : "";
    this.theme(scene.theme ?? "light");
    this.carrier = new FixtureCarrier(scene.entries);
    if (scene.rows !== undefined) answerWithRows(this.carrier, scene.rows);
    if (scene.live)
      this.carrier.on("*", async (args, _, op) => {
        const answer = await window.kernel(op as string, args);
        for (const topic of answer.pushed) this.carrier.push(topic, []);
        return unwrap(answer);
      });
    for (const [op, behaviour] of Object.entries(scene.ops ?? {})) this.answer(op, behaviour);
    const mount = MOUNTS[scene.kind] as Mount;
    const place = scene.shadow ? shadow(host) : host;
    this.#unmount = present(place, scene.kind, mount, this.carrier, scene.spec);
  }

  /** The widget as anywidget renders it, over a model whose kernel answers from recorded messages. */
  render(kind: string, spec: Spec, entries: FixtureEntry[]): void {
    this.#unmount?.();
    const host = document.getElementById("host") as HTMLElement;
    this.carrier = new FixtureCarrier(entries);
    this.#unmount = widget.render({ model: kernelModel({ kind, _spec: spec }, this.carrier), el: host });
  }

  unmount(): void {
    this.#unmount?.();
    this.#unmount = null;
  }

  /** The host's theme, as JupyterLab says it. */
  theme(name: "light" | "dark"): void {
    document.body.dataset.jpThemeLight = String(name === "light");
  }

  answer(op: string, behaviour: Behaviour): void {
    this.carrier.on(op, () => {
      if (behaviour === "never") return new Promise(() => undefined);
      if ("error" in behaviour) throw new WireError(behaviour.error);
      return behaviour.result;
    });
  }

  /** From now on answers wait for `release`, as if the kernel were busy. */
  hold(): void {
    const { carrier } = this;
    const request = carrier.request.bind(carrier);
    carrier.request = async (op, args, signal) => {
      const entry = { op, args, cancelled: false };
      carrier.log.push(entry);
      await new Promise<void>((resolve, reject) => {
        this.#held.push(resolve);
        signal?.addEventListener("abort", () => {
          entry.cancelled = true;
          reject(signal.reason);
        });
      });
      return request(op, args, signal);
    };
  }

  /** Let the held answers go, the latest first: the worst order. */
  release(): void {
    for (const resolve of this.#held.splice(0).reverse()) resolve();
  }
}

type Model = Parameters<typeof widget.render>[0]["model"];

function kernelModel(traits: Record<string, unknown>, kernel: FixtureCarrier): Model {
  const listeners = new Set<(content: unknown) => void>();
  return {
    get: (trait: string) => traits[trait] as never,
    on: (_, callback) => listeners.add(callback),
    off: (_, callback) => listeners.delete(callback),
    async send(content) {
      const { v, id, op, args } = content as Request;
      if (!op) return;
      const answer = await kernel.request(op, args).then(
        (result) => ({ v, id, ok: true, result }),
        ({ code, message, hint }) => ({ v, id, ok: false, error: { code, message, hint } }),
      );
      for (const listener of listeners) listener(answer);
    },
  };
}

function shadow(host: HTMLElement): HTMLElement {
  const inside = host.appendChild(document.createElement("div")).attachShadow({ mode: "open" });
  const place = document.createElement("div");
  const sheet = document.createElement("link");
  Object.assign(sheet, { rel: "stylesheet", href: "/page.css" });
  inside.append(sheet, place);
  return place;
}

declare global {
  interface Window {
    harness: Harness;
    kernel(op: string, args: Record<string, unknown>): Promise<Response & { pushed: string[] }>;
  }
}

window.harness = new Harness();
