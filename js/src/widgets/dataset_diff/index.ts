/** Two datasets beside each other: added, removed and changed rows, word by word, accepted or rejected. */

import { h, type IconName, icon, replace } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { bindKeys, type KeyTable, keysButton, leave } from "../../core/keys.ts";
import { liveRegion } from "../../core/live.ts";
import { focusedIn, Popups } from "../../core/popups.ts";
import { blank, errorBlock, note, tryAgain } from "../../core/present.ts";
import { onSelection } from "../../core/selection.ts";
import { common, lastSeen, diff as say, words } from "../../core/strings.ts";
import { type Mount, setState, type ViewContext } from "../../core/view.ts";
import { type Place, placeNodes } from "../../core/words.ts";
import { asWireError, isAbort, type WireError } from "../../wire/carrier.ts";

type Kind = "added" | "removed" | "changed" | "moved";
type Choice = "accepted" | "rejected" | "open";
type Counts = Record<Kind | Choice, number>;

/** How many rows that linked views have selected differ, and how many do not. */
interface Linked {
  here: number;
  elsewhere: number;
  version: number;
}

interface Change {
  index: number;
  kind: Kind;
  choice: Choice;
  id: string;
  line: number;
  /** Whether a linked view has selected it. */
  linked: boolean;
  /** From which row to which. */
  moved: readonly [number, number] | null;
  places: Place[];
}

interface Answer {
  total: number;
  rows: Change[];
  counts: Counts;
  linked: Linked;
  before: { name: string; rows: number };
  after: { name: string; rows: number };
}

const PAGE = 50;
const KINDS: readonly Kind[] = ["changed", "added", "removed", "moved"];
const MARKS: Record<Kind, IconName> = { changed: "edit", added: "plus", removed: "x", moved: "arrow" };
const TONES: Record<Kind, string> = { changed: "c-run", added: "c-ok", removed: "c-err", moved: "c-idle" };
const KEYS: KeyTable = [
  { label: say.key.move, keys: { ArrowUp: "up", ArrowDown: "down" } },
  { label: say.key.accept, keys: { a: "accepted" } },
  { label: say.key.reject, keys: { r: "rejected" } },
  { label: say.key.open, keys: { u: "open" } },
  { label: say.key.select, keys: { " ": "select" } },
  { label: say.key.ends, keys: { Home: "first", End: "last" } },
  { label: common.keys, keys: { "?": "keys" } },
  { label: common.leave, keys: { Escape: "escape" } },
];

class DatasetDiff {
  readonly #context: ViewContext;
  readonly #head = h("header", { class: "mo-head" });
  readonly #kinds = h("div", { class: "mo-chips ds-facets", role: "group", "aria-label": say.kinds });
  readonly #list = h("div", { class: "df-list", role: "list", "aria-label": say.list });
  readonly #notes = h("div", {});
  readonly #foot = h("footer", { class: "mo-foot" });
  readonly #over = new AbortController();
  readonly #popups: Popups;
  readonly #say: (text: string) => void;
  readonly #unbind: () => void;
  readonly #unfollow: () => void;
  #kind: Kind | null = null;
  /** Whether the selection has a name, by which other views may share it. */
  readonly #shared: boolean;
  #linked = false;
  #queue: Promise<unknown> = Promise.resolve();
  #rows: Change[] = [];
  #answer: Answer | null = null;
  #seen = new Date();

