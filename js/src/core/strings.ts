/** Every sentence the widgets say themselves, one block per widget. Python sends the rest ready to show. */

import { clock, count, plural, seconds } from "./format.ts";

export const common = {
  keys: "Keys",
  close: "Close",
  tryAgain: "Try again",
  waiting: "Waiting for the kernel. It may be busy with another cell.",
  unknownKind: (kind: string) => `This front end does not know “${kind}”.`,
  otherVersion: "The kernel and this page speak different versions of the protocol.",
  otherVersionHint: "Restart the kernel, reload the page and run the cell again.",
};

export const dataset = {
  label: (name: string) => `Dataset ${name}`,
  unnamed: "dataset",
  rows: (n: number) => plural(n, "row"),
  fingerprint: "fingerprint",
  reading: "Reading the first rows",
};

export const times = { lastSeen: (date: Date) => `Last seen ${clock(date)}.`, took: seconds, count };
