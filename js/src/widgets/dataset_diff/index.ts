/** Two datasets beside each other: added, removed and changed rows, word by word, accepted or rejected. */

import { type Child, h, type IconName, icon, replace } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { bindKeys, type KeyTable, keysButton, keysPopup, leave } from "../../core/keys.ts";
import { liveRegion } from "../../core/live.ts";
import { Popups } from "../../core/popups.ts";
import { errorBlock } from "../../core/present.ts";
import { common, diff as say } from "../../core/strings.ts";
import { type Mount, setState, type ViewContext } from "../../core/view.ts";
import { asWireError, isAbort } from "../../wire/carrier.ts";

type Kind = "added" | "removed" | "changed";
type Choice = "accepted" | "rejected" | "open";
type Piece = readonly [text: string, same: boolean];
type Counts = Record<Kind | Choice, number>;

interface Place {
  pointer: string;
  before: Piece[];
  after: Piece[];
  /** Places of the row that are not shown. */
  more: number;
}

interface Change {
  index: number;
  kind: Kind;
  choice: Choice;
  id: string;
  line: number;
  places: Place[];
}

interface Answer {
  total: number;
  rows: Change[];
  counts: Counts;
  before: { name: string; rows: number };
  after: { name: string; rows: number };
}

const PAGE = 50;
const KINDS: readonly Kind[] = ["changed", "added", "removed"];
const MARKS: Record<Kind, IconName> = { changed: "edit", added: "plus", removed: "x" };
const TONES: Record<Kind, string> = { changed: "c-run", added: "c-ok", removed: "c-err" };
const KEYS: KeyTable = [
  { label: say.key.move, keys: { ArrowUp: "up", ArrowDown: "down" } },
  { label: say.key.accept, keys: { a: "accepted" } },
  { label: say.key.reject, keys: { r: "rejected" } },
  { label: say.key.open, keys: { u: "open" } },
  { label: say.key.ends, keys: { Home: "first", End: "last" } },
  { label: common.keys, keys: { "?": "keys" } },
  { label: common.leave, keys: { Escape: "escape" } },
];

class DatasetDiff {
  readonly #context: ViewContext;
  readonly #head = h("header", { class: "mo-head" });
  readonly #kinds = h("div", { class: "mo-chips ds-facets", role: "group", "aria-label": say.kinds });
  readonly #list = h("div", { class: "df-list", role: "list", "aria-label": say.list });
  readonly #foot = h("footer", { class: "mo-foot" });
  readonly #over = new AbortController();
  readonly #popups: Popups;
  readonly #say: (text: string) => void;
  readonly #unbind: () => void;
  #kind: Kind | null = null;
  #rows: Change[] = [];
  #answer: Answer | null = null;

