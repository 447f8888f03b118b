/** The small window behind G: type a row number, Enter goes there. */

import { formPopup, textField } from "../../core/form.ts";
import { dataset as say } from "../../core/strings.ts";

export interface GotoHost {
  /** Position of the last row. */
  readonly last: number;
  /** Going to a row by its number needs all rows in file order. */
  readonly clears: boolean;
  go(position: number): void;
  close(): void;
}

export function gotoPopup({ last, clears, go, close }: GotoHost): HTMLElement {
  const { element, input } = textField(say.goto);
  input.inputMode = "numeric";
  return formPopup({
    title: say.goto,
    fields: [element],
    hint: clears ? say.gotoAll : say.gotoHint(last),
    button: say.go,
    close,
    submit: () => {
      const position = Number(input.value.replace(/[,\s]/g, ""));
      if (!input.value.trim() || !Number.isInteger(position) || position < 0 || position > last)
        return say.noSuchRow(last);
      close();
      go(position);
      return null;
    },
  });
}
