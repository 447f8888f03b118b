/** Text to the clipboard. On plain http there is no clipboard object; there the browser's old command does it. */

import { h } from "../../core/dom.ts";

export async function toClipboard(text: string, near: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = (near.getRootNode() as Document).activeElement as HTMLElement | null;
    const area = h("textarea", { class: "sr", "aria-hidden": "true", tabindex: "-1" });
    area.value = text;
    near.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    focused?.focus();
    return done;
  }
}
