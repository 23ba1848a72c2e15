import type { PaymentService } from "@sampan/contracts/payment/v1/payment_pb.js";
import type { Clock, Implementation } from "@sampan/core";
import { afterToken, pageOf } from "@sampan/data";
import type { BillDays } from "./domain/bill-day.js";
import { PaymentErrors } from "./domain/errors.js";
import {
  differenceMessage,
  irregularityMessage,
  paymentMessage,
  reconciliationMessage,
  refundMessage,
} from "./messages.js";
import type { PaymentStore } from "./payment-store.js";
import type { ReconciliationStore } from "./reconciliation-store.js";

export interface OperatorDeps {
  readonly store: PaymentStore;
  readonly reconciliations: ReconciliationStore;
  readonly clock: Clock;
  readonly days: BillDays;
}

type Methods =
  | "listPayments"
  | "getLedger"
  | "listRefunds"
  | "listIrregularities"
  | "reconcileDay"
  | "listReconciliations"
  | "getReconciliation";

/** Platforms keep bills for three months. */
const longestBackMs = 90 * 86_400_000;

const sizeOf = (pageSize: number): number => (pageSize === 0 ? 50 : pageSize);

/** What operators see and ask for. */
export function operatorMethods(deps: OperatorDeps): Pick<Implementation<typeof PaymentService>, Methods> {
  const { store, reconciliations } = deps;
  return {
    async listPayments({ pageSize, pageToken }) {
      const size = sizeOf(pageSize);
      const page = pageOf(await store.list(size + 1, afterToken(pageToken)), size, ({ orderId }) => orderId);
      return { payments: page.items.map(paymentMessage), nextPageToken: page.nextPageToken };
    },

    async getLedger() {
      return { sums: await store.sums() };
    },

    async listRefunds({ pageSize, pageToken, openOnly }) {
      const size = sizeOf(pageSize);
      const rows = await store.listRefunds(size + 1, afterToken(pageToken), openOnly);
      const page = pageOf(rows, size, ({ refundId }) => refundId);
      return { refunds: page.items.map(refundMessage), nextPageToken: page.nextPageToken };
    },

    async listIrregularities({ pageSize, pageToken }) {
      const size = sizeOf(pageSize);
      const page = pageOf(await store.listIrregularities(size + 1, afterToken(pageToken)), size, ({ id }) => id);
      return { irregularities: page.items.map(irregularityMessage), nextPageToken: page.nextPageToken };
    },

    async reconcileDay({ date }, call) {
      const { to } = deps.days.range(date);
      const today = deps.days.of(deps.clock.now());
      if (date >= today) throw PaymentErrors.DAY_INVALID({ date, why: "it is not over" });
      if (deps.clock.now() - to > longestBackMs) throw PaymentErrors.DAY_INVALID({ date, why: "it is too long ago" });
      const reconciliation = await reconciliations.ask(date, call);
      return { reconciliation: reconciliationMessage(reconciliation) };
    },

    async listReconciliations({ pageSize, pageToken }) {
      const size = sizeOf(pageSize);
      const page = pageOf(await reconciliations.list(size + 1, afterToken(pageToken)), size, ({ day }) => day);
      return { reconciliations: page.items.map(reconciliationMessage), nextPageToken: page.nextPageToken };
    },

    async getReconciliation({ date, pageSize, pageToken }) {
      const reconciliation = await reconciliations.get(date);
      if (reconciliation === undefined) throw PaymentErrors.UNKNOWN_RECONCILIATION({ date });
      const size = sizeOf(pageSize);
      const rows = await reconciliations.differences(reconciliation, size + 1, afterToken(pageToken));
      const page = pageOf(rows, size, ({ no }) => no);
      return {
        reconciliation: reconciliationMessage(reconciliation),
        differences: page.items.map(({ difference }) => differenceMessage(difference)),
        nextPageToken: page.nextPageToken,
      };
    },
  };
}