  constructor(context: ViewContext) {
    this.#context = context;
    const { root } = context;
    root.classList.add("df");
    root.setAttribute("aria-label", say.label);
    replace(root, this.#head, this.#kinds, this.#list, this.#foot);
    this.#say = liveRegion(root);
    this.#popups = new Popups(root);
    this.#unbind = bindKeys(root, KEYS, (action, target) => this.#act(action, target));
    replace(this.#foot, h("span", { role: "status", text: say.reading }));
    setState(root, "loading");
    void this.#load(0);
  }

  dispose(): void {
    this.#over.abort();
    this.#unbind();
  }

  async #request<T>(op: string, args: Record<string, unknown>): Promise<T> {
    const { carrier, spec } = this.#context;
    return carrier.request<T>(op, { diff: spec.diff, ...args }, this.#over.signal);
  }

  async #load(start: number): Promise<void> {
    try {
      const answer = await this.#request<Answer>("changes", { start, stop: start + PAGE, kind: this.#kind });
      this.#rows = start ? [...this.#rows, ...answer.rows] : answer.rows;
      this.#answer = answer;
      this.#draw(start);
      setState(this.#context.root, answer.total ? "ready" : "empty");
    } catch (error) {
      if (isAbort(error)) return;
      const { message, hint, silent } = asWireError(error);
      const again = h("button", {
        class: "mo-btn",
        text: common.tryAgain,
        on: { click: () => void this.#load(start) },
      });
      const block = h("div", { role: "listitem" }, errorBlock(message, hint, again));
      if (!start) replace(this.#list, block);
      this.#say(message);
      setState(this.#context.root, silent && this.#answer ? "stale" : "error");
    }
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
      if (!isAbort(error)) this.#say(asWireError(error).message);
    }
  }

  // ---- keys ----

  #items(): HTMLElement[] {
    return [...this.#list.querySelectorAll<HTMLElement>(".df-change")];
  }

  /** The place of the difference with the focus; -1 if it is elsewhere. */
  #focused(): number {
    const { activeElement } = this.#list.getRootNode() as Document | ShadowRoot;
    return this.#items().findIndex((item) => item.contains(activeElement));
  }

  #act(action: string, target: HTMLElement): boolean {
    if (action === "escape" && this.#popups.isOpen) this.#popups.close();
    else if (action === "escape") {
      leave(this.#context.root);
      return false;
    } else if (action === "keys") this.#openKeys();
    else if (!this.#list.contains(target)) return false;
    else this.#move(action);
    return true;
  }

  #move(action: string): void {
    const at = this.#focused();
    const last = this.#rows.length - 1;
    const to: Record<string, number> = { up: at - 1, down: at + 1, first: 0, last };
    if (action in to) this.#items()[Math.min(last, Math.max(0, to[action] ?? 0))]?.focus();
    else if (at >= 0) void this.#decide(action as Choice, [this.#rows[at]?.index ?? 0]);
  }

  #openKeys(): void {
    this.#popups.show(keysPopup(KEYS, () => this.#popups.close()));
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
    const side = ({ name, rows }: Answer["before"]) => say.side(name, rows);
    replace(
      this.#head,
      h(
        "div",
        { class: "id" },
        h("h2", { class: "mo-title cut", text: say.title(before.name, after.name), dir: "auto" }),
        h("div", { class: "mo-meta" }, h("span", { text: side(before) }), h("span", { text: side(after) })),
      ),
      h(
        "div",
        { class: "mo-acts" },
        keysButton(() => this.#openKeys()),
        all("accepted", say.acceptAll),
        all("rejected", say.rejectAll),
      ),
    );
    replace(this.#kinds, ...KINDS.map((kind) => this.#chip(kind, counts[kind])));
    if (!total) replace(this.#list, h("div", { class: "mo-blank" }, icon("ok"), h("b", { text: say.none })));
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
        h("span", { class: "sec num", text: say.line(row.line) }),
        h("code", { class: "dim cut", text: row.id }),
        h("span", { class: "grow" }),
        h(
          "span",
          { class: "mo-seg", role: "group", "aria-label": say.choice },
          button("accepted", say.accept),
          button("rejected", say.reject),
        ),
      ),
      ...row.places.flatMap(placeNodes),
    );
  }
}

function placeNodes({ pointer, before, after, more }: Place): Child[] {
  return [
    pointer && h("code", { class: "sec", text: pointer }),
    h(
      "div",
      { class: "df-pair" },
      h("p", { dir: "auto" }, h("span", { class: "sr", text: say.before }), ...pieces(before, "del")),
      h("p", { dir: "auto" }, h("span", { class: "sr", text: say.after }), ...pieces(after, "ins")),
    ),
    more > 0 && h("p", { class: "sec", text: say.morePlaces(more) }),
  ];
}

const pieces = (all: readonly Piece[], tag: "del" | "ins"): Child[] =>
  all.map(([text, same]) => (same ? text : h(tag, { text })));

export const mount: Mount = (context) => {
  const view = new DatasetDiff(context);
  return () => view.dispose();
};
