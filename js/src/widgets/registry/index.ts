/** The model registry: models, their versions, where one comes from, and who may be called production. */

import { type Child, h, icon, replace, show } from "../../core/dom.ts";
import { bindKeys, keysButton, leave } from "../../core/keys.ts";
import { liveRegion } from "../../core/live.ts";
import { Popups } from "../../core/popups.ts";
import { blank, errorBlock, note, patience, tryAgain } from "../../core/present.ts";
import { chat, job, registry as say } from "../../core/strings.ts";
import { table } from "../../core/table.ts";
import { type Mount, setState, type ViewContext } from "../../core/view.ts";
import { asWireError, isAbort } from "../../wire/carrier.ts";
import { toClipboard } from "../dataset_viewer/clipboard.ts";
import { feed } from "../job_monitor/feed.ts";
import { aliasForm, promoteForm, type Window } from "./forms.ts";
import { KEYS } from "./keys.ts";
import { about, axisOf, card, diff, figure, gateNode, log, more } from "./parts.ts";
import type { Diff, GateTold, Lineage, Models, Version, Versions } from "./types.ts";

type View = keyof typeof say.view;
type Verdict = { granted: boolean; gates: GateTold[] };

class Browser {
  readonly #context: ViewContext;
  readonly #over = new AbortController();
  readonly #meta = h("div", { class: "mo-meta" });
  readonly #note = h("div", { class: "rg-note", hidden: true });
  readonly #models = h("nav", { class: "rg-models", "aria-label": say.models });
  readonly #versions = h("div", { class: "mo-sec" });
  readonly #head = h("div", { class: "mo-sec rg-head" });
  readonly #verdict = h("div", { role: "alert" });
  readonly #part = h("div", { class: "mo-sec rg-part" });
  readonly #popups: Popups;
  readonly #say: (text: string) => void;
  readonly #ends: (() => void)[];
  readonly #drawn = new Map<Element, string>();
  #found: Versions = { versions: [], total: 0, gated: [] };
  #model = "";
  #number = 0;
  #against: number | null = null;
  #view: View = "about";
  #now = "";
  #turn = 0;

