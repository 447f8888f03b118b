/** What Python sends about a dataset. Every text is ready to show. */

export type Severity = "error" | "warning" | "info";

export interface Sort {
  /** A column, or a field of the rows as a JSON pointer. */
  field: "row" | "tokens" | "turns" | "problems" | "label" | `/${string}`;
  descending: boolean;
}

export interface Where {
  field: string;
  op: string;
  value: string | number | boolean | null;
  /** Whether the value is the text of a number that this page would round. */
  exact?: boolean;
}

export interface Query {
  search: string;
  regex: boolean;
  case: boolean;
  problem: string | null;
  /** With a problem that rows share: also the rows they share it with, next to each other. */
  groups: boolean;
  /** Only what is selected. */
  selected?: boolean | undefined;
  least: number | null;
  most: number | null;
  where: Where[];
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
  /** Null once something was edited. */
  fingerprint: string | null;
  source: string | null;
  /** Names of fields, for filters. */
  fields: string[];
  /** Null where nothing can be edited. */
  edits: Edits | null;
  /** False until somebody has looked for problems; then they are asked for. */
  checked: boolean;
  problem_rows: number;
  chips: Chip[];
  histogram: Histogram | null;
  partial: { done: number; total: number } | null;
}

/** What is selected and edited. */
export interface Edits {
  selected: number;
  /** Of the rows of the list. */
  here: number;
  /** Selected in linked views, and not rows of this dataset. */
  elsewhere: number;
  /** Another one: another selection, or other rows. */
  version: number;
  changes: number;
  dropped: number;
  undo: boolean;
  redo: boolean;
  saved: boolean;
  /** What the last edit did. */
  said: string;
  /** Where saving would write. */
  path: string;
}

/** The answer to an edit: all that another content of the rows changes above them. */
export type Changed = Pick<Summary, "chips" | "problem_rows"> & { edits: Edits };

/** What a summary of many rows leaves out at first. */
export type Checked =
  | { checked: false }
  | (Pick<Summary, "chips" | "problem_rows" | "fingerprint" | "edits"> & { checked: true });

export interface Cell {
  type: string;
  text: string;
  length: number;
}

export interface Row {
  position: number;
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
  /** The first row of the group of rows that share a problem. */
  group: number | null;
  selected?: boolean;
  dropped?: boolean;
  edited?: boolean;
  label?: string | null;
}

export interface Part {
  kind: "text" | "code" | "tool_call" | "tool_result" | "image" | "json";
  text: string;
  /** Of the whole text, of which `text` may be the beginning. */
  length: number;
  title?: string | null;
  language?: string | null;
  /** A problem of this part. */
  flag?: string | null;
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

/** Where a problem stands in a text, in characters. */
export type Mark = readonly [start: number, end: number, severity: Severity];

export interface OpenedRow {
  position: number;
  id: string;
  line: number;
  raw: { text: string; length: number };
  json: string | null;
  turns: Turn[];
  problems: Problem[];
  marks: { raw: Mark[]; json: Mark[] };
}

/** A row as it can be edited: whole, and the texts of its turns. */
export interface Source {
  json: string;
  readable: boolean;
  texts: { turn: number; pointer: string; text: string }[];
}

export interface Piece {
  text: string;
  length: number;
  start: number;
}
