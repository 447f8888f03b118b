/** Which rows are shown, and in which order. */

import type { Query, Sort } from "./types.ts";

export const everything: Query = { search: "", regex: false, case: false, problem: null, sort: [] };

/** Filters leave rows out; an order does not. */
export const isFiltered = (query: Query): boolean => query.search !== "" || query.problem !== null;

/** What is sent: how to search means nothing without something to search for. */
export const onWire = (query: Query): Query =>
  query.search ? query : { ...query, regex: false, case: false };

export const isEqual = (a: Query, b: Query): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Heads sort most first, then least first, then not at all; row numbers are in order to begin with. */
export function nextSort(current: Sort | undefined, field: Sort["field"]): Sort[] {
  if (current?.field !== field) return [{ field, descending: true }];
  return current.descending && field !== "row" ? [{ field, descending: false }] : [];
}

/** The choices of the sort menu by their value. */
export const orders: Readonly<Record<string, Sort[]>> = {
  row: [],
  problems: [{ field: "problems", descending: true }],
  longest: [{ field: "tokens", descending: true }],
  shortest: [{ field: "tokens", descending: false }],
  turns: [{ field: "turns", descending: true }],
  last: [{ field: "row", descending: true }],
};

/** The menu entry of an order; an order that only a head gives has none. */
export function orderName(sort: Sort[]): string {
  const wanted = JSON.stringify(sort);
  return Object.keys(orders).find((name) => JSON.stringify(orders[name]) === wanted) ?? "";
}

/**
 * Where a plain search matches in a text, for marking. A regular expression is Python's and is not run here:
 * the two dialects differ, and a slow one would freeze the page.
 */
export function matches(text: string, query: Query): [number, number][] {
  if (!query.search || query.regex) return [];
  const fold = (s: string) => (query.case ? s : s.toLowerCase());
  const [hay, needle] = [fold(text), fold(query.search)];
  // Lower case can have another length (İ): then places would not fit.
  if (hay.length !== text.length) return [];
  const found: [number, number][] = [];
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + needle.length))
    found.push([at, at + needle.length]);
  return found;
}
