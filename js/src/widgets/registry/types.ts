/** What Python sends about a registry, every text ready to show. */

export interface Model {
  name: string;
  versions_text: string;
  aliases: Record<string, number>;
}

export interface Models {
  models: Model[];
  total: number;
  path: string;
  now: string;
}

export interface Metric {
  name: string;
  label: string;
  text: string;
  interval: string;
  lower: boolean;
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface Version {
  version: number;
  reference: string;
  aliases: string[];
  tags: string[];
  description: string;
  /** When and by whom; the day comes first. */
  created: string;
  size: string;
  metrics: Metric[];
}

export interface Versions {
  versions: Version[];
  total: number;
  gated: string[];
}

export interface Lineage {
  nodes: { kind: string; label: string }[];
  /** Places among the nodes. */
  edges: [source: number, target: number, kind: string][];
  notices: string[];
}

export interface GateTold {
  outcome: "pass" | "fail" | "inconclusive";
  title: string;
  reason: string;
}

export interface Log {
  total: number;
  events: {
    at: string;
    version: number | null;
    kind: string;
    about: string;
    gates: GateTold[];
  }[];
}

export interface Diff {
  summary: string;
  rows: string[][];
  total: number;
  others: number[];
  against?: number;
}
