import { isDeepStrictEqual } from "node:util";
import {
  type BillLine,
  MiniProgramErrors,
  type PayNotification,
  type PayProvider,
  type PayState,
  type RefundNotification,
  type RefundOrder,
  type RefundState,
} from "@sampan/miniprogram";

interface Trade {
  readonly total: bigint;
  readonly currency: string;
  state: PayState;
  paidAt: number | undefined;
  /** Given back, or about to be. */
  refunded: bigint;
}

interface Refunded {
  readonly order: RefundOrder;
  readonly askedAt: number;
  state: RefundState;
}

type PlatformRefund = Awaited<ReturnType<PayProvider["refund"]>>;

/**
 * A pay platform in memory that keeps the books a real one would: what was really paid and given back. A test can let
 * any method fail, before it has an effect or after.
 */
export class FakePlatform implements PayProvider {
  readonly capabilities = { close: true, queryTransaction: true, downloadBill: true, refundCallback: true };
  readonly callbackAnswer = { contentType: "text/x-fake", body: "understood" };
  readonly trades: Map<string, Trade> = new Map();
  readonly refunds: Map<string, Refunded> = new Map();
  /** Names of the methods that were called, in order; asking ones with what they ask for. */
  readonly calls: string[] = [];
  /** What the next calls of a method do: fail at once, or with `after`, when it has taken effect. */
  readonly failures: Map<string, { readonly error: Error; readonly after?: boolean; times: number }> = new Map();
  /** What a new refund is when it is accepted. */
  refundState: RefundState = "succeeded";
  /** The platform's clock. */
  now: () => number = () => 0;
  /** What is done to a bill before it is handed out. */
  readonly tampering: ((lines: BillLine[]) => BillLine[])[] = [];

  fail(method: string, error: Error, options: { readonly after?: boolean; readonly times?: number } = {}): void {
    const { after = false, times = 1 } = options;
    this.failures.set(method, { error, after, times });
  }

  /** The user pays. Gives the callback that the platform would send. */
  pay(outTradeNo: string, notificationId = `EV-${outTradeNo}`): PayNotification {
    const trade = this.#trade(outTradeNo);
    if (trade.state === "closed") throw new Error("the order is closed: the user cannot pay it");
    trade.state = "paid";
    trade.paidAt ??= this.now();
    return this.#notification(outTradeNo, trade, notificationId);
  }