  constructor(context: ViewContext) {
    this.#context = context;
    const { root, spec } = context;
    this.#shared = typeof spec.link === "string" && !spec.link.startsWith("~");
    root.classList.add("df");
    root.setAttribute("aria-label", say.label);
    replace(root, this.#head, this.#notes, this.#kinds, this.#list, this.#foot);
    this.#say = liveRegion(root);
    this.#popups = new Popups(root);
    this.#unbind = bindKeys(root, KEYS, (action, target) => this.#act(action, target));
    replace(this.#foot, h("span", { role: "status", text: say.reading }));
    setState(root, "loading");
    void this.#load(0);
    this.#unfollow = onSelection(context, () => this.#mark({}));
  }

  dispose(): void {
    this.#unfollow();
    this.#over.abort();
    this.#unbind();
  }

  async #request<T>(op: string, args: Record<string, unknown>): Promise<T> {
    const { carrier, spec } = this.#context;
    return carrier.request<T>(op, { diff: spec.diff, ...args }, this.#over.signal);
  }

  async #load(start: number): Promise<void> {
    try {
      const answer = await this.#request<Answer>("changes", {
        start,
        stop: start + PAGE,
        kind: this.#kind,
        ...(this.#linked && { linked: true }),
      });
      this.#rows = start ? [...this.#rows, ...answer.rows] : answer.rows;
      this.#answer = answer;
      this.#seen = new Date();
      for (const part of [this.#head, this.#kinds, this.#foot]) part.hidden = false;
      replace(this.#notes);
      this.#draw(start);
      setState(this.#context.root, answer.total ? "ready" : "empty");
    } catch (error) {
      if (isAbort(error)) return;
      this.#failed(asWireError(error), () => void this.#load(start));
    }
  }

  /** What was seen stays; without anything the error stands in its place. */
  #failed(error: WireError, retry: () => void): void {
    const again = tryAgain(retry);
    this.#say(error.message);
    if (!this.#answer) {
      const block = errorBlock(error.message, error.hint, again);
      replace(this.#list, h("div", { role: "listitem" }, block));
      for (const part of [this.#head, this.#kinds, this.#foot]) part.hidden = true;
      setState(this.#context.root, "error");
      return;
    }
    const status = { role: "status" };
    const told = error.silent
      ? note("c-idle", "clock", lastSeen(this.#seen), error.message, status, again)
      : note("c-err", "error", error.message, error.hint, status, again);
    replace(this.#notes, told);
    if (error.silent) setState(this.#context.root, "stale");
  }

  async #decide(choice: Choice, which: number[] | null): Promise<void> {
    try {
      const { counts } = await this.#request<{ counts: Counts }>("decide", { choice, which });
      const focused = this.#focused();
      for (const row of this.#rows)
        if (which ? which.includes(row.index) : row.choice === "open") row.choice = choice;
      if (this.#answer) this.#answer = { ...this.#answer, counts };
      this.#draw(0);
      this.#items()[focused]?.focus({ preventScroll: true });
      this.#say(say.decided(counts.accepted, counts.rejected, counts.open));
    } catch (error) {
      if (!isAbort(error)) this.#failed(asWireError(error), () => void this.#decide(choice, which));
    }
  }

  /** Select a row in all linked views, or just ask what they have selected. */
  #mark(args: { which?: number; on?: boolean }): void {
    this.#queue = this.#queue
      .then(async () => {
        const before = this.#answer?.linked.version;
        const linked = await this.#request<Linked>("mark", args);
        if (!this.#answer || linked.version === before) return;
        this.#linked &&= linked.here > 0;
        const focused = this.#focused();
        await this.#load(0);
        this.#items()[focused]?.focus({ preventScroll: true });
      })
      .catch((error) => isAbort(error) || this.#say(asWireError(error).message));
  }

  // ---- keys ----

  #items(): HTMLElement[] {
    return [...this.#list.querySelectorAll<HTMLElement>(".df-change")];
  }

  /** The place of the difference with the focus; -1 if it is elsewhere. */
  #focused(): number {
    const focused = focusedIn(this.#list);
    return this.#items().findIndex((item) => item.contains(focused));
  }

  #act(action: string, target: HTMLElement): boolean {
    if (action === "escape" && this.#popups.isOpen) this.#popups.close();
    else if (action === "escape") return leave(this.#context.root);
    else if (action === "keys") this.#popups.keys(KEYS);
    else if (!this.#list.contains(target)) return false;
    else this.#move(action);
    return true;
  }

  #move(action: string): void {
    const at = this.#focused();
    const last = this.#rows.length - 1;
    const to: Record<string, number> = { up: at - 1, down: at + 1, first: 0, last };
    const row = this.#rows[at];
    if (action === "select") row && this.#mark({ which: row.index, on: !row.linked });
    else if (action in to) this.#items()[Math.min(last, Math.max(0, to[action] ?? 0))]?.focus();
    else if (at >= 0) void this.#decide(action as Choice, [this.#rows[at]?.index ?? 0]);
  }

  // ---- drawing ----

  #draw(from: number): void {
    const { before, after, counts, total } = this.#answer as Answer;
    const all = (choice: Choice, text: string) =>
      h("button", {
        class: "mo-btn",
        text,
        disabled: !counts.open,
        on: { click: () => void this.#decide(choice, null) },
      });
    const side = (when: string, { name, rows }: Answer["before"]) =>
      h("span", { text: say.side(when, name, rows) });
    replace(
      this.#head,
      h(
        "div",
        { class: "id" },
        h("h2", { class: "mo-title cut", text: say.title(before.name, after.name), dir: "auto" }),
        h("div", { class: "mo-meta" }, side(words.before, before), side(words.after, after)),
      ),
      h(
        "div",
        { class: "mo-acts" },
        keysButton(() => this.#popups.keys(KEYS)),
        all("accepted", say.acceptAll),
        all("rejected", say.rejectAll),
      ),
    );
    replace(this.#kinds, ...KINDS.map((kind) => this.#chip(kind, counts[kind])), this.#linkedChip());
    const none = this.#linked ? say.noneLinked : say.none;
    if (!total) replace(this.#list, h("div", { role: "listitem" }, blank("ok", none)));
    else if (from) this.#list.lastElementChild?.replaceWith(...this.#changes(from));
    else replace(this.#list, ...this.#changes(0));
    replace(
      this.#foot,
      h("span", { text: say.shown(this.#rows.length, total) }),
      h("span", { class: "end", text: say.decided(counts.accepted, counts.rejected, counts.open) }),
    );
  }

  #chip(kind: Kind, rows: number): HTMLElement {
    const pressed = this.#kind === kind;
    const pick = () => {
      this.#kind = pressed ? null : kind;
      void this.#load(0);
    };
    return h(
      "button",
      {
        class: `mo-chip ${TONES[kind]}${rows ? "" : " zero"}`,
        "aria-pressed": String(pressed),
        on: { click: pick },
      },
      icon(MARKS[kind]),
      say.kind[kind],
      h("b", { text: count(rows) }),
    );
  }

  #linkedChip(): HTMLElement | false {
    const { here = 0, elsewhere = 0 } = this.#answer?.linked ?? {};
    const pick = () => {
      this.#linked = !this.#linked;
      void this.#load(0);
    };
    return (
      here + elsewhere > 0 &&
      h(
        "button",
        { class: "mo-chip", "aria-pressed": String(this.#linked), on: { click: pick } },
        icon("rows"),
        say.linkedHere(here, here + elsewhere),
      )
    );
  }

  #changes(from: number): HTMLElement[] {
    const left = (this.#answer?.total ?? 0) - this.#rows.length;
    const more = h("button", {
      class: "mo-btn",
      text: say.more(left),
      on: { click: () => void this.#load(this.#rows.length) },
    });
    const shown = this.#rows.slice(from).map((row) => this.#change(row));
    return left > 0 ? [...shown, h("div", { class: "df-more", role: "listitem" }, more)] : shown;
  }

  #selector({ index, linked }: Change): HTMLElement {
    const click = () => this.#mark({ which: index, on: !linked });
    const attrs = { class: "mo-btn ghost small df-link", "aria-pressed": String(linked), on: { click } };
    return h("button", { ...attrs, title: say.key.select }, icon(linked ? "check" : "plus"), say.select);
  }

  #change(row: Change): HTMLElement {
    const button = (choice: Choice, text: string) =>
      h("button", {
        text,
        "aria-pressed": String(row.choice === choice),
        on: { click: () => void this.#decide(row.choice === choice ? "open" : choice, [row.index]) },
      });
    return h(
      "div",
      { class: `df-change ${row.choice}`, role: "listitem", tabindex: "0", "aria-label": say.change(row) },
      h(
        "header",
        {},
        h("span", { class: `mo-tag ${TONES[row.kind]}` }, icon(MARKS[row.kind]), say.kind[row.kind]),
        h("span", { class: "sec num", text: row.moved ? say.moved(...row.moved) : say.line(row.line) }),
        h("code", { class: "dim cut", text: row.id }),
        h("span", { class: "grow" }),
        this.#shared && this.#selector(row),
        h(
          "span",
          { class: "mo-seg", role: "group", "aria-label": say.choice },
          button("accepted", say.accept),
          button("rejected", say.reject),
        ),
      ),
      ...row.places.flatMap((place) => placeNodes(place)),
    );
  }
}

export const mount: Mount = (context) => {
  const view = new DatasetDiff(context);
  return () => view.dispose();
};
