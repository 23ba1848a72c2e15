import type { OutlierPolicy } from "./policy.js";
import { standsOut } from "./success-rates.js";

export type Ejection = "consecutive-failures" | "probation" | "error-ratio" | "success-rate";

/** Hears of each ejection, while `outcome` or `healthy` runs. */
export type EjectionSink = (address: string, why: Ejection, ms: number) => void;

/** What is known of one endpoint. */
interface Host {
  consecutive: number;
  calls: number;
  failures: number;
  /** 0 when it is not ejected. */
  ejectedUntil: number;
  probationUntil: number;
  /** How often lately; one is forgiven for each interval without an ejection. */
  ejections: number;
}

/**
 * Which endpoints are left out because they fail more than the others. A decider: `now` is monotonic ms. It has no timer:
 * intervals and returns happen when it is asked or told something.
 *
 * Bounded: of more than `maxEndpoints` addresses the one that is known for longest and is not ejected is forgotten.
 */
export class OutlierDetector {
  readonly #hosts = new Map<string, Host>();
  readonly #ejected: EjectionSink;
  #policy: OutlierPolicy;
  #sweepAt = Number.NEGATIVE_INFINITY;
  /** Instances that there are, as far as the resolver has said; more may be known from calls alone. */
  #population = 0;

  constructor(policy: OutlierPolicy, ejected: EjectionSink) {
    this.#policy = policy;
    this.#ejected = ejected;
  }

  /** Hot: asked at each pick. */
  healthy(address: string, now: number): boolean {
    const host = this.#hosts.get(address);
    if (host === undefined || host.ejectedUntil === 0) return true;
    if (now < host.ejectedUntil) return false;
    host.ejectedUntil = 0;
    host.probationUntil = now + this.#policy.probationMs;
    reset(host);
    return true;
  }

  /** Hot: told once for each call. What comes back from an endpoint that is ejected does not count. */
  outcome(address: string, ok: boolean, _tookMs: number, now: number): void {
    if (now >= this.#sweepAt) this.#sweep(now);
    const host = this.#hosts.get(address) ?? this.#remember(address, now);
    if (!this.healthy(address, now)) return;
    host.calls++;
    if (ok) {
      host.consecutive = 0;
      return;
    }
    host.failures++;
    host.consecutive++;
    const { consecutiveFailures } = this.#policy;
    if (now < host.probationUntil) this.#eject(address, host, "probation", now);
    else if (consecutiveFailures > 0 && host.consecutive >= consecutiveFailures)
      this.#eject(address, host, "consecutive-failures", now);
  }

  /** The resolver's full set: what is not in it is forgotten, and how many there are is known. */
  retain(addresses: ReadonlySet<string>): void {
    this.#population = addresses.size;
    for (const address of this.#hosts.keys()) if (!addresses.has(address)) this.#hosts.delete(address);
  }

  /** Ejections that are in force stay. */
  reload(policy: OutlierPolicy): void {
    this.#policy = policy;
    for (const [address] of this.#hosts) {
      if (this.#hosts.size <= policy.maxEndpoints) break;
      this.#hosts.delete(address);
    }
  }

  get size(): number {
    return this.#hosts.size;
  }

  ejectedAt(now: number): number {
    let ejected = 0;
    for (const { ejectedUntil } of this.#hosts.values()) if (ejectedUntil > now) ejected++;
    return ejected;
  }

  #remember(address: string, now: number): Host {
    if (this.#hosts.size >= this.#policy.maxEndpoints) this.#forgetOne(now);
    const host: Host = { consecutive: 0, calls: 0, failures: 0, ejectedUntil: 0, probationUntil: 0, ejections: 0 };
    this.#hosts.set(address, host);
    return host;
  }

  #forgetOne(now: number): void {
    let [gone] = this.#hosts.keys();
    for (const [address, { ejectedUntil }] of this.#hosts) {
      if (ejectedUntil > now) continue;
      gone = address;
      break;
    }
    this.#hosts.delete(gone as string);
  }

  /** The end of an interval: rates are compared, then counted anew. */
  #sweep(now: number): void {
    const { intervalMs, errorRatio, minimumRequests } = this.#policy;
    const first = this.#sweepAt === Number.NEGATIVE_INFINITY;
    this.#sweepAt = now + intervalMs;
    if (first) return;
    const busy = [...this.#hosts].filter(([, host]) => host.ejectedUntil <= now && host.calls >= minimumRequests);
    const rates = busy.map(([, host]) => 1 - host.failures / host.calls);
    const outliers = standsOut(rates, this.#policy);
    // The worst first, because only so many may be ejected.
    const worst = busy.map((_, i) => i).sort((a, b) => (rates[a] as number) - (rates[b] as number));
    for (const i of worst) {
      const [address, host] = busy[i] as [string, Host];
      if (errorRatio !== undefined && host.failures >= errorRatio * host.calls)
        this.#eject(address, host, "error-ratio", now);
      else if (outliers[i]) this.#eject(address, host, "success-rate", now);
    }
    for (const host of this.#hosts.values()) {
      if (host.ejectedUntil <= now && host.ejections > 0) host.ejections--;
      host.calls = 0;
      host.failures = 0;
    }
  }

  #eject(address: string, host: Host, why: Ejection, now: number): void {
    const { maxEjectedRatio, ejectionMs, maxEjectionMs } = this.#policy;
    const population = Math.max(this.#population, this.#hosts.size);
    // The only one there is stays: leaving it out helps nobody.
    if (population < 2 || this.ejectedAt(now) >= Math.max(1, Math.floor(population * maxEjectedRatio))) return;
    host.ejections++;
    const ms = Math.min(maxEjectionMs, ejectionMs * host.ejections);
    host.ejectedUntil = now + ms;
    reset(host);
    this.#ejected(address, why, ms);
  }
}

function reset(host: Host): void {
  host.consecutive = 0;
  host.calls = 0;
  host.failures = 0;
}
