import type { EndpointHealth } from "../endpoint-health.js";
import { ADMITTED, REFUSED, type Ticket } from "./breaker.js";
import type { EndpointBreakers } from "./endpoint-breakers.js";

interface Probe {
  readonly ticket: Ticket;
  readonly since: number;
}

export interface EndpointGateOptions {
  readonly breakers: EndpointBreakers;
  /** After so long a probe that nobody told the outcome of counts as given up: its call was never sent there. */
  readonly giveUpMs: () => number;
  readonly shadow: () => boolean;
  readonly refused: () => void;
  readonly happened: (what: "opened" | "closed") => void;
}

/** Of a reading of the clock against the sum of two others. */
const roundingMs = 1;

/**
 * Breakers of endpoints for a balancer that knows no tickets: it asks `healthy`, sends the call there when the answer is
 * true, and tells the outcome. While a breaker probes, each true answer takes a probe's place, and the first outcome of a
 * call that began after it is the probe's. A decider; `now` is monotonic ms.
 */
export class EndpointGate implements EndpointHealth {
  readonly #options: EndpointGateOptions;
  readonly #probes = new Map<string, Probe[]>();

  constructor(options: EndpointGateOptions) {
    this.#options = options;
  }

  /** Hot: asked at each pick. */
  healthy(address: string, now: number): boolean {
    const { breakers } = this.#options;
    if (this.#probes.size > 0) this.#giveUpLate(address, now);
    const ticket = breakers.admit(address, now);
    if (ticket === ADMITTED) return true;
    if (ticket === REFUSED) {
      this.#options.refused();
      return this.#options.shadow();
    }
    const probe = { ticket, since: now };
    const out = this.#probes.get(address);
    if (out === undefined) this.#probes.set(address, [probe]);
    else out.push(probe);
    return true;
  }

  /** Hot: told once for each call. */
  outcome(address: string, ok: boolean, tookMs: number, now: number): void {
    const { breakers, happened } = this.#options;
    const probe = this.#probes.size === 0 ? undefined : this.#takeProbe(address, now - tookMs);
    if (probe === undefined) {
      if (breakers.outcome(address, ok, tookMs, now)) happened("opened");
      return;
    }
    const open = breakers.outcome(address, ok, tookMs, now, probe.ticket);
    if (open) happened("opened");
    else if (breakers.closed(address)) happened("closed");
  }

  retain(addresses: ReadonlySet<string>): void {
    this.#options.breakers.retain(addresses);
    for (const address of this.#probes.keys()) if (!addresses.has(address)) this.#probes.delete(address);
  }

  #takeProbe(address: string, began: number): Probe | undefined {
    const out = this.#probes.get(address);
    const at = out?.findIndex(({ since }) => began + roundingMs >= since) ?? -1;
    if (out === undefined || at < 0) return undefined;
    const [probe] = out.splice(at, 1);
    if (out.length === 0) this.#probes.delete(address);
    return probe;
  }

  #giveUpLate(address: string, now: number): void {
    const out = this.#probes.get(address);
    if (out === undefined) return;
    const giveUpMs = this.#options.giveUpMs();
    while (out[0] !== undefined && now - out[0].since > giveUpMs) {
      this.#options.breakers.gaveUp(address, now, (out.shift() as Probe).ticket);
    }
    if (out.length === 0) this.#probes.delete(address);
  }
}