  constructor(context: ViewContext) {
    this.#context = context;
    const { root, carrier, spec } = context;
    root.classList.add("rg");
    root.setAttribute("aria-label", say.title);
    const title = h("div", { class: "id" }, h("h2", { class: "mo-title", text: say.title }), this.#meta);
    const keys = keysButton(() => this.#act("keys"));
    const main = h("div", { class: "rg-main" }, this.#versions, this.#head, this.#verdict, this.#part);
    const body = h("div", { class: "rg-body" }, this.#models, main);
    replace(root, h("header", { class: "mo-head" }, title, keys), this.#note, body);
    this.#say = liveRegion(root);
    this.#popups = new Popups(root);
    for (const _ of [1, 2, 3]) this.#versions.append(h("span", { class: "mo-skel" }));
    setState(root, "loading");
    const load = () => void this.#load();
    load();
    this.#ends = [
      bindKeys(root, KEYS, (action) => this.#act(action)),
      feed(carrier, `registry:${spec.registry}`, load, () => this.#stale()),
      () => this.#over.abort(),
    ];
  }

  dispose(): void {
    for (const end of this.#ends) end();
  }

  // ---- asking ----

  #ask<T>(op: string, args: Record<string, unknown> = {}): Promise<T> {
    const { carrier, spec } = this.#context;
    return carrier.request<T>(op, { registry: spec.registry, ...args }, this.#over.signal);
  }

  /** Asks for all that is shown; what is as it was is not drawn again. */
  async #load(): Promise<void> {
    const turn = ++this.#turn;
    const { root } = this.#context;
    const late = patience((words) => this.#tell(words));
    try {
      const list = await this.#ask<Models>("registry");
      if (turn !== this.#turn) return;
      this.#drawModels(list);
      if (this.#model) {
        const found = await this.#ask<Versions>("registry.model", { model: this.#model });
        if (turn !== this.#turn) return;
        this.#drawVersions(found);
        const [told, nodes] = await this.#seen();
        if (turn !== this.#turn) return;
        this.#put(this.#part, [this.#view, this.#model, this.#number, told], ...nodes);
      }
      show(this.#note, false);
      setState(root, this.#model ? "ready" : "empty");
      this.#live(true);
    } catch (problem) {
      if (isAbort(problem) || turn !== this.#turn) return;
      const { message, hint, silent } = asWireError(problem);
      if (silent && this.#now) return this.#stale();
      const again = tryAgain(() => void this.#load());
      this.#tell(errorBlock(message, hint, again));
      setState(root, "error");
    } finally {
      clearTimeout(late);
    }
  }

  /** What the chosen view was told, and what it shows of it. */
  async #seen(): Promise<[told: unknown, nodes: Child[]]> {
    const view = this.#view;
    const against = view === "diff" && { against: this.#against };
    const here = { model: this.#model, version: this.#number, ...against };
    const told = await this.#ask<never>(`registry.${view}`, here);
    const { versions } = this.#found;
    const choose = (against: number) => {
      this.#against = against;
      void this.#load();
    };
    const shown: Record<View, (told: never) => Child[]> = {
      about: (told: Lineage) => about(this.#version as Version, told, versions),
      diff: (told: Diff) => diff(told, choose),
      card,
      log,
    };
    return [[told, view === "about" && versions], shown[view](told)];
  }

  // ---- doing ----

  get #version(): Version | undefined {
    return this.#found.versions.find(({ version }) => version === this.#number);
  }

  #act(action: string): boolean {
    const [{ versions, gated }, found] = [this.#found, this.#version];
    if (action === "escape" && !this.#popups.isOpen) return leave(this.#context.root);
    if (action === "escape") this.#popups.close();
    else if (action === "keys") this.#popups.keys(KEYS);
    else if (!found || this.#popups.isOpen) return false;
    else if (action in say.view) this.#choose({ view: action as View });
    else if (action === "copy") void this.#copy(found);
    else if (action === "alias") this.#open((host) => aliasForm(found, host));
    else if (action === "promote") this.#open((host) => promoteForm(found, gated, host));
    else {
      const to = versions[Math.max(0, versions.indexOf(found) + (action === "after" ? 1 : -1))];
      if (to) this.#choose({ number: to.version });
      this.#versions.querySelector<HTMLElement>("[aria-pressed=true]")?.focus();
    }
    return true;
  }

  #choose({ model = this.#model, number = this.#number, view = this.#view }): void {
    this.#number = model === this.#model ? number : 0;
    this.#model = model;
    this.#view = view;
    replace(this.#verdict);
    this.#put(this.#part, "");
    if (this.#number) this.#drawVersions(this.#found);
    void this.#load();
  }

  async #copy({ reference }: Version): Promise<void> {
    const done = await toClipboard(reference, this.#context.root);
    this.#say(done ? say.copied + reference : chat.notCopied);
  }

  #open(form: (host: Window) => HTMLElement): void {
    if (this.#context.root.dataset.live === "false") {
      this.#say(job.lastSeen(this.#now, ""));
      return;
    }
    const model = this.#model;
    const send = async (op: string, args: Record<string, unknown>) => {
      try {
        const answer = await this.#ask<Verdict | Record<string, never>>(op, { model, ...args });
        if ("granted" in answer) this.#judge(answer as Verdict, args);
        else this.#say(say.done);
        void this.#load();
        return null;
      } catch (problem) {
        const { message, hint } = asWireError(problem);
        return `${message} ${hint}`;
      }
    };
    const popup = form({ close: () => this.#popups.close(), send });
    this.#popups.show(popup);
    popup.querySelector("select")?.focus();
  }

  /** What the gates said, until something else is looked at. */
  #judge({ granted, gates }: Verdict, { alias, version }: Record<string, unknown>): void {
    const text = (granted ? say.granted : say.refused)(Number(version), String(alias));
    const why = h("div", {}, ...gates.map(gateNode));
    replace(this.#verdict, granted ? note("c-ok", "ok", text, why) : note("c-err", "fail", text, why));
  }

  // ---- drawing ----

  /** Draws what is new, and gives the focus back to what has the same name. */
  #put(place: Element, told: unknown, ...children: Child[]): void {
    const text = JSON.stringify(told);
    if (this.#drawn.get(place) === text) return;
    this.#drawn.set(place, text);
    const key = place.querySelector<HTMLElement>(":focus")?.dataset.key;
    replace(place, ...children);
    const same = [...place.querySelectorAll<HTMLElement>("[data-key]")];
    if (key) same.find(({ dataset }) => dataset.key === key)?.focus();
  }

  #drawModels({ models, total, path, now }: Models): void {
    if (!models.some(({ name }) => name === this.#model)) this.#model = models[0]?.name ?? "";
    this.#now = now;
    replace(this.#meta, h("span", { text: say.count(total) }), h("span", { text: path }));
    show(this.#models, models.length !== 1);
    const items = models.map(({ name, versions_text, aliases }) => {
      const words = [versions_text, ...Object.entries(aliases).map(([alias, at]) => `${alias} ${at}`)];
      const lines = [
        h("b", { class: "cut", text: name }),
        h("span", { class: "sec", text: words.join(" · ") }),
      ];
      const current = { "aria-current": name === this.#model && "true", dataset: { key: name } };
      const click = () => this.#choose({ model: name });
      return h("li", {}, h("button", { ...current, on: { click } }, ...lines));
    });
    const call = h("p", {}, h("code", { text: say.emptyCall }), say.emptyHint);
    const list = total ? h("ul", {}, ...items) : blank("box", say.empty, call);
    this.#put(this.#models, [models, this.#model], list, more(total - models.length));
  }

  #drawVersions(found: Versions): void {
    const { versions, total } = found;
    this.#found = found;
    if (!this.#version) this.#number = versions[0]?.version ?? 0;
    const main = versions.find(({ metrics }) => metrics.length)?.metrics[0];
    const measured = versions.map(({ metrics }) => metrics.find(({ name }) => name === main?.name));
    const rows = versions.map(({ version, aliases, tags, created, size }, i) => {
      const label = { class: "rg-at", text: String(version), "aria-label": say.version(version) };
      const state = { "aria-pressed": String(version === this.#number), dataset: { key: `${version}` } };
      const on = { click: () => this.#choose({ number: version }) };
      const names = aliases.map((text) => h("span", { class: "mo-prov", text }));
      const tagged = h("span", { class: "sec cut", text: tags.join(", "), title: tags.join(", ") });
      const figures = [figure(measured[i], axisOf(measured)), tagged, created.slice(0, 10), size];
      return [
        h("button", { ...label, ...state, on }),
        h("span", { class: "rg-names" }, ...names),
        ...figures,
      ];
    });
    const wide = (i: number) => (i > 2 ? "wide-only" : "");
    this.#put(
      this.#versions,
      [this.#model, this.#number, found],
      h("div", { class: "mo-h" }, h("h3", { class: "cut", text: this.#model })),
      table(say.versionsOf(this.#model), say.columns(main?.label ?? ""), rows, wide),
      more(total - versions.length),
    );
    if (this.#version) this.#drawHead(this.#version);
  }

  #drawHead(found: Version): void {
    const { version, aliases, tags, description, reference, created, size } = found;
    const button = (key: string, text: string, name = "mo-btn", attrs = {}) =>
      h("button", {
        class: name,
        text,
        dataset: { key },
        on: { click: () => void this.#act(key) },
        ...attrs,
      });
    const drops = aliases.map((alias) => {
      const label = { "aria-label": say.removeFrom(alias, version), dataset: { key: `drop ${alias}` } };
      const on = { click: () => this.#open((host) => aliasForm(found, host, alias)) };
      return h("button", { class: "mo-chip rg-live", ...label, on }, alias, icon("x"));
    });
    const acts = [
      button("copy", say.copy),
      button("alias", `${say.alias}…`, "mo-btn rg-live"),
      button("promote", `${say.promote}…`, "mo-btn primary rg-live"),
    ];
    const title = h("h3", { text: say.version(version) });
    const views = Object.entries(say.view).map(([view, text]) =>
      button(view, text, "", { "aria-pressed": String(view === this.#view) }),
    );
    this.#put(
      this.#head,
      [found, this.#view],
      h("div", { class: "mo-h" }, title, ...drops, h("div", { class: "mo-acts" }, ...acts)),
      h("div", { class: "mo-meta" }, ...[created, size, ...tags].map((text) => h("span", { text }))),
      description && h("p", { class: "rg-told", dir: "auto", text: description }),
      h("code", { class: "rg-ref", text: reference }),
      h("div", { class: "mo-seg", role: "group", "aria-label": say.version(version) }, ...views),
    );
    this.#live(this.#context.root.dataset.live !== "false");
  }

  #tell(node: HTMLElement): void {
    replace(this.#note, node);
    show(this.#note, true);
  }

  #stale(): void {
    if (!this.#now) return;
    this.#tell(note("c-idle", "clock", job.lastSeen(this.#now, ""), null));
    setState(this.#context.root, "stale");
    this.#live(false);
  }

  /** Whether somebody hears. Not the `disabled` attribute: it would throw the keyboard focus away. */
  #live(live: boolean): void {
    for (const button of this.#context.root.querySelectorAll(".rg-live"))
      button.setAttribute("aria-disabled", String(!live));
  }
}

export const mount: Mount = (context) => {
  const view = new Browser(context);
  return () => view.dispose();
};
