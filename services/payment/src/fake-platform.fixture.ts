import { isDeepStrictEqual } from "node:util";
import {
  MiniProgramErrors,
  type PayNotification,
  type PayProvider,
  type RefundOrder,
  type RefundState,
} from "@sampan/miniprogram";

interface Trade {
  readonly total: bigint;
  readonly currency: string;
  state: "unpaid" | "paid" | "closed";
  refunded: bigint;
}

/**
 * A pay platform in memory that keeps the books a real one would: what was really paid and given back. A test can let
 * any method fail, before it has an effect or after.
 */
export class FakePlatform implements PayProvider {
  readonly trades: Map<string, Trade> = new Map();
  readonly refunds: Map<string, RefundOrder> = new Map();
  /** Names of the methods that were called, in order. */
  readonly calls: string[] = [];
  /** What the next calls of a method do: fail at once, or with `after`, when it has taken effect. */
  readonly failures: Map<string, { readonly error: Error; readonly after?: boolean; times: number }> = new Map();
  refundState: RefundState = "succeeded";

  fail(method: string, error: Error, options: { readonly after?: boolean; readonly times?: number } = {}): void {
    const { after = false, times = 1 } = options;
    this.failures.set(method, { error, after, times });
  }

  /** The user pays. Gives the callback that the platform would send. */
  pay(outTradeNo: string, notificationId = `EV-${outTradeNo}`): PayNotification {
    const trade = this.#trade(outTradeNo);
    if (trade.state === "closed") throw new Error("the order is closed: the user cannot pay it");
    trade.state = "paid";
    return this.#notification(outTradeNo, trade, notificationId);
  }

  createOrder({
    outTradeNo,
    amount,
    currency,
  }: Parameters<PayProvider["createOrder"]>[0]): Promise<{ prepayId: string }> {
    return this.#effect("createOrder", () => {
      if (!this.trades.has(outTradeNo)) {
        this.trades.set(outTradeNo, { total: amount, currency, state: "unpaid", refunded: 0n });
      }
      return { prepayId: `wx-${outTradeNo}` };
    });
  }

  async clientParameters(prepayId: string): ReturnType<PayProvider["clientParameters"]> {
    const package_ = `prepay_id=${prepayId}`;
    return { appId: "wx", timeStamp: "1", nonceStr: "n", package: package_, signType: "RSA", paySign: "signed" };
  }

  query(outTradeNo: string): ReturnType<PayProvider["query"]> {
    return this.#effect("query", () => this.#notification(outTradeNo, this.#trade(outTradeNo), ""));
  }

  close(outTradeNo: string): Promise<void> {
    return this.#effect("close", () => {
      const trade = this.trades.get(outTradeNo);
      if (trade === undefined) throw MiniProgramErrors.PAY_NOT_FOUND({ platform_code: "ORDER_NOT_EXIST" });
      if (trade.state === "paid") throw MiniProgramErrors.PAY_ORDER_PAID({ platform_code: "ORDERPAID" });
      trade.state = "closed";
    });
  }

  refund(refund: RefundOrder): ReturnType<PayProvider["refund"]> {
    return this.#effect("refund", () => {
      const { outTradeNo, outRefundNo, amount, currency, total, reason = "" } = refund;
      const trade = this.#trade(outTradeNo);
      const known = this.refunds.get(outRefundNo);
      const refused = (code: string) => MiniProgramErrors.REFUND_REJECTED({ platform_code: code });
      if (known !== undefined && !isDeepStrictEqual(known, refund)) throw refused("INVALID_REQUEST");
      if (Buffer.byteLength(reason) > 80) throw MiniProgramErrors.PAY_REQUEST_INVALID({ platform_code: "PARAM_ERROR" });
      if (known === undefined) {
        const wrong = trade.state !== "paid" || total !== trade.total || trade.refunded + amount > trade.total;
        if (wrong) throw refused("NOT_ENOUGH");
        trade.refunded += amount;
        this.refunds.set(outRefundNo, refund);
      }
      return { outTradeNo, outRefundNo, amount, currency, refundId: `503${outRefundNo}`, state: this.refundState };
    });
  }

  queryRefund(): ReturnType<PayProvider["queryRefund"]> {
    return Promise.reject(new Error("nobody asks for refunds in this way"));
  }

  /** The body is the notification as it is; signatures are the provider's own tests. */
  async verifyCallback({ rawBody }: Parameters<PayProvider["verifyCallback"]>[0]): Promise<PayNotification> {
    const read = (_: string, value: unknown): unknown =>
      typeof value === "string" && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
    return JSON.parse(Buffer.from(rawBody).toString(), read) as PayNotification;
  }

  async #effect<T>(method: string, effect: () => T): Promise<T> {
    this.calls.push(method);
    const failure = this.failures.get(method);
    if (failure !== undefined && --failure.times === 0) this.failures.delete(method);
    if (failure !== undefined && failure.after !== true) throw failure.error;
    await new Promise((resolve) => setImmediate(resolve));
    const result = effect();
    if (failure !== undefined) throw failure.error;
    return result;
  }

  #trade(outTradeNo: string): Trade {
    const trade = this.trades.get(outTradeNo);
    if (trade === undefined) throw MiniProgramErrors.PAY_NOT_FOUND({ platform_code: "ORDER_NOT_EXIST" });
    return trade;
  }

  #notification(outTradeNo: string, trade: Trade, notificationId: string): PayNotification {
    return {
      kind: "payment",
      notificationId,
      outTradeNo,
      state: trade.state,
      transactionId: `42-${outTradeNo}`,
      amount: trade.total,
      currency: trade.currency,
    };
  }
}

export function callbackBytes(notification: PayNotification): Uint8Array {
  const text = JSON.stringify(notification, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
  return Buffer.from(text);
}
