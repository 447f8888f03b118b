/** The one button of a job: Stop or Cancel while it can end, Resume when it can go on. */

import { h, type IconName, icon, replace } from "../../core/dom.ts";
import { job as say } from "../../core/strings.ts";
import { asWireError, type Carrier } from "../../wire/carrier.ts";
import type { Part, ShortSnapshot } from "./snapshot.ts";

interface Action {
  readonly op: string;
  readonly word: string;
  readonly doing: string;
  readonly icon: IconName;
  readonly tone: string;
  readonly title: string;
}

const STOP: Action = {
  op: "job.cancel",
  word: say.stop,
  doing: say.stopping,
  icon: "stop",
  tone: "danger",
  title: say.stopHint,
};
const CANCEL: Action = { ...STOP, word: say.cancel, doing: say.cancelling, icon: "x", tone: "", title: "" };
const RESUME: Action = {
  op: "job.resume",
  word: say.resume,
  doing: say.resuming,
  icon: "play",
  tone: "go",
  title: say.resumeHint,
};

/** A busy kernel reads a message when its cell has ended; after this time we say so. */
const PATIENCE_MS = 1000;

export interface JobButton extends Part<ShortSnapshot> {
  readonly element: HTMLButtonElement;
  /** Nobody would hear a press. */
  silence(): void;
}

/** `tell` shows a sentence about the request, or takes it away with "". */
export function jobButton(carrier: Carrier, tell: (text: string, failed?: boolean) => void): JobButton {
  const element = h("button", { type: "button", on: { click: () => void press() } });
  let job: ShortSnapshot | null = null;
  let asked: { action: Action; job: ShortSnapshot } | null = null;
  let live = true;
  let shown = "";

  function paint(): void {
    const action = asked?.action ?? (job && offered(job));
    element.hidden = !action;
    if (!action || !job) return;
    const words = asked ? action.doing : action.word;
    // Not the `disabled` attribute: it would throw the keyboard focus away.
    element.setAttribute("aria-disabled", String(asked !== null || !live));
    if (shown === words + job.name) return;
    shown = words + job.name;
    element.className = `mo-btn ${action.tone}`;
    element.title = action.title;
    replace(element, icon(action.icon), words, h("span", { class: "sr", text: ` ${job.name}` }));
  }

  async function press(): Promise<void> {
    const action = job && offered(job);
    if (!job || !action || asked || !live) return;
    asked = { action, job };
    tell("");
    paint();
    const late =
      carrier.kind !== "http" && action.op === "job.cancel"
        ? setTimeout(tell, PATIENCE_MS, say.busy)
        : undefined;
    try {
      await carrier.request(action.op, { job: job.id });
      tell("");
    } catch (problem) {
      const { message, hint } = asWireError(problem);
      asked = null;
      tell([message, hint].filter(Boolean).join(" "), true);
    } finally {
      clearTimeout(late);
      paint();
    }
  }
  return {
    element,
    draw(next) {
      // An attempt may be over before this page, in the background, hears that it began.
      if (asked && (next.status !== asked.job.status || next.attempt !== asked.job.attempt)) {
        asked = null;
        tell("");
      }
      job = next;
      live = true;
      paint();
    },
    silence() {
      live = false;
      paint();
    },
  };
}

function offered(job: ShortSnapshot): Action | null {
  if (job.can.stop) return job.status === "running" ? STOP : CANCEL;
  return job.can.resume ? RESUME : null;
}
