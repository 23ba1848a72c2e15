import { randomBytes } from "node:crypto";
import { type Call, type Clock, sortableId } from "@sampan/core";
import type { TokenIssuer } from "@sampan/core/ports";
import {
  decideRefresh,
  IdentityErrors,
  type RefreshRules,
  type RefreshTokenCodec,
  type Revocation,
} from "@sampan/identity";
import type { AuthChange, AuthStore } from "./auth-records.js";
import { scopes } from "./domain/roles.js";
import type { Session } from "./domain/session.js";

export interface SessionsDeps {
  readonly store: AuthStore;
  readonly tokens: TokenIssuer;
  readonly codec: RefreshTokenCodec;
  readonly rules: RefreshRules;
  /** How long a session lasts however it is used. */
  readonly sessionMs: number;
  /** How long access tokens live, with the clock skew: what is revoked is remembered for so long. */
  readonly tokenMs: number;
  readonly clock: Clock;
  /** Told of each revocation when it is durable, so that this process need not wait to hear of it. */
  readonly revoked: (revocation: Revocation) => void;
}

/** What a login and a refresh answer. */
export interface Granted {
  readonly accessToken: string;
  readonly expiresIn: number;
  readonly session: {
    readonly refreshToken: string;
    readonly refreshExpiresIn: number;
    readonly signingKeyId: string;
    readonly signingKey: string;
  };
}

type Who = Pick<Session, "subject" | "tenant" | "roles" | "device">;

/** Logins, from the first pair of tokens to the end. Decisions are `decideRefresh`'s; each is one transaction. */
export class Sessions {
  readonly #deps: SessionsDeps;

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
  }

  async open(call: Call, who: Who): Promise<Granted> {
    const { store, clock, sessionMs } = this.#deps;
    const now = clock.now();
    const session: Session = {
      ...who,
      sessionId: sortableId(clock),
      generation: 0,
      rotatedAt: now,
      expiresAt: now + sessionMs,
      endedAt: 0,
      signingKey: randomBytes(32).toString("base64url"),
    };
    await store.change(call, async (change) => {
      await change.forget(now);
      await change.addSession(session);
    });
    return this.#grant(session);
  }

  /** Rejects with `REFRESH_INVALID`, `REFRESH_EXPIRED`, or `REFRESH_REUSED` when the session has just been ended for it. */
  async refresh(call: Call, token: string, device: string): Promise<Granted> {
    const { store, clock, rules, codec } = this.#deps;
    const read = codec.read(token);
    if (read === undefined) throw invalid("it is not one of ours");
    const now = clock.now();
    const outcome = await store.change(call, async (change): Promise<Session | Revocation | Error> => {
      const session = await change.session(read.session);
      if (session === undefined) return invalid("its session is over");
      const decision = decideRefresh(session, { generation: read.generation, device }, now, rules);
      switch (decision.kind) {
        case "rotate": {
          const rotated = { ...session, generation: decision.generation, rotatedAt: now };
          await change.saveSession(rotated);
          return rotated;
        }
        case "repeat":
          return session;
        case "end":
          return this.#end(change, session, now);
        case "refuse":
          return decision.why === "expired" ? IdentityErrors.REFRESH_EXPIRED() : invalid(reasons[decision.why]);
      }
    });
    if (outcome instanceof Error) throw outcome;
    if ("kind" in outcome) {
      this.#deps.revoked(outcome);
      call.log.warn("a refresh token was used twice: its session has been ended", { session: read.session });
      throw IdentityErrors.REFRESH_REUSED();
    }
    return this.#grant(outcome);
  }

  /** Ends the session of a refresh token, of any generation. One that is not known has ended already. */
  async end(call: Call, token: string): Promise<void> {
    const { store, clock, codec } = this.#deps;
    const read = codec.read(token);
    if (read === undefined) return;
    const revocation = await store.change(call, async (change) => {
      const session = await change.session(read.session);
      if (session === undefined || session.endedAt > 0) return undefined;
      return this.#end(change, session, clock.now());
    });
    if (revocation !== undefined) this.#deps.revoked(revocation);
  }

  /** Ends all sessions of a subject, and every token of it that was issued up to now. */
  async endAll(call: Call, subject: string): Promise<void> {
    const { store, clock, tokenMs } = this.#deps;
    const now = clock.now();
    const revocation: Revocation = { kind: "subject", id: subject, notBefore: now, until: now + tokenMs };
    await store.change(call, async (change) => {
      for (const session of await change.openSessions(subject)) await change.saveSession({ ...session, endedAt: now });
      await change.revoke(revocation);
    });
    this.#deps.revoked(revocation);
  }

  /** What requests of a session are signed with; undefined when it is over. */
  async signingKey(sessionId: string): Promise<string | undefined> {
    const session = await this.#deps.store.session(sessionId);
    const over = session === undefined || session.endedAt > 0 || session.expiresAt <= this.#deps.clock.now();
    return over ? undefined : session.signingKey;
  }

  async #end(change: AuthChange, session: Session, now: number): Promise<Revocation> {
    const until = now + this.#deps.tokenMs;
    const revocation: Revocation = { kind: "session", id: session.sessionId, notBefore: now, until };
    await change.saveSession({ ...session, endedAt: now });
    await change.revoke(revocation);
    return revocation;
  }

  async #grant(session: Session): Promise<Granted> {
    const { tokens, codec, rules, clock } = this.#deps;
    const { subject, tenant, roles, sessionId, generation, signingKey, rotatedAt, expiresAt } = session;
    const claims = { subject, tenant, roles, session: sessionId, scopes: scopes(roles) };
    const { token, expiresIn } = await tokens.issue(claims);
    const refreshEnds = Math.min(expiresAt, rotatedAt + rules.lifetimeMs);
    return {
      accessToken: token,
      expiresIn,
      session: {
        refreshToken: codec.write({ session: sessionId, generation }),
        refreshExpiresIn: Math.floor((refreshEnds - clock.now()) / 1000),
        signingKeyId: sessionId,
        signingKey,
      },
    };
  }
}

const reasons = { ended: "its session has ended", unknown: "it is from after the last backup" } as const;

function invalid(why: string): Error {
  return IdentityErrors.REFRESH_INVALID({ why });
}
