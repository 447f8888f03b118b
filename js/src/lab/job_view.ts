/** The monitor of a job over HTTP: it lives while the kernel is busy, restarted or gone. */

import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import type { Widget } from "@lumino/widgets";
import { mount } from "../widgets/job_monitor/index.ts";
import { OUR_MIME } from "./ids.ts";
import { MountedView } from "./mounted.ts";
import type { Server } from "./server.ts";

/** The live view, or null unless this server looks after the job's home and knows the job. */
export async function jobView(model: IRenderMime.IMimeModel, server: Server): Promise<Widget | null> {
  const told = model.metadata[OUR_MIME] as { job?: unknown; home_id?: unknown } | undefined;
  if (typeof told?.job !== "string" || typeof told.home_id !== "string") return null;
  const hello = await server.hello();
  if (hello?.home_id !== told.home_id) return null;
  const carrier = server.carrier();
  try {
    const initial = await carrier.request("job", { job: told.job });
    const spec = { job: told.job, home_id: told.home_id, initial };
    return new MountedView({ kind: "job", mount, spec, connect: () => server.carrier() });
  } catch {
    return null; // not in the store any more: the twin says what was last seen
  } finally {
    carrier.dispose();
  }
}
