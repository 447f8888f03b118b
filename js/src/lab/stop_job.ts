/** Stop a job from the palette: only one that runs, and never without a question. */

import { Dialog, InputDialog, showDialog, showErrorMessage } from "@jupyterlab/apputils";
import { asWireError } from "../wire/carrier.ts";
import type { Server } from "./server.ts";
import * as strings from "./strings.ts";

interface JobLine {
  id: string;
  name: string;
  can: { stop: boolean };
}

/** Ask, then stop. `wanted` comes from whoever calls the command and is checked against the store. */
export async function stopJob(server: Server, wanted: unknown): Promise<void> {
  const carrier = server.carrier();
  try {
    const { jobs } = await carrier.request<{ jobs: JobLine[] }>("jobs", {});
    const job = await choose(
      jobs.filter((line) => line.can.stop),
      wanted,
    );
    if (job && (await confirmed(job))) await carrier.request("job.cancel", { job: job.id });
  } catch (error) {
    await showErrorMessage(strings.stopFailed, asWireError(error).message);
  } finally {
    carrier.dispose();
  }
}

async function choose(jobs: JobLine[], wanted: unknown): Promise<JobLine | undefined> {
  if (wanted !== undefined) {
    const job = jobs.find((line) => line.id === wanted);
    if (!job) await showErrorMessage(strings.stopFailed, strings.noSuchJob(String(wanted)));
    return job;
  }
  if (!jobs.length) {
    await showErrorMessage(strings.stopFailed, strings.noneRunning);
    return undefined;
  }
  const items = jobs.map((line) => `${line.name} (${line.id})`);
  const picked = await InputDialog.getItem({ title: strings.whichJob, items, okLabel: strings.stop });
  return picked.button.accept && picked.value !== null ? jobs[items.indexOf(picked.value)] : undefined;
}

async function confirmed(job: JobLine): Promise<boolean> {
  const answer = await showDialog({
    title: strings.stopTitle(job.name),
    body: strings.stopBody,
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: strings.stop })],
    defaultButton: 0,
  });
  return answer.button.accept;
}
