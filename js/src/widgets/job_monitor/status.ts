/** Status pill and provider badge: icon and word first, colour after them. */

import { h, type IconName, icon, replace } from "../../core/dom.ts";
import { job as say } from "../../core/strings.ts";
import type { JobStatus, Part, ShortSnapshot } from "./snapshot.ts";

interface Look {
  readonly icon: IconName;
  readonly tone: string;
}

const LOOKS: Record<JobStatus, Look> = {
  pending: { icon: "wait", tone: "c-idle" },
  queued: { icon: "wait", tone: "c-idle" },
  running: { icon: "run", tone: "c-run" },
  completed: { icon: "ok", tone: "c-ok" },
  failed: { icon: "fail", tone: "c-err" },
  cancelled: { icon: "off", tone: "c-idle" },
};

/** The pill changes only when its words do, so that a spinner turns on. */
export function statusPill(): Part<ShortSnapshot> & { lastSeen(job: ShortSnapshot): void } {
  const element = h("span");
  let shown = "";

  function paint(look: Look, words: string): void {
    if (shown === look.icon + words) return;
    shown = look.icon + words;
    element.className = `mo-status ${look.tone}`;
    replace(
      element,
      icon(look.icon, look.icon === "run" ? "mo-spin" : ""),
      h("span", { class: "cut", text: words }),
    );
  }
  return {
    element,
    draw: (job) => paint(LOOKS[job.status] ?? LOOKS.pending, job.label),
    lastSeen: (job) => {
      if (job.final) paint(LOOKS[job.status], job.label);
      else paint({ icon: "clock", tone: "c-idle" }, say.lastSeenStatus(job.label));
    },
  };
}

export function providerBadge(): Part<ShortSnapshot> {
  const element = h("span");
  let shown: string | null = null;
  return {
    element,
    draw(job) {
      if (shown === job.provider) return;
      shown = job.provider;
      element.className = job.simulated ? "mo-prov sim" : "mo-prov";
      const name: IconName = job.simulated ? "flask" : job.provider === "local" ? "cpu" : "cloud";
      replace(element, icon(name), h("span", { class: "cut", text: job.provider }));
    },
  };
}
