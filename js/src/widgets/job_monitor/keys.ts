/** The keys of the job views: everything is a button, so there is only the way out. */

import { bindKeys, type KeyTable, leave } from "../../core/keys.ts";

const KEYS: KeyTable = [{ label: "Leave the widget", keys: { Escape: "leave" } }];

/** Keeps the host's single-letter commands away while the focus is inside; returns what ends that. */
export const ownKeys = (root: HTMLElement): (() => void) =>
  bindKeys(root, KEYS, () => {
    leave(root);
    return true;
  });
