/** One table of keys per widget: the code, the popup behind "?" and the documentation all read it. */

import { h, icon } from "./dom.ts";
import { common } from "./strings.ts";

export interface KeyRow {
  readonly label: string;
  /** Chord → action. A chord is "Ctrl+Home", "ArrowUp", "n" or "/". */
  readonly keys: Readonly<Record<string, string>>;
  /** What to print, where it is not simply the keys. */
  readonly caps?: readonly string[];
}

export type KeyTable = readonly KeyRow[];

/** Does the action and says whether there was anything to do; if not, the host gets the key. */
export type Act = (action: string, target: HTMLElement) => boolean;

const CAPS: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  PageUp: "PgUp",
  PageDown: "PgDn",
  Shift: "⇧",
  " ": "Space",
};

/** The name of what was pressed, the same on every system: ⌘ counts as Ctrl. */
export function chord(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">,
): string {
  const { key } = event;
  const printed = key.length === 1;
  const ctrl = event.ctrlKey || event.metaKey;
  const parts = [
    ctrl && "Ctrl",
    event.altKey && "Alt",
    event.shiftKey && (ctrl || !printed) && "Shift",
    printed ? key.toLowerCase() : key,
  ];
  return parts.filter(Boolean).join("+");
}

/** What is printed on the keys of a row, each once: ["Ctrl", "Home", "End"]. */
export function caps(row: KeyRow): readonly string[] {
  if (row.caps) return row.caps;
  const names = Object.keys(row.keys).flatMap((name) => (name === "+" ? ["+"] : name.split("+")));
  return [...new Set(names.map((name) => CAPS[name] ?? (name.length === 1 ? name.toUpperCase() : name)))];
}

/**
 * Listen while the focus is inside the root. Keys that act go nowhere else, and no key without a modifier
 * reaches the host, whose single-letter commands would delete or run cells. Esc without work to do does.
 */
export function bindKeys(root: HTMLElement, table: KeyTable, act: Act): () => void {
  const actions = new Map(table.flatMap((row) => Object.entries(row.keys)));
  // On the window and first: JupyterLab listens on the document, and some versions do so while capturing.
  const capture = (event: KeyboardEvent) => {
    const target = event.composedPath()[0];
    if (!(target instanceof HTMLElement || target instanceof SVGElement) || target.closest(".mo") !== root)
      return;
    const action = actions.get(chord(event));
    if (action && !isNative(target, event) && act(action, target as HTMLElement)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    root.toggleAttribute("data-lm-suppress-shortcuts", isPlain(event));
  };
  const bubble = (event: KeyboardEvent) => {
    if (isPlain(event)) event.stopPropagation();
  };
  root.addEventListener("keydown", bubble);
  window.addEventListener("keydown", capture, true);
  return () => {
    root.removeEventListener("keydown", bubble);
    window.removeEventListener("keydown", capture, true);
  };
}

const isPlain = (event: KeyboardEvent) =>
  !(event.ctrlKey || event.metaKey || event.altKey) && event.key !== "Escape";

/** Typing belongs to the field, Enter and Space belong to the button. */
function isNative(target: Element, event: KeyboardEvent): boolean {
  if (target.matches("input, textarea")) return event.key !== "Escape";
  if (target.matches("select")) return event.key !== "Escape";
  return (event.key === "Enter" || event.key === " ") && target.matches("button, summary, a");
}

/** The popup: actions left, keys right. Closes by Esc, by its button or when the focus leaves it. */
export function keysPopup(table: KeyTable, close: () => void): HTMLElement {
  const button = h("button", {
    class: "mo-key",
    "aria-label": common.close,
    text: "Esc",
    on: { click: close },
  });
  const rows = table.map((row) =>
    h(
      "div",
      {},
      h("dt", { text: row.label }),
      h("dd", {}, ...caps(row).map((name) => h("kbd", { class: "mo-key", text: name }))),
    ),
  );
  return h(
    "div",
    { class: "mo-pop", role: "dialog", "aria-label": common.keys, tabindex: "-1" },
    h("h3", { text: common.keys }, button),
    h("dl", { class: "mo-keys" }, ...rows),
  );
}

/** The button that opens the popup. */
export function keysButton(open: () => void): HTMLElement {
  return h(
    "button",
    {
      class: "mo-btn ghost icon",
      "aria-label": common.keys,
      "aria-keyshortcuts": "?",
      title: `${common.keys} (?)`,
      on: { click: open },
    },
    icon("keys"),
  );
}

/** Give the focus to what holds the widget: a notebook cell, where its own keys work again. It hears Esc too. */
export function leave(root: HTMLElement): false {
  let holder = root.parentElement;
  while (holder && holder.tabIndex < 0) holder = holder.parentElement;
  if (holder) holder.focus({ preventScroll: true });
  else ((root.getRootNode() as Document | ShadowRoot).activeElement as HTMLElement | null)?.blur();
  return false;
}
