/** Every sentence the extension says itself. */

import { clock, plural } from "../core/format.ts";

export const panelTitle = "ModelOps jobs";
export const noServer = "The job store cannot be reached.";
export const noServerHint =
  "This Jupyter server does not have modelops_jupyter: install it where the server runs, then restart the server.";

export const openPanel = "ModelOps: Show jobs";
export const stopJob = "ModelOps: Stop job…";
export const whichJob = "Which job should stop?";
export const noneRunning = "No job is running.";
export const noSuchJob = (id: string) => `No running job has the id “${id}”.`;
export const stopTitle = (name: string) => `Stop “${name}”?`;
export const stopBody =
  "It stops after the step it is at and keeps its last checkpoint, so it can be resumed.";
export const stop = "Stop";
export const stopFailed = "The job was not stopped";

export const fileViewer = "ModelOps dataset";
export const running = (n: number) => plural(n, "job");
export const nextDone = (date: Date) => `next done about ${clock(date)}`;
