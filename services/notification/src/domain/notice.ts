/** What a user is told of an order. */
export type Template = "order_confirmed" | "order_cancelled" | "order_expired" | "order_failed" | "order_refunded";

export const templates: readonly Template[] = [
  "order_confirmed",
  "order_cancelled",
  "order_expired",
  "order_failed",
  "order_refunded",
];

/** A subscribe message of the mini-program platform, or a short message to the user's phone. */
export type Channel = "platform" | "sms";

/**
 * `waiting`: certainly not sent yet, and tried when it is due. `sending` is committed before anybody is asked. A crash, or an
 * answer that never came, leaves `unknown`: it may have been delivered, so it is not sent again, by no channel. The others
 * are ends too: `not-subscribed` when the user allowed no message and there is no other way, `given-up` after the last try.
 */
export type NoticeStatus = "waiting" | "sending" | "sent" | "refused" | "unknown" | "not-subscribed" | "given-up";

/** What the words of a template are filled with, by the names that templates use. */
export type Facts = Readonly<Record<string, string>>;

export interface Origin {
  readonly tenant: string;
  readonly releaseTag: string;
  readonly traceparent: string;
}

export interface Notice {
  readonly noticeId: string;
  readonly userId: string;
  /** What goes on through the work that it causes: for whom, on which release, and the trace to link. */
  readonly origin: Origin;
  readonly orderId: string;
  readonly template: Template;
  readonly facts: Facts;
  readonly status: NoticeStatus;
  readonly channel: Channel;
  /** The registered reason of a refusal; empty otherwise. */
  readonly refusal: string;
  /** Tries that were begun, by any channel, and by the present one since it is the present one. */
  readonly attempts: number;
  readonly tries: number;
  /** When it is next looked at, while it is waiting. */
  readonly dueAt: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** A notice that nobody has tried to send yet. */
export function newNotice(
  about: Pick<Notice, "noticeId" | "userId" | "origin" | "orderId" | "template" | "facts" | "createdAt">,
): Notice {
  return {
    ...about,
    status: "waiting",
    channel: "platform",
    refusal: "",
    attempts: 0,
    tries: 0,
    dueAt: about.createdAt,
  };
}
