/** What a grid needs from whoever has the rows. */

import type { Column } from "./grid_head.ts";

export interface GridOptions {
  readonly label: string;
  readonly columns: readonly Column[];
  /** Put a row's content into its cells; called again whenever the row may have changed. */
  fill(cells: HTMLElement[], index: number, row: HTMLElement): void;
  /** What stands below an opened row. */
  detail(index: number): HTMLElement;
  /** Other rows are in view: first and last of them. */
  moved(first: number, last: number): void;
  /** Sort by a field, or by it too. */
  sort(field: string, also: boolean): void;
  /** Some rows get selected, or no longer; "toggle" is for one row. */
  select(start: number, stop: number, how: How): void;
  /** A row was opened, or closed (null). */
  opened(index: number | null): void;
}

export type How = "add" | "remove" | "toggle";
