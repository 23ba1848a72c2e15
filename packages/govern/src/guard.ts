import type { Call, Clock, Handler, Method } from "@sampan/core";

/**
 * One governance element in force for one scope: the breaker of a method, the limiter of a tenant, …
 *
 * It is made from a policy, lives as long as a rule of that name has that section, and is told of changes by `reload`,
 * which keeps the state that still makes sense (an open breaker stays open, a half-full bucket half full). `wrap` is
 * called once for each method that the scope covers; the wrapped handlers share the guard's state. Decisions are made
 * by a decider without I/O; a guard only feeds it calls, outcomes and the time.
 */
export interface Guard<P> {
  wrap(next: Handler, method: Method): Handler;
  /** Takes effect for the next call; calls in work keep what they were admitted with. */
  reload(policy: P, enforcement: Enforcement): void;
  /** What it is doing now, for operators: `{ state: "open", until: "…" }`. */
  state(): GuardState;
  /** Lets go of timers and of calls that wait (which fail as refused). */
  close(): void;
}

export type GuardState = Readonly<Record<string, string | number | boolean>>;

/** `shadow` decides, counts and reports as always, but lets every call through as it came. */
export type Enforcement = "enforce" | "shadow";

/** What a guard is given; the same for every kind. */
export interface GuardContext {
  /** The rule and section that made it, such as `login-peak/limit`: a label of its metrics, and named in its errors. */
  readonly rule: string;
  /** What it guards, such as `auth.v1.AuthService/Login` or `auth.v1.AuthService/Login@tenant=acme`. */
  readonly scope: string;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly report: GuardReport;
}

/**
 * Where a guard tells what it did: metrics, span events and the rule log are made of it. Never throws, never waits.
 * Only what is out of the ordinary is reported, so an admitted call costs nothing here.
 */
export interface GuardReport {
  /**
   * A call was refused (or, in shadow, would have been). `why` is a constant such as `open`, `queue-full`. With the
   * call, its span gets an event and the count its method.
   */
  refused(why: string, call?: Call): void;
  /** Anything else that operators count: `retried`, `hedged`, `opened`, `closed`, `answered-stale`, `waited`. */
  happened(what: string, call?: Call): void;
}

/** One element's way in: what every folder's `index.ts` exports besides its policy. */
export type MakeGuard<P> = (policy: P, enforcement: Enforcement, context: GuardContext) => Guard<P>;
