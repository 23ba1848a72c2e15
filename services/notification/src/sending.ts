import type { OrderChanged } from "@sampan/contracts/order/v1/events_pb.js";
import { OrderStatus } from "@sampan/contracts/order/v1/order_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { type Call, type Clock, Code, type Money, RpcError } from "@sampan/core";
import { type MessageProvider, MiniProgramErrors } from "@sampan/miniprogram";
import { type NoticeStatus, nextAttempt, type Template } from "./domain/notice.js";
import type { NoticeStore } from "./notification-service.js";

export interface SendingDeps {
  readonly store: NoticeStore;
  readonly messages: MessageProvider;
  readonly clock: Clock;
  /** The platform's id of each template. */
  readonly templateIds: Readonly<Record<Template, string>>;
}

/**
 * Tells a user what became of an order, at most once for each event: the attempt is committed before the message is
 * sent. An attempt that was begun and not finished (a crash, no answer) is marked unknown and not repeated.
 */
export async function tellUser(deps: SendingDeps, eventId: string, event: OrderChanged, call: Call): Promise<void> {
  const template = templateOf(event);
  if (template === undefined) return;
  const { user } = await call.to(UserService).getUser({ userId: event.userId });
  const attempt = await deps.store.change(call, async (notices) => {
    const known = await notices.find(eventId);
    const attempt = nextAttempt(known);
    if (attempt === "give-up") await notices.settle(eventId, "unknown", "");
    if (attempt === "begin" && known !== undefined) await notices.settle(eventId, "sending", "");
    if (attempt === "begin" && known === undefined) {
      const { userId, orderId } = event;
      const createdAt = deps.clock.now();
      await notices.insert({ noticeId: eventId, userId, orderId, template, status: "sending", refusal: "", createdAt });
    }
    return attempt;
  });
  if (attempt !== "begin") return;
  const outcome = await send(deps, user?.openid ?? "", template, event, call);
  // Written on a call of its own: the outcome must be kept although this call may just have run out of time.
  await call.runtime.run({ name: "notification/settle", origin: call.origin }, (settling) =>
    deps.store.change(settling, (notices) => notices.settle(eventId, outcome.status, outcome.refusal)),
  );
  if (outcome.status === "waiting") throw outcome.error;
}

/** At a start: attempts of the life before have an outcome that nobody will learn. Returns how many there were. */
export async function settleInterrupted(store: NoticeStore, call: Call): Promise<number> {
  const interrupted = await store.unsettled();
  for (const noticeId of interrupted) await store.change(call, (notices) => notices.settle(noticeId, "unknown", ""));
  return interrupted.length;
}

type Outcome =
  | { readonly status: Exclude<NoticeStatus, "waiting">; readonly refusal: string }
  | { readonly status: "waiting"; readonly refusal: string; readonly error: RpcError };

/** What the platform's refusals mean: some say that nothing was sent and that it is worth trying again. */
const notSentYet = [
  MiniProgramErrors.PLATFORM_UNREACHABLE,
  MiniProgramErrors.PLATFORM_BUSY,
  MiniProgramErrors.RATE_LIMITED,
];

async function send(
  { messages, templateIds }: SendingDeps,
  openid: string,
  template: Template,
  event: OrderChanged,
  call: Call,
): Promise<Outcome> {
  const money = (event.refund?.amount ?? event.total) as Money;
  const data = { character_string1: event.orderId, amount2: decimal(money), phrase3: phrases[template] };
  try {
    await messages.send({ openid, templateId: templateIds[template], data }, call);
    return { status: "sent", refusal: "" };
  } catch (thrown) {
    const error = RpcError.from(thrown);
    if (notSentYet.some((each) => each.is(thrown))) return { status: "waiting", refusal: error.reason, error };
    const lost =
      MiniProgramErrors.PLATFORM_NO_ANSWER.is(thrown) ||
      error.code === Code.DeadlineExceeded ||
      error.code === Code.Canceled ||
      error.code === Code.Internal;
    // A user who did not subscribe is no fault of anybody.
    const about = { order: event.orderId, template, reason: error.reason };
    if (lost) call.log.warn("it is not known whether a message was sent", { ...about, error });
    else call.log.info("a message was refused", about);
    return lost ? { status: "unknown", refusal: "" } : { status: "refused", refusal: error.reason };
  }
}

const phrases: Readonly<Record<Template, string>> = {
  order_confirmed: "已付款",
  order_cancelled: "已取消",
  order_expired: "已过期",
  order_failed: "未成功",
  order_refunded: "已退款",
};

function templateOf(event: OrderChanged): Template | undefined {
  if (event.refund !== undefined) return "order_refunded";
  switch (event.status) {
    case OrderStatus.CONFIRMED:
      return "order_confirmed";
    case OrderStatus.CANCELLED:
      return "order_cancelled";
    case OrderStatus.EXPIRED:
      return "order_expired";
    case OrderStatus.FAILED:
      return "order_failed";
    default:
      return undefined;
  }
}

const symbols: Readonly<Record<string, string>> = { CNY: "¥", GBP: "£", USD: "$", EUR: "€" };

/** `1234` as `¥12.34`: the form that the platform takes for an amount. */
function decimal({ amount, currency }: Money): string {
  const digits = String(amount).padStart(3, "0");
  return `${symbols[currency] ?? ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
