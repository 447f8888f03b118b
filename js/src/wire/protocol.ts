/** The messages both languages agree on. Only this number must be equal on the two sides. */

export const PROTOCOL = 1;

export interface Request {
  v: number;
  id: string;
  op: string;
  args: Record<string, unknown>;
}

export interface ErrorBody {
  code: string;
  message: string;
  hint?: string | null;
}

export type Response =
  | { v: number; id: string; ok: true; result: unknown }
  | { v: number; id: string; ok: false; error: ErrorBody };

export interface Push {
  v: number;
  topic: string;
  seq: number;
  items: unknown[];
}

export interface Hello {
  protocol: number;
  home_id: string;
  version: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

export function isResponse(value: unknown): value is Response {
  return isRecord(value) && typeof value.id === "string" && typeof value.ok === "boolean";
}

export function isPush(value: unknown): value is Push {
  return isRecord(value) && typeof value.topic === "string" && Array.isArray(value.items);
}

export function isHello(value: unknown): value is Hello {
  return isRecord(value) && typeof value.protocol === "number" && typeof value.home_id === "string";
}

/** Ids that no other view in the page uses (`crypto.randomUUID` is missing on plain http). */
export function idSource(): () => string {
  const prefix = Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) => n.toString(36)).join("");
  let count = 0;
  return () => `${prefix}-${++count}`;
}

/** JSON with sorted keys, so that equal arguments are equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
