import type { Clock } from "@sampan/core";
import { HttpEndpoint } from "../../http-endpoint.js";

export interface OutgoingOptions {
  /** Connections to one address. */
  readonly maxSockets: number;
  /** How long one exchange may take. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** What a stand-in sends to others: connections by origin, and the work that a close waits for. */
export class Outgoing {
  readonly #options: OutgoingOptions;
  readonly #endpoints = new Map<string, HttpEndpoint>();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  /** Made when it is first asked for. */
  to(origin: string): HttpEndpoint {
    let endpoint = this.#endpoints.get(origin);
    if (endpoint === undefined) {
      endpoint = new HttpEndpoint({ url: origin, ...this.#options });
      this.#endpoints.set(origin, endpoint);
    }
    return endpoint;
  }

  /** The work itself, which counts as under way until it settles. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  /** Cuts connections, and waits for what was under way to notice. */
  async close(): Promise<void> {
    for (const endpoint of this.#endpoints.values()) endpoint.close();
    await this.settled();
  }
}
