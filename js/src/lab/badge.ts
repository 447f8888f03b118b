/** The status bar: how many jobs run, and when the next one ends. */

import { Signal } from "@lumino/signaling";
import { Widget } from "@lumino/widgets";
import { h, icon, replace } from "../core/dom.ts";
import type { Server } from "./server.ts";
import * as strings from "./strings.ts";

interface JobLine {
  status: string;
  progress?: { eta?: { mid: number } | null };
}

const ACTIVE = new Set(["queued", "running"]);

export class Badge extends Widget {
  /** It came or went: the status bar lays itself out again. */
  readonly changed = new Signal<this, void>(this);
  private end: (() => void) | null = null;
  private readonly button: HTMLButtonElement;

  constructor(open: () => void) {
    super();
    this.addClass("mo-badge");
    this.button = h("button", { type: "button", on: { click: open } });
    this.node.append(this.button);
    this.hide();
  }

  /** Listen to the store for as long as the page lives; without our server there is nothing to show. */
  async follow(server: Server): Promise<void> {
    if (!(await server.hello()) || this.isDisposed) return;
    const carrier = server.carrier();
    const unsubscribe = carrier.subscribe("jobs", (items) => this.draw(items as JobLine[]));
    this.end = () => {
      unsubscribe();
      carrier.dispose();
    };
  }

  override dispose(): void {
    this.end?.();
    super.dispose();
  }

  private draw(jobs: JobLine[]): void {
    const active = jobs.filter((job) => ACTIVE.has(job.status));
    const ends = active
      .map((job) => job.progress?.eta?.mid)
      .filter((s): s is number => typeof s === "number");
    const next = ends.length ? strings.nextDone(new Date(Date.now() + 1000 * Math.min(...ends))) : "";
    replace(
      this.button,
      icon("run", "spin"),
      [strings.running(active.length), next].filter(Boolean).join(", "),
    );
    this.setHidden(active.length === 0);
    this.changed.emit();
  }
}
