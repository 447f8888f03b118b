/** Which rows are shown, and in which order. */

import { count } from "../../core/format.ts";
import { dataset as say } from "../../core/strings.ts";
import type { Query, Sort, Where } from "./types.ts";

export const everything: Query = {
  search: "",
  regex: false,
  case: false,
  problem: null,
  groups: false,
  least: null,
  most: null,
  where: [],
  sort: [],
};

/** The filters in words, `label` being that of the problem. Filters leave rows out; an order does not. */
export function filters(query: Query, label: string): string[] {
  const { search, regex, problem, groups, selected, least, most, where } = query;
  const number = (n: number | null, none: string) => (n === null ? none : count(n));
  return [
    search && say.bySearch(search, regex),
    problem !== null && say.byProblem(label, groups),
    selected && say.bySelected,
    (least !== null || most !== null) && say.byLength(number(least, "0"), number(most, "∞")),
    ...where.map(inWords),
  ].filter((text): text is string => !!text);
}

export const inWords = ({ field, op, value, exact }: Where): string =>
  `${field} ${op} ${exact ? value : JSON.stringify(value)}`;

export const isFiltered = (query: Query): boolean => filters(query, "").length > 0;

/** What is sent: how to search means nothing without something to search for, nor does what is not `selected`. */
export function onWire({ selected, ...query }: Query, some = 0): Query {
  const switches = query.search ? {} : { regex: false, case: false };
  const only = selected && some > 0 ? { selected } : {};
  return { ...query, ...switches, groups: query.groups && query.problem !== null, ...only };
}

export const isEqual = (a: Query, b: Query): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * Heads sort most first, then least first, then not at all; row numbers are in order to begin with. With
 * `also` the other columns go on sorting.
 */
export function nextSort(sorts: readonly Sort[], field: Sort["field"], also = false): Sort[] {
  const at = sorts.findIndex((sort) => sort.field === field);
  const current = sorts[at];
  const next: Sort[] = !current
    ? [{ field, descending: true }]
    : current.descending && field !== "row"
      ? [{ field, descending: false }]
      : [];
  if (!also) return next;
  return current ? sorts.toSpliced(at, 1, ...next) : [...sorts, ...next];
}

type Orders = Readonly<Record<string, Sort[]>>;

/** The choices of the sort menu by their value. */
export const orders: Orders = {
  row: [],
  problems: [{ field: "problems", descending: true }],
  longest: [{ field: "tokens", descending: true }],
  shortest: [{ field: "tokens", descending: false }],
  turns: [{ field: "turns", descending: true }],
  label: [{ field: "label", descending: true }],
  last: [{ field: "row", descending: true }],
};

/** The same, and each field of the rows up and down. */
export function ordersWith(fields: readonly string[]): Orders {
  const pointer = (name: string): `/${string}` => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  const one = (name: string, descending: boolean) => [
    say.byField(name, descending),
    [{ field: pointer(name), descending }],
  ];
  return { ...orders, ...Object.fromEntries(fields.flatMap((name) => [one(name, false), one(name, true)])) };
}

/** The menu entry of an order; an order that only a head gives has none. */
export function orderName(sort: Sort[], among: Orders): string {
  const wanted = JSON.stringify(sort);
  return Object.keys(among).find((name) => JSON.stringify(among[name]) === wanted) ?? "";
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
