/** What happened, newest first. */

import { h, type IconName, icon, replace } from "../../core/dom.ts";
import { job as say } from "../../core/strings.ts";
import type { JobEvent, Part } from "./snapshot.ts";

const LOOKS: Record<string, readonly [IconName, string]> = {
  ok: ["ok", "c-ok"],
  warn: ["warn", "c-warn"],
  error: ["fail", "c-err"],
  play: ["play", ""],
};

const FIRST = 6;

export function events(): Part {
  const list = h("ol", { class: "jm-events", "aria-label": say.eventsOrder });
  const total = h("p");
  const more = h("button", { type: "button", class: "mo-btn ghost", on: { click: () => unfold() } });
  const acts = h("div", { class: "mo-acts" }, more);
  const head = h("div", { class: "mo-h" }, h("h3", { text: say.events }), total, acts);
  const element = h("div", { class: "mo-sec" }, head, list);
  let all: readonly JobEvent[] = [];
  let open = false;

  function unfold(): void {
    open = !open;
    paint();
  }
  function paint(): void {
    more.hidden = all.length <= FIRST;
    more.textContent = open ? say.fewer : say.allEvents(all.length);
    more.setAttribute("aria-expanded", String(open));
    replace(list, ...(open ? all : all.slice(0, FIRST)).map(item));
  }
  return {
    element,
    draw(job) {
      element.hidden = job.events.length === 0;
      const more = job.event_total > job.events.length;
      total.textContent = more ? say.newest(job.events.length, job.event_total) : "";
      if (all[0]?.seq === job.events[0]?.seq && all.length === job.events.length) return;
      all = job.events;
      paint();
    },
  };
}

function item(event: JobEvent): HTMLElement {
  const [name, tone] = LOOKS[event.icon] ?? ["info", ""];
  return h(
    "li",
    { class: tone },
    h("time", { text: event.at_text }),
    icon(name),
    h("span", { text: event.text }),
  );
}
