import { timestampMs } from "@bufbuild/protobuf/wkt";
import { PaymentService } from "@sampan/contracts/payment/v1/payment_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { implement, type Money, type Service } from "@sampan/core";
import { type CallbackDeps, callbacks } from "./callbacks.js";
import { PaymentErrors } from "./domain/errors.js";
import { askAt } from "./domain/inquiry.js";
import {
  type Payment,
  type PaymentKind as PaymentKindName,
  positive,
  sameRequest,
  tombstone,
} from "./domain/payment.js";
import { paymentMessage } from "./messages.js";
import { type OperatorDeps, operatorMethods } from "./operator-methods.js";
import { keepablePrepayId, preparedMessage } from "./prepared.js";
import { refundPayment } from "./refunding.js";
import { bookCharge } from "./settling.js";
import { voidPayment } from "./voiding.js";

export interface PaymentDeps extends CallbackDeps, OperatorDeps {}

export function paymentService(deps: PaymentDeps): Service {
  const { store, platform, clock } = deps;
  const awaiting = (orderId: string, userId: string, kind: PaymentKindName, amount: Money, expiresAt = 0): Payment => ({
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
    expiresAt,
    billing: undefined,
  });
  return implement(PaymentService, {
    ...callbacks(deps),
    ...operatorMethods(deps),

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
      return { payment: paymentMessage(payment) };
    },

    async createPayOrder(request, call) {
      const { orderId, userId, description, expiresAt } = request;
      const amount = positive(request.amount as Money);
      const now = clock.now();
      const expires = expiresAt === undefined ? now : timestampMs(expiresAt);
      let payment = await store.change(call, async (change) => {
        const existing = await change.payment(orderId);
        if (existing !== undefined) return sameRequest(existing, userId, "pay-order", amount);
        const created = awaiting(orderId, userId, "pay-order", amount, expires);
        await change.insert(created);
        const due = askAt(deps.times.payOrder, 0, now, expires);
        const inquiry = { reference: orderId, since: now, askAt: due, asks: 0, tenant: call.tenant };
        await change.inquire({ kind: "pay-order", ...inquiry });
        return created;
      });
      if (payment.prepayId === "") {
        const notifyUrl = deps.notifyUrl();
        if (notifyUrl === undefined)
          throw new Error("payment.notify-url is not set, and no gateway runs in this process");
        const { user } = await call.to(UserService).getUser({ userId });
        const { prepayId } = await platform.createOrder(
          {
            outTradeNo: orderId,
            ...amount,
            description,
            payerOpenid: user?.openid ?? "",
            notifyUrl,
            expiresAt: expires,
          },
          call,
        );
        payment = await store.change(call, async (change) => {
          const current = sameRequest((await change.payment(orderId)) ?? payment, userId, "pay-order", amount);
          const prepared = { ...current, prepayId: keepablePrepayId(prepayId) };
          await change.update(prepared);
          return prepared;
        });
      }
      const prepared = preparedMessage(await platform.clientParameters(payment.prepayId));
      return { payment: paymentMessage(payment), prepayId: payment.prepayId, ...prepared };
    },

    async voidPayment({ orderId, reason }, call) {
      const mark = tombstone(orderId, clock.now());
      call.log.info("a payment is voided", { order: orderId, reason });
      const payment = await voidPayment(deps, orderId, call, (change) => change.insert(mark));
      return payment === undefined ? {} : { payment: paymentMessage(payment) };
    },

    async refund({ refundId, orderId, amount, reason }, call) {
      const payment = await refundPayment(deps, { refundId, orderId, amount: positive(amount as Money), reason }, call);
      return { payment: paymentMessage(payment) };
    },

    async getPayment({ orderId }) {
      const payment = await store.payment(orderId);
      if (payment === undefined) throw PaymentErrors.UNKNOWN_PAYMENT({ order: orderId });
      return { payment: paymentMessage(payment) };
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
  });
}
