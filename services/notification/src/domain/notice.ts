/** What a user is told of an order. */
export type Template = "order_confirmed" | "order_cancelled" | "order_expired" | "order_failed" | "order_refunded";

/**
 * `waiting`: certainly not sent yet, and tried again. `sending` is committed before the platform is asked. A crash, or an answer that never came, leaves `unknown`: it may
 * have been delivered, so it is not sent again.
 */
export type NoticeStatus = "waiting" | "sending" | "sent" | "refused" | "unknown";

export interface Notice {
  readonly noticeId: string;
  readonly userId: string;
  readonly orderId: string;
  readonly template: Template;
  readonly status: NoticeStatus;
  /** The registered reason of a refusal; empty otherwise. */
  readonly refusal: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** `begin` to send it; `give-up` on an attempt with an unknown outcome; `done`: nothing is left to do. */
export type Attempt = "begin" | "give-up" | "done";

/** What to do about an event, given what is known of its notice. */
export function nextAttempt(notice: Notice | undefined): Attempt {
  if (notice === undefined || notice.status === "waiting") return "begin";
  return notice.status === "sending" ? "give-up" : "done";
}
