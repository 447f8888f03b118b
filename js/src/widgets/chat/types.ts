/** A chat as Python tells it; every text is ready to show. */

export interface Token {
  /** Empty for the end, and while a character is not complete. */
  readonly text: string;
  /** The token looked at alone: spaces and line breaks are visible. */
  readonly shown: string;
  /** 0: sure; 3: very unsure. */
  readonly doubt: number;
  readonly percent: string;
  readonly others: readonly (readonly [shown: string, percent: string])[];
}

export interface Answer {
  readonly name: string;
  readonly tokens: readonly Token[];
  /** Empty while it is written. */
  readonly end: string;
  readonly end_text: string;
}

export interface Turn {
  readonly prompt: string;
  readonly answers: readonly Answer[];
}

export interface Going {
  readonly running: boolean;
  readonly loading: boolean;
}

export interface Settings {
  readonly system: string;
  readonly temperature: number;
  readonly max_new_tokens: number;
  readonly compare: boolean;
}

export interface Chat extends Settings, Going {
  /** The model, and its base if that is known. */
  readonly voices: readonly string[];
  /** How many turns came before those that are here. */
  readonly first: number;
  readonly turns: readonly Turn[];
  readonly rows_text: string;
}
