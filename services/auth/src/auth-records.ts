import type { Call } from "@sampan/core";
import type { Revocation } from "@sampan/identity";
import type { Operator, Session } from "./domain/session.js";

/** What a transaction can do. */
export interface AuthChange {
  session(sessionId: string): Promise<Session | undefined>;
  openSessions(subject: string): Promise<readonly Session[]>;
  addSession(session: Session): Promise<void>;
  saveSession(session: Session): Promise<void>;
  revoke(revocation: Revocation): Promise<void>;
  /** Removes what has been over for long enough, a little at a time. */
  forget(now: number): Promise<void>;
  operator(name: string): Promise<Operator | undefined>;
  addOperator(operator: Operator): Promise<void>;
  saveOperator(operator: Operator): Promise<void>;
}

export interface AuthStore {
  change<T>(call: Call, work: (change: AuthChange) => Promise<T>): Promise<T>;
  session(sessionId: string): Promise<Session | undefined>;
  /** In order; `last` is the number of the last one. */
  revocations(
    after: number,
    limit: number,
  ): Promise<{ readonly revocations: readonly Revocation[]; readonly last: number }>;
  operator(name: string): Promise<Operator | undefined>;
  operators(): Promise<readonly Operator[]>;
}
