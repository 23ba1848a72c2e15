import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { PaymentKind, PaymentService, PaymentStatus } from "@sampan/contracts/payment/v1/payment_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { type Call, type Clock, implement, type Money, type Service } from "@sampan/core";
import { afterToken, pageOf } from "@sampan/data";
import type { PayNotification, PayProvider } from "@sampan/miniprogram";
import { PaymentErrors } from "./domain/errors.js";
import {
  acceptPaid,
  type Payment,
  type PaymentKind as PaymentKindName,
  positive,
  sameRequest,
  tombstone,
} from "./domain/payment.js";
import type { PaymentStore } from "./payment-store.js";
import { bookCharge, refundPayment, voidPayment } from "./refunding.js";

export interface PaymentDeps {
  readonly store: PaymentStore;
  readonly platform: PayProvider;
  readonly clock: Clock;
  /** Where the platform sends its callbacks, asked for when an order is created: the gateway's address may be known late. */
  readonly notifyUrl: () => string;
}

export function paymentService(deps: PaymentDeps): Service {
  const { store, platform, clock } = deps;
  const awaiting = (orderId: string, userId: string, kind: PaymentKindName, amount: Money): Payment => ({
    orderId,
    userId,
    kind,
    status: "awaiting",
    amount,
    charged: 0n,
    refunded: 0n,
    createdAt: clock.now(),
    prepayId: "",
    transactionId: "",
  });
  return implement(PaymentService, {
    async charge({ orderId, userId, amount }, call) {
      const money = positive(amount as Money);
      const payment = await store.change(call, async (change) => {
        const existing = await change.payment(orderId);
        if (existing !== undefined) return sameRequest(existing, userId, "wallet", money);
        const balance = await change.balance(userId, money.currency);
        if (balance < money.amount) {
          throw PaymentErrors.INSUFFICIENT_BALANCE({
            balance: String(balance),
            currency: money.currency,
            amount: String(money.amount),
          });
        }
        const payment = {
          ...awaiting(orderId, userId, "wallet", money),
          status: "paid",
          charged: money.amount,
        } as const;
        await change.addBalance(userId, { amount: -money.amount, currency: money.currency });
        await change.insert(payment);
        await bookCharge(change, payment);
        return payment;
      });
      return { payment: toMessage(payment) };
    },

    async createPayOrder(request, call) {
      const { orderId, userId, description, expiresAt } = request;
      const amount = positive(request.amount as Money);
      let payment = await store.change(call, async (change) => {
        const existing = await change.payment(orderId);
        if (existing !== undefined) return sameRequest(existing, userId, "pay-order", amount);
        const created = awaiting(orderId, userId, "pay-order", amount);
        await change.insert(created);
        return created;
      });
      if (payment.prepayId === "") {
        const { user } = await call.to(UserService).getUser({ userId });
        const { prepayId } = await platform.createOrder(
          {
            outTradeNo: orderId,
            ...amount,
            description,
            payerOpenid: user?.openid ?? "",
            notifyUrl: deps.notifyUrl(),
            expiresAt: expiresAt === undefined ? clock.now() : timestampMs(expiresAt),
          },
          call,
        );
        payment = await store.change(call, async (change) => {
          const current = sameRequest((await change.payment(orderId)) ?? payment, userId, "pay-order", amount);
          const prepared = { ...current, prepayId };
          await change.update(prepared);
          return prepared;
        });
      }
      const parameters = await platform.clientParameters(payment.prepayId);
      return { payment: toMessage(payment), prepayId: payment.prepayId, ...parameters };
    },

    async voidPayment({ orderId, reason }, call) {
      const mark = tombstone(orderId, clock.now());
      call.log.info("a payment is voided", { order: orderId, reason });
      const payment = await voidPayment(deps, orderId, call, (change) => change.insert(mark));
      return payment === undefined ? {} : { payment: toMessage(payment) };
    },

    async refund({ refundId, orderId, amount, reason }, call) {
      const payment = await refundPayment(deps, { refundId, orderId, amount: positive(amount as Money), reason }, call);
      return { payment: toMessage(payment) };
    },

    async getPayment({ orderId }) {
      const payment = await store.payment(orderId);
      if (payment === undefined) throw PaymentErrors.UNKNOWN_PAYMENT({ order: orderId });
      return { payment: toMessage(payment) };
    },

    async handlePayCallback({ body }, call) {
      const headers = Object.fromEntries([...call.metadata].filter(([, value]) => typeof value === "string"));
      const notification = await platform.verifyCallback({
        headers: headers as Record<string, string>,
        rawBody: body?.data ?? new Uint8Array(),
      });
      if (notification.state === "paid") await bookCallback(store, notification, call);
      return { code: "SUCCESS", message: "" };
    },

    async getWallet(_, call) {
      return { balances: await store.balances(call.requireUser().subject) };
    },

    async topUpWallet(request, call) {
      const { userId } = request;
      const amount = positive(request.amount as Money);
      const reference = `${userId}/${request.idempotencyKey}`;
      const balance = await store.change(call, async (change) => {
        if (await change.claim("top-up", reference, request)) {
          await change.addBalance(userId, amount);
          await change.book({ kind: "top-up", reference, orderId: "", userId, amount });
        }
        return change.balance(userId, amount.currency);
      });
      return { balance: { amount: balance, currency: amount.currency } };
    },

    async listPayments({ pageSize, pageToken }) {
      const size = pageSize === 0 ? 50 : pageSize;
      const page = pageOf(await store.list(size + 1, afterToken(pageToken)), size, (payment) => payment.orderId);
      return { payments: page.items.map(toMessage), nextPageToken: page.nextPageToken };
    },

    async getLedger() {
      return { sums: await store.sums() };
    },
  });
}

/** Books a verified callback once; money for an order that is gone is given back by durable work. */
async function bookCallback(store: PaymentStore, paid: PayNotification, call: Call): Promise<void> {
  await store.change(call, async (change) => {
    const payment = await change.payment(paid.outTradeNo);
    if (payment === undefined) throw PaymentErrors.UNKNOWN_PAYMENT({ order: paid.outTradeNo });
    const money = { amount: paid.amount, currency: paid.currency };
    const accepted = acceptPaid(payment, money, paid.transactionId);
    if (!(await change.firstNotification(paid.notificationId)) || accepted === undefined) return;
    await change.update(accepted.payment);
    await bookCharge(change, accepted.payment);
    if (accepted.giveBack) await change.startGivingBack(payment.orderId);
    else await change.publishSettled(accepted.payment);
  });
}

const kinds = { wallet: PaymentKind.WALLET, "pay-order": PaymentKind.PAY_ORDER } as const;
const statuses = { awaiting: PaymentStatus.AWAITING, paid: PaymentStatus.PAID, voided: PaymentStatus.VOIDED } as const;

function toMessage(payment: Payment) {
  const { orderId, userId, amount, transactionId } = payment;
  const { currency } = amount;
  return {
    orderId,
    userId,
    amount,
    transactionId,
    kind: kinds[payment.kind],
    status: statuses[payment.status],
    charged: { amount: payment.charged, currency },
    refunded: { amount: payment.refunded, currency },
    createdAt: timestampFromMs(payment.createdAt),
  };
}
