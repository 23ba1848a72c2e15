import { create, toBinary } from "@bufbuild/protobuf";
import { broker, isEntry, platform, run, type ServiceModule, service, sql } from "@sampan/app";
import { PaymentSettledSchema } from "@sampan/contracts/payment/v1/events_pb.js";
import { PaymentStatus } from "@sampan/contracts/payment/v1/payment_pb.js";
import { idempotencySchema, outbox, outboxRelay, outboxSchema, sagaRunner, sagaSchema } from "@sampan/data";
import { billDays, minutesOfDay, offsetMinutes } from "./domain/bill-day.js";
import { giveBackSaga } from "./give-back.js";
import { askDue } from "./inquiries.js";
import { paymentMetrics } from "./metrics.js";
import { paymentService } from "./payment-service.js";
import { reconcileDue } from "./reconciliation/runner.js";
import { repeating } from "./repeating.js";
import { type PaymentTables, paymentSchema } from "./schema.js";
import { PaymentSettings } from "./settings.js";
import { reconciliationStore } from "./store/reconciliation-days.js";
import { paymentStore } from "./store.js";

export const payment: ServiceModule = service({
  name: "payment",
  settings: PaymentSettings,
  needs: { sql: sql<PaymentTables>([paymentSchema, idempotencySchema, outboxSchema, sagaSchema]), broker, platform },
  build({ sql, broker, platform: { pay }, clock, runtime, meter, settings, addressOf, sagaBoundary }) {
    if (pay === undefined) throw new Error("the payment service needs a platform with payments: set platform.*");
    const metrics = paymentMetrics(meter, clock);
    const days = billDays(offsetMinutes(settings.billZone));
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
      async startGivingBack(orderId, id) {
        await sagas.begin(tx, giveBack, { id: `give-back-${id}`, state: { orderId } }, call);
      },
    }));
    const notifyUrl = (): string | undefined => {
      if (settings.notifyUrl !== undefined) return settings.notifyUrl.href;
      const url = addressOf("gateway");
      return url === undefined ? undefined : `${url}/v1/pay/callback`;
    };
    const times = { payOrder: settings.askPaymentAfter, refund: settings.askRefundAfter };
    const deps = { store, platform: pay, clock, times, notifyUrl, asking: new Map() };
    const giveBack = giveBackSaga<PaymentTables>(deps);
    const sagas = sagaRunner({ sql, runtime, clock, sagas: [giveBack], onBoundary: sagaBoundary });
    const reconciliations = reconciliationStore(sql, clock);
    const measure = async () => metrics.waiting(await store.waiting());
    const asking = askDue({ deps, runtime, measure });
    const reconciling = {
      deps: { store: reconciliations, platform: pay, days, pageEntries: settings.reconcilePage },
      runtime,
      clock,
      atMinute: minutesOfDay(settings.reconcileAt),
      finished: metrics.reconciled,
    };
    return {
      serves: [paymentService({ ...deps, reconciliations, days, refusedCallbacks: metrics.refusedCallback })],
      runs: [
        outboxRelay({ sql, broker, runtime }),
        sagas,
        repeating(clock, settings.askInterval, asking),
        repeating(clock, settings.reconcileInterval, (stopped) => reconcileDue(reconciling, stopped)),
      ],
    };
  },
});

if (isEntry(import.meta)) await run(payment);
