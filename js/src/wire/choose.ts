/** Which carrier a job view talks over. */

import type { Carrier } from "./carrier.ts";
import { CommCarrier, type CommModel } from "./comm.ts";
import { HttpCarrier, pageServer, type Server } from "./http.ts";

/** The server, if it serves the very home the kernel uses; else the comm. */
export async function chooseJobCarrier(
  model: CommModel,
  homeId: unknown,
  server: Server | null = pageServer(),
): Promise<Carrier> {
  if (server && typeof homeId === "string") {
    const http = new HttpCarrier(server);
    const hello = await http.hello();
    if (hello?.home_id === homeId) return http;
    http.dispose();
  }
  return CommCarrier.of(model);
}
