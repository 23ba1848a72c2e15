import { lookup } from "node:dns/promises";
import type { CancelTimer, Clock } from "@sampan/core";
import type { Endpoint, Target } from "../wire/target.js";

export interface ResolverOwner {
  /** All addresses that the target has now; never empty. */
  onEndpoints(endpoints: readonly Endpoint[]): void;
  onUnresolved(why: string): void;
}

/** From a name to its addresses. */
export type Lookup = (host: string) => Promise<readonly { readonly address: string }[]>;

/**
 * Turns a target into endpoints: at once for addresses, by the system's resolver for names. A name is looked up again
 * when a connection is lost or cannot be made, and at most every `intervalMs`, so that a dead service is no DNS storm.
 */
export class Resolver {
  private readonly target: Target;
  private readonly owner: ResolverOwner;
  private readonly intervalMs: number;
  private readonly clock: Clock;
  private readonly find: Lookup;
  private lastAt = Number.NEGATIVE_INFINITY;
  private running = false;
  private due = false;
  private closed = false;
  private cancel: CancelTimer | undefined = undefined;

  constructor(target: Target, owner: ResolverOwner, intervalMs: number, clock: Clock, find: Lookup = system) {
    this.target = target;
    this.owner = owner;
    this.intervalMs = intervalMs;
    this.clock = clock;
    this.find = find;
  }

  resolve(): void {
    const { target } = this;
    if (target.kind === "fixed") {
      if (this.lastAt === Number.NEGATIVE_INFINITY) {
        this.lastAt = 0;
        this.owner.onEndpoints(target.endpoints);
      }
      return;
    }
    if (this.running || this.due || this.closed) return;
    const wait = this.lastAt + this.intervalMs - this.clock.monotonic();
    if (wait <= 0) {
      this.run(target.host, target.port);
      return;
    }
    this.due = true;
    this.cancel = this.clock.timer(wait, () => {
      this.due = false;
      this.run(target.host, target.port);
    });
  }

  close(): void {
    this.closed = true;
    this.cancel?.();
  }

  private run(host: string, port: number): void {
    this.running = true;
    this.lastAt = this.clock.monotonic();
    this.find(host).then(
      (found) => {
        this.running = false;
        if (this.closed) return;
        const addresses = [...new Set(found.map(({ address }) => address))];
        if (addresses.length === 0) this.owner.onUnresolved(`${host} has no address`);
        else this.owner.onEndpoints(addresses.map((address) => ({ host: address, port, path: undefined })));
      },
      (error: Error) => {
        this.running = false;
        if (!this.closed) this.owner.onUnresolved(error.message);
      },
    );
  }
}

const system: Lookup = (host) => lookup(host, { all: true });
