/** A rating as Python tells it; every text is ready to show. */

export interface Question {
  readonly item: number;
  readonly prompt: string | null;
  /** One, or the left and the right one. */
  readonly answers: readonly string[];
  readonly reference: string | null;
  /** Of a verdict that was taken back. */
  readonly note: string;
}

/** A table that is told at the end. */
export interface Finding {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly summary: string;
}

export interface Rating {
  /** The verdicts there are. */
  readonly words: readonly string[];
  readonly rater: string;
  readonly progress: string;
  /** How far it is, from 0 to 1. */
  readonly share: number;
  readonly skipped: number;
  readonly can_undo: boolean;
  /** null at the end. */
  readonly question: Question | null;
  readonly findings: readonly Finding[];
}
