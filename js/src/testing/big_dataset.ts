/** A made-up dataset of any size that answers like Python, without holding its rows. */

import { count } from "../core/format.ts";
import type { Query, Row, Summary } from "../widgets/dataset_viewer/types.ts";
import type { FixtureCarrier } from "../wire/fixture.ts";

/** Rows that match a search: every seventh. */
const kept = (rows: number, query: Query) => (query.search ? Math.ceil(rows / 7) : rows);

export function answerWithRows(carrier: FixtureCarrier, rows: number): void {
  carrier
    .on("summary", ({ query }) => summary(rows, query as Query))
    .on("rows", (args) => page(rows, args as { query: Query; start: number; stop: number }))
    .on("row", ({ position }) => ({
      ...row(Number(position), { search: "" } as Query),
      raw: { text: `{"n": ${position}}`, length: 8 },
      json: null,
      marks: { raw: [], json: [] },
      turns: [
        {
          role: "user",
          in_loss: false,
          tokens_text: "≈ 9",
          pointer: "/messages/0",
          parts: [{ kind: "text", text: `Question ${position}`, length: 10 }],
        },
      ],
    }));
}

function summary(rows: number, query: Query): Summary {
  return {
    name: "million",
    rows,
    total: kept(rows, query),
    format: "messages",
    bytes_text: "1.01 GB",
    fingerprint: "9c1e 44a0",
    source: "million.jsonl",
    fields: [],
    edits: null,
    checked: true,
    problem_rows: Math.ceil(rows / 1000),
    chips: [{ code: "empty", label: "Empty", severity: "error", count: Math.ceil(rows / 1000) }],
    histogram: null,
    partial: null,
  };
}

function page(rows: number, { query, start, stop }: { query: Query; start: number; stop: number }) {
  const total = kept(rows, query);
  const shown = Array.from({ length: Math.max(0, Math.min(stop, total) - start) }, (_, i) => start + i);
  return { total, rows: shown.map((index) => row(index * (query.search ? 7 : 1), query)) };
}

function row(position: number, query: Query): Row {
  const value = 40 + ((position * 37) % 900);
  const text = `Row number ${count(position)} ${query.search}`.trim();
  return {
    position,
    line: position + 1,
    roles: [
      { role: "user", letter: "U", problem: false },
      { role: "assistant", letter: "A", problem: false },
    ],
    more_roles: 0,
    turns: 2,
    tokens: { text: `≈ ${count(value)}`, value },
    preview: { type: "text", text, length: text.length },
    match: query.search ? [text.length - query.search.length, text.length] : null,
    broken: false,
    group: null,
    problems: position % 1000 === 500 ? [{ code: "empty", label: "Empty", severity: "error" }] : [],
  };
}
