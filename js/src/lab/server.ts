/** Our half of the Jupyter server: is it there, whose home does it serve, and a carrier to it. */

import type { ServerConnection } from "@jupyterlab/services";
import { HttpCarrier } from "../wire/http.ts";
import type { Hello } from "../wire/protocol.ts";

export class Server {
  private readonly settings: ServerConnection.ISettings;
  private answer: Promise<Hello | null> | null = null;

  constructor(settings: ServerConnection.ISettings) {
    this.settings = settings;
  }

  /** What our server extension says about itself; null when it is absent or speaks another protocol. */
  async hello(): Promise<Hello | null> {
    this.answer ??= this.carrier().hello();
    const hello = await this.answer;
    if (!hello) this.answer = null; // it may have been the network: ask again next time
    return hello;
  }

  carrier(): HttpCarrier {
    const { baseUrl, token, fetch } = this.settings;
    return new HttpCarrier({ base: baseUrl, token, fetch: (input, init) => fetch(String(input), init) });
  }
}