  /** A refund comes to an end, or a step further. Gives the callback that the platform would send. */
  settleRefund(outRefundNo: string, state: RefundState): RefundNotification {
    const refund = this.refunds.get(outRefundNo);
    if (refund === undefined) throw new Error(`there is no refund ${outRefundNo}`);
    const trade = this.#trade(refund.order.outTradeNo);
    if (state === "closed" && refund.state !== "closed") trade.refunded -= refund.order.amount;
    refund.state = state;
    const notificationId = `RF-${outRefundNo}-${state}`;
    return { kind: "refund", notificationId, transactionId: `42-${refund.order.outTradeNo}`, ...this.#refund(refund) };
  }

  createOrder({
    outTradeNo,
    amount,
    currency,
  }: Parameters<PayProvider["createOrder"]>[0]): Promise<{ prepayId: string }> {
    return this.#effect("createOrder", () => {
      if (!this.trades.has(outTradeNo)) {
        this.trades.set(outTradeNo, { total: amount, currency, state: "unpaid", paidAt: undefined, refunded: 0n });
      }
      return { prepayId: `wx-${outTradeNo}` };
    });
  }

  async clientParameters(prepayId: string): ReturnType<PayProvider["clientParameters"]> {
    const package_ = `prepay_id=${prepayId}`;
    return { appId: "wx", timeStamp: "1", nonceStr: "n", package: package_, signType: "RSA", paySign: "signed" };
  }

  query(outTradeNo: string): ReturnType<PayProvider["query"]> {
    return this.#effect("query", () => this.#notification(outTradeNo, this.#trade(outTradeNo), ""), outTradeNo);
  }

  queryTransaction(transactionId: string): ReturnType<PayProvider["queryTransaction"]> {
    return this.query(transactionId.slice("42-".length));
  }

  close(outTradeNo: string): Promise<void> {
    return this.#effect("close", () => {
      const trade = this.trades.get(outTradeNo);
      if (trade === undefined) throw MiniProgramErrors.PAY_NOT_FOUND({ platform_code: "ORDER_NOT_EXIST" });
      if (trade.state === "paid") throw MiniProgramErrors.PAY_ORDER_PAID({ platform_code: "ORDERPAID" });
      trade.state = "closed";
    });
  }

  refund(order: RefundOrder): ReturnType<PayProvider["refund"]> {
    return this.#effect("refund", () => {
      const { outTradeNo, outRefundNo, amount, total, reason = "" } = order;
      const trade = this.#trade(outTradeNo);
      const known = this.refunds.get(outRefundNo);
      const refused = (code: string) => MiniProgramErrors.REFUND_REJECTED({ platform_code: code });
      if (known !== undefined) {
        if (!isDeepStrictEqual(known.order, order)) throw refused("INVALID_REQUEST");
        return this.#refund(known);
      }
      if (Buffer.byteLength(reason) > 80) throw MiniProgramErrors.PAY_REQUEST_INVALID({ platform_code: "PARAM_ERROR" });
      const wrong = trade.state !== "paid" || total !== trade.total || trade.refunded + amount > trade.total;
      if (wrong) throw refused("NOT_ENOUGH");
      trade.refunded += amount;
      const refund = { order, askedAt: this.now(), state: this.refundState };
      this.refunds.set(outRefundNo, refund);
      return this.#refund(refund);
    });
  }

  queryRefund({ outRefundNo }: Parameters<PayProvider["queryRefund"]>[0]): ReturnType<PayProvider["queryRefund"]> {
    const ask = (): PlatformRefund => {
      const refund = this.refunds.get(outRefundNo);
      if (refund === undefined) throw MiniProgramErrors.PAY_NOT_FOUND({ platform_code: "RESOURCE_NOT_EXISTS" });
      return this.#refund(refund);
    };
    return this.#effect("queryRefund", ask, outRefundNo);
  }

  /** The body is the notification as it is; signatures are the provider's own tests. */
  async verifyCallback({
    rawBody,
  }: Parameters<PayProvider["verifyCallback"]>[0]): Promise<PayNotification | RefundNotification> {
    const read = (_: string, value: unknown): unknown =>
      typeof value === "string" && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
    const told = JSON.parse(Buffer.from(rawBody).toString(), read) as PayNotification & { readonly merchant?: string };
    if (told.merchant !== undefined) throw MiniProgramErrors.CALLBACK_WRONG_MERCHANT();
    return told;
  }

  async *downloadBill({ date }: Parameters<PayProvider["downloadBill"]>[0]): AsyncGenerator<BillLine> {
    await this.#effect("downloadBill", () => {}, date);
    const lines = this.tampering.reduce((bill, tamper) => tamper(bill), this.#bill(date));
    if (lines.length === 0) throw MiniProgramErrors.BILL_NOT_FOUND({ platform_code: "NO_STATEMENT_EXIST" });
    yield* lines;
  }

  #bill(date: string): BillLine[] {
    // China's day, as bills count it.
    const inDay = (at: number): boolean => new Date(at + 8 * 3_600_000).toISOString().startsWith(date);
    const lines: BillLine[] = [];
    const common = { payerOpenid: "o-u", feeThousandths: 0n };
    for (const [outTradeNo, { state, paidAt = 0, total: amount, currency }] of this.trades) {
      if (state !== "paid" || !inDay(paidAt)) continue;
      lines.push({
        kind: "payment",
        outTradeNo,
        transactionId: `42-${outTradeNo}`,
        at: paidAt,
        amount,
        currency,
        ...common,
      });
    }
    for (const refund of this.refunds.values()) {
      if (!inDay(refund.askedAt)) continue;
      const transactionId = `42-${refund.order.outTradeNo}`;
      lines.push({ kind: "refund", transactionId, at: refund.askedAt, ...this.#refund(refund), ...common });
    }
    return lines;
  }

  async #effect<T>(method: string, effect: () => T, about?: string): Promise<T> {
    this.calls.push(about === undefined ? method : `${method} ${about}`);
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

  #refund({ order, state }: Refunded): PlatformRefund {
    const { outTradeNo, outRefundNo, amount, currency } = order;
    return { outTradeNo, outRefundNo, amount, currency, refundId: `503${outRefundNo}`, state };
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
      ...(trade.paidAt === undefined ? {} : { paidAt: trade.paidAt }),
    };
  }
}

export function callbackBytes(notification: PayNotification | RefundNotification): Uint8Array {
  const text = JSON.stringify(notification, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
  return Buffer.from(text);
}
