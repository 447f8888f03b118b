/** The keys of the job views: everything is a button, so there is only the way out. */

import { bindKeys, type KeyTable, leave } from "../../core/keys.ts";
import { common } from "../../core/strings.ts";

const KEYS: KeyTable = [{ label: common.leave, keys: { Escape: "leave" } }];

/** Keeps the host's single-letter commands away while the focus is inside; returns what ends that. */
export const ownKeys = (root: HTMLElement): (() => void) =>
  bindKeys(root, KEYS, () => {
    leave(root);
    return true;
  });
