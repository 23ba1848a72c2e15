import { type CancelTimer, type Clock, systemClock } from "@sampan/core";
import type { Authority } from "../authority/authority.js";
import type { TrustBundle } from "../bundle/trust-bundle.js";
import { renewAt } from "./renewal.js";
import type { X509Context, X509Source, X509Svid } from "./x509-source.js";

export interface AuthoritySourceOptions {
  readonly authority: Authority;
  /** SPIFFE id. */
  readonly id: string;
  /** Default: what the authority gives. */
  readonly ttlMs?: number;
  readonly dnsNames?: readonly string[];
  /** Of other trust domains. */
  readonly federated?: readonly TrustBundle[];
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Hears when a renewal has failed; it is tried again, more often the nearer the end. */
  readonly failed?: (error: unknown) => void;
}

const leastRetryMs = 200;

/** An identity from an authority in this process, renewed at half of its life. Throws what `authority.issue` throws. */
export function authoritySource(options: AuthoritySourceOptions): X509Source {
  const { authority, id, clock = systemClock, random = Math.random, failed = () => {} } = options;
  const { federated = [], ttlMs, dnsNames } = options;
  const watchers = new Set<() => void>();
  let cancel: CancelTimer = () => {};
  let svid = issue();
  let context = contextOf();

  function issue(): X509Svid {
    return authority.issue(id, {
      ...(ttlMs === undefined ? {} : { ttlMs }),
      ...(dnsNames === undefined ? {} : { dnsNames }),
    });
  }

  function contextOf(): X509Context {
    const own = authority.bundle();
    const bundles = new Map([own, ...federated].map((bundle) => [bundle.trustDomain, bundle]));
    return { svid, bundles, revocationLists: authority.revocationLists() };
  }

  function publish(): void {
    context = contextOf();
    for (const changed of [...watchers]) changed();
  }

  function plan(at: number): void {
    cancel();
    cancel = clock.timer(Math.max(0, at - clock.now()), renew, { background: true });
  }

  function renew(): void {
    try {
      svid = issue();
      plan(renewAt(clock.now(), svid.notAfter, random()));
      publish();
    } catch (error) {
      failed(error);
      plan(clock.now() + Math.max(leastRetryMs, (svid.notAfter - clock.now()) / 4));
    }
  }

  plan(renewAt(clock.now(), svid.notAfter, random()));
  const unwatch = authority.watch(publish);
  return {
    current: () => context,
    watch(changed) {
      watchers.add(changed);
      return () => void watchers.delete(changed);
    },
    close() {
      cancel();
      unwatch();
      watchers.clear();
    },
  };
}
