/** What Python sends about a dataset. Every text is ready to show. */

export type Severity = "error" | "warning" | "info";

export interface Sort {
  field: "row" | "tokens" | "turns" | "problems";
  descending: boolean;
}

export interface Query {
  search: string;
  regex: boolean;
  case: boolean;
  problem: string | null;
  sort: Sort[];
}

export interface Chip {
  code: string;
  label: string;
  severity: Severity;
  count: number;
}

export interface Histogram {
  unit: string;
  estimate: boolean;
  edges: number[];
  counts: number[];
  median_text: string;
  p95_text: string;
}

export interface Summary {
  name: string | null;
  rows: number;
  /** Rows that pass the query. */
  total: number;
  format: string;
  bytes_text: string;
  fingerprint: string;
  source: string | null;
  problem_rows: number;
  chips: Chip[];
  histogram: Histogram | null;
  partial: { done: number; total: number } | null;
}

export interface Cell {
  type: string;
  text: string;
  length: number;
}

export interface Row {
  position: number;
  id: string;
  line: number;
  roles: { role: string; letter: string; problem: boolean }[];
  more_roles: number;
  turns: number;
  tokens: { text: string; value: number };
  preview: Cell;
  match: [number, number] | null;
  /** Not an object in the dataset's format: the preview is the raw line. */
  broken: boolean;
  problems: { code: string; label: string; severity: Severity }[];
}

export interface Part {
  kind: "text" | "code" | "tool_call" | "tool_result" | "image" | "json";
  text: string;
  /** Of the whole text, of which `text` may be the beginning. */
  length: number;
  title?: string | null;
  language?: string | null;
}

export interface Turn {
  role: string;
  name?: string | null;
  in_loss: boolean;
  tokens_text: string;
  pointer: string;
  parts: Part[];
}

export interface Problem {
  code: string;
  label: string;
  severity: Severity;
  message: string;
  pointer: string | null;
  column: number | null;
  line: number | null;
  fix: string | null;
}

export interface OpenedRow {
  position: number;
  id: string;
  line: number;
  raw: { text: string; length: number };
  json: string | null;
  turns: Turn[];
  problems: Problem[];
}

export interface Piece {
  text: string;
  length: number;
  start: number;
}
