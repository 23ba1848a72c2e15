import type { Notice, NoticeStatus } from "./notice.js";
import type { Remains } from "./subscription.js";

/** What a try came to. */
export type Outcome =
  | { readonly kind: "sent" }
  /** It may have been delivered, or not. */
  | { readonly kind: "unknown"; readonly reason: string; readonly code: string }
  /** Certainly not sent, and the same may work later; not before `leastMs` have passed. */
  | { readonly kind: "later"; readonly reason: string; readonly code: string; readonly leastMs: number }
  /** Certainly not sent, and never will be this way. */
  | { readonly kind: "refused"; readonly because: Because; readonly reason: string; readonly code: string };

/** Whether it is the user's choice, the recipient whom the channel cannot reach, or our own mistake in the message. */
export type Because = "not-subscribed" | "recipient" | "message";

export interface RetryRules {
  /** Tries of one channel. */
  readonly maxTries: number;
  /** The wait after the first; it doubles with each further one. */
  readonly initialMs: number;
  readonly maxMs: number;
}

/** What becomes of a notice, and of the permission that the try has taken. */
export interface Next {
  readonly status: NoticeStatus;
  readonly channel: Notice["channel"];
  readonly refusal: string;
  readonly tries: number;
  readonly dueAt: number;
  readonly remains: Remains;
}

export interface Circumstances {
  readonly now: number;
  /** The template has a short message for those who cannot be reached by the platform. */
  readonly hasSms: boolean;
  readonly rules: RetryRules;
  /** In [0, 1), for the jitter. */
  readonly random: number;
}

/**
 * After a try that has been counted in `notice.tries`. A short message takes over only where it is certain that the platform
 * delivered nothing, and not for a mistake of ours, which would cost money each time until somebody corrects it.
 */
export function afterTry(notice: Notice, outcome: Outcome, { now, hasSms, rules, random }: Circumstances): Next {
  const { channel, tries } = notice;
  const end = (status: NoticeStatus, refusal: string, remains: Remains): Next => ({
    status,
    channel,
    refusal,
    tries,
    dueAt: 0,
    remains,
  });
  switch (outcome.kind) {
    case "sent":
      return end("sent", "", "used");
    case "unknown":
      return end("unknown", "", "used");
    case "later": {
      if (tries >= rules.maxTries) return end("given-up", outcome.reason, "returned");
      const full = Math.min(rules.maxMs, rules.initialMs * 2 ** Math.min(tries - 1, 30));
      const waitMs = Math.max(outcome.leastMs, Math.round(full / 2 + (full / 2) * random));
      return { ...end("waiting", outcome.reason, "returned"), dueAt: now + waitMs };
    }
    case "refused": {
      const remains = outcome.because === "not-subscribed" ? "none" : "returned";
      if (channel === "platform" && hasSms && outcome.because !== "message")
        return { status: "waiting", channel: "sms", refusal: outcome.reason, tries: 0, dueAt: now, remains };
      return end(outcome.because === "not-subscribed" ? "not-subscribed" : "refused", outcome.reason, remains);
    }
  }
}
