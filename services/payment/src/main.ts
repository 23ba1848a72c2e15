import { create, toBinary } from "@bufbuild/protobuf";
import { broker, isEntry, platform, run, type ServiceModule, service, sql } from "@sampan/app";
import { PaymentSettledSchema } from "@sampan/contracts/payment/v1/events_pb.js";
import { PaymentStatus } from "@sampan/contracts/payment/v1/payment_pb.js";
import { idempotencySchema, outbox, outboxRelay, outboxSchema, sagaRunner, sagaSchema } from "@sampan/data";
import { giveBackSaga } from "./give-back.js";
import { paymentService } from "./payment-service.js";
import { type PaymentTables, paymentSchema } from "./schema.js";
import { PaymentSettings } from "./settings.js";
import { paymentStore } from "./store.js";

export const payment: ServiceModule = service({
  name: "payment",
  settings: PaymentSettings,
  needs: { sql: sql<PaymentTables>([paymentSchema, idempotencySchema, outboxSchema, sagaSchema]), broker, platform },
  build({ sql, broker, platform, clock, runtime, settings, addressOf, sagaBoundary }) {
    if (platform.pay === undefined)
      throw new Error("the payment service needs a platform with payments: set platform.*");
    const store = paymentStore(sql, clock, (tx, call) => ({
      async publishSettled({ orderId, charged, amount }) {
        const event = create(PaymentSettledSchema, {
          orderId,
          status: PaymentStatus.PAID,
          charged: { amount: charged, currency: amount.currency },
        });
        const payload = toBinary(PaymentSettledSchema, event);
        await outbox.add(tx, { topic: "payment", key: orderId, id: `${orderId}/paid`, payload }, call);
      },
      async startGivingBack(orderId) {
        await sagas.begin(tx, giveBack, { id: `give-back-${orderId}`, state: { orderId } }, call);
      },
    }));
    const giveBack = giveBackSaga<PaymentTables>({ store, platform: platform.pay });
    const sagas = sagaRunner({ sql, runtime, clock, sagas: [giveBack], onBoundary: sagaBoundary });
    const notifyUrl = (): string => {
      if (settings.notifyUrl !== undefined) return settings.notifyUrl.href;
      const url = addressOf("gateway");
      if (url === undefined) throw new Error("payment.notify-url is not set, and no gateway runs in this process");
      return `${url}/v1/pay/callback`;
    };
    return {
      serves: [paymentService({ store, platform: platform.pay, clock, notifyUrl })],
      runs: [outboxRelay({ sql, broker, runtime }), sagas],
    };
  },
});

if (isEntry(import.meta)) await run(payment);
