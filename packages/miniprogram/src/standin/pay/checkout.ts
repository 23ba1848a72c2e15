import { randomBytes, randomInt } from "node:crypto";
import { type JsonObject, objectField, textField } from "../../json-fields.js";
import { clientMessage, verifyBytes } from "../../wechat/pay/signature.js";
import type { StandinContext } from "../context.js";
import type { Delivery, Payment } from "../state/pay-events.js";
import type { Order } from "../state/pay-state.js";
import type { Tamper } from "./callback-message.js";
import type { Callbacks } from "./callbacks.js";
import type { PlatformCrypto } from "./merchant-route.js";
import { paymentNotice } from "./notices.js";
import { canBePaidUntil } from "./transaction.js";

/** Why the user could not pay; the client shows it. */
export interface CheckoutRefusal {
  readonly refused:
    | "NO_SUCH_ORDER"
    | "PREPAY_EXPIRED"
    | "BAD_PAY_SIGN"
    | "ORDERPAID"
    | "ORDER_CLOSED"
    | "ORDER_EXPIRED"
    | "USER_BLOCKED";
}

/** What happens on the user's phone after `wx.requestPayment`. */
export class Checkout {
  readonly #context: StandinContext;
  readonly #crypto: PlatformCrypto;
  readonly #callbacks: Callbacks;

  constructor(context: StandinContext, crypto: PlatformCrypto, callbacks: Callbacks) {
    this.#context = context;
    this.#crypto = crypto;
    this.#callbacks = callbacks;
  }

  /** The order that a request names: by `prepayId`, or by `clientParameters`, whose `paySign` is checked as a phone would. */
  async find(body: JsonObject | undefined): Promise<Order | CheckoutRefusal> {
    const parameters = objectField(body, "clientParameters");
    let prepayId = textField(body, "prepayId") ?? "";
    if (parameters !== undefined) {
      const pack = textField(parameters, "package") ?? "";
      if (!(await this.#signed(parameters, pack))) return { refused: "BAD_PAY_SIGN" };
      prepayId = pack.slice("prepay_id=".length);
    }
    const order = this.#context.store.state.pay.ordersByPrepayId.get(prepayId);
    if (order === undefined) return { refused: "NO_SUCH_ORDER" };
    // A newer prepay id took its place.
    return order.prepayId === prepayId ? order : { refused: "PREPAY_EXPIRED" };
  }

  /** The user pays. Returns after the payment is on the disk and its first callback was answered, or not. */
  async pay(order: Order, tamper: Tamper = {}): Promise<Delivery | CheckoutRefusal> {
    const { store, clock, rules } = this.#context;
    if (order.payment !== undefined) return { refused: "ORDERPAID" };
    if (order.closed) return { refused: "ORDER_CLOSED" };
    const now = clock.now();
    if (canBePaidUntil(order, rules) <= now) return { refused: "ORDER_EXPIRED" };
    if (order.preparedAt + rules.prepayMs <= now) return { refused: "PREPAY_EXPIRED" };
    if (store.state.users.get(order.openid)?.blocked) return { refused: "USER_BLOCKED" };
    const payment: Payment = {
      outTradeNo: order.outTradeNo,
      transactionId: `42000${String(randomInt(2 ** 47)).padStart(23, "0")}`,
      notificationId: `EV-${randomBytes(16).toString("hex")}`,
      paidAt: now,
    };
    store.commit({ type: "paid", ...payment });
    const notice = paymentNotice(order, this.#context);
    if (notice === undefined) throw new Error("an order that was just paid is not paid");
    return this.#callbacks.deliver(notice, tamper);
  }

  /** The user goes back without paying. The order stays payable. */
  refuse(order: Order): void {
    this.#context.store.commit({ type: "user-refused", outTradeNo: order.outTradeNo });
  }

  async #signed(parameters: JsonObject, pack: string): Promise<boolean> {
    const { keys } = this.#context;
    const text = (name: string): string => textField(parameters, name) ?? "";
    if (text("appId") !== keys.appId || text("signType") !== "RSA" || !pack.startsWith("prepay_id=")) return false;
    const message = clientMessage(keys.appId, text("timeStamp"), text("nonceStr"), pack);
    return verifyBytes(Buffer.from(message), text("paySign"), this.#crypto.merchantKey);
  }
}
