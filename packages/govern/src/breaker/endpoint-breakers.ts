import { ADMITTED, Breaker, type BreakerRules, REFUSED, type Ticket } from "./breaker.js";

/**
 * A breaker for each endpoint, by its address. For a balancer, which is the only one to know where a call goes: it asks
 * `healthy` while it chooses (no effect), `admit` for the one that it has chosen, and tells the `outcome` once.
 * A decider; `now` is monotonic ms.
 *
 * At most `maxEndpoints` are remembered. A new one beyond that pushes out the one that has been known for longest and
 * is closed, which loses its counts; when none is closed, the oldest.
 */
export class EndpointBreakers {
  readonly #breakers = new Map<string, Breaker>();
  #rules: BreakerRules;
  #maxEndpoints: number;

  constructor(rules: BreakerRules, maxEndpoints: number) {
    this.#rules = rules;
    this.#maxEndpoints = maxEndpoints;
  }

  healthy(address: string, now: number): boolean {
    return this.#breakers.get(address)?.wouldAdmit(now) ?? true;
  }

  /** Whether nothing keeps calls from it, as for an endpoint that is not known. */
  closed(address: string): boolean {
    return this.#breakers.get(address)?.closed ?? true;
  }

  /** `REFUSED`, or a ticket that goes back with `outcome` or `gaveUp`. */
  admit(address: string, now: number): Ticket {
    return this.#breakers.get(address)?.admit(now) ?? ADMITTED;
  }

  /** True when this opened the endpoint's breaker. */
  outcome(address: string, ok: boolean, tookMs: number, now: number, ticket: Ticket = ADMITTED): boolean {
    const breaker = this.#breakers.get(address) ?? this.#remember(address);
    if (ticket === ADMITTED) return breaker.record(!ok, tookMs, now - tookMs, now);
    if (ticket !== REFUSED) breaker.probed(ticket, !ok, tookMs, now);
    return breaker.state === "open";
  }

  gaveUp(address: string, now: number, ticket: Ticket): void {
    if (ticket !== ADMITTED && ticket !== REFUSED) this.#breakers.get(address)?.gaveUp(ticket, now);
  }

  reload(rules: BreakerRules, maxEndpoints: number): void {
    this.#rules = rules;
    this.#maxEndpoints = maxEndpoints;
    for (const breaker of this.#breakers.values()) breaker.reload(rules);
    while (this.#breakers.size > maxEndpoints) this.#forgetOne();
  }

  /** The resolver's full set: what is not in it is forgotten. */
  retain(addresses: ReadonlySet<string>): void {
    for (const address of this.#breakers.keys()) if (!addresses.has(address)) this.#breakers.delete(address);
  }

  get size(): number {
    return this.#breakers.size;
  }

  get open(): number {
    let open = 0;
    for (const breaker of this.#breakers.values()) if (!breaker.closed) open++;
    return open;
  }

  #remember(address: string): Breaker {
    while (this.#breakers.size >= this.#maxEndpoints) this.#forgetOne();
    const breaker = new Breaker(this.#rules);
    this.#breakers.set(address, breaker);
    return breaker;
  }

  #forgetOne(): void {
    let [gone] = this.#breakers.keys();
    for (const [address, breaker] of this.#breakers) {
      if (!breaker.closed) continue;
      gone = address;
      break;
    }
    this.#breakers.delete(gone as string);
  }
}
