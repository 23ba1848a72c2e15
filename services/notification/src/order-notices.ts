import type { OrderChanged } from "@sampan/contracts/order/v1/events_pb.js";
import { OrderStatus } from "@sampan/contracts/order/v1/order_pb.js";
import type { Money } from "@sampan/core";
import { type Notice, newNotice, type Origin, type Template } from "./domain/notice.js";

/** What there is to tell of a change of an order; undefined when it is not the user's business. */
export function noticeOf(
  noticeId: string,
  event: OrderChanged,
  about: { readonly origin: Origin; readonly now: number; readonly timeZone: string },
): Notice | undefined {
  const template = templateOf(event);
  if (template === undefined) return undefined;
  const { origin, now, timeZone } = about;
  const { userId, orderId } = event;
  const facts = {
    order_id: orderId,
    amount: decimal((event.refund?.amount ?? event.total) as Money),
    state: states[template],
    time: localTime(now, timeZone),
  };
  return newNotice({ noticeId, userId, orderId, origin, template, facts, createdAt: now });
}

const states: Readonly<Record<Template, string>> = {
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

/** `2026-11-21 16:50`, as the platforms write times. */
function localTime(at: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    dateStyle: "short",
    timeStyle: "short",
    hourCycle: "h23",
  });
  const [date = "", time = ""] = parts.format(at).split(", ");
  return `${date.split("/").reverse().join("-")} ${time}`;
}
