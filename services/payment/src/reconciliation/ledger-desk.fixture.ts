import {
  DifferenceKind,
  type Reconciliation,
  ReconciliationStatus,
} from "@sampan/contracts/payment/v1/reconciliation_pb.js";
import { createFakeClock } from "@sampan/testkit";
import { money, openTill, type Till, type TillOptions } from "../till.fixture.js";

const hour = 3_600_000;

/** Noon in China, of the day on which the tests begin. */
const noon = Date.parse("2026-11-20T04:00:00Z");

/** What a reconciliation found, as a test writes it. */
export interface Found {
  readonly reconciliation: Reconciliation;
  /** Kind, entry and reference of each difference, sorted: `MISSING_HERE payment o-1`. */
  readonly differences: readonly string[];
}

/** A till whose days are reconciled. */
export interface LedgerDesk extends Till {
  /** The platform's day of now. */
  today(): string;
  /** Closes, and opens again at noon of the next day: to wait for it would be slow. */
  tomorrow(): Promise<LedgerDesk>;
  /** A pay order that is paid, and told of. */
  paid(orderId: string, amount?: bigint): Promise<string>;
  refund(orderId: string, refundId: string, amount: bigint): Promise<unknown>;
  /** Asks for a day and waits for its end. */
  reconcile(day: string): Promise<Found>;
  found(day: string): Promise<Found>;
}

/** No day is reconciled by itself before a minute before midnight, and nothing is asked for: a test does both. */
const calm = { askInterval: hour, askRefundAfter: [24 * hour], reconcileInterval: 10_000, reconcileAt: "23:59" };

export async function openLedgerDesk(options: TillOptions = {}): Promise<LedgerDesk> {
  const { clock = createFakeClock(noon), settings = {} } = options;
  const till = await openTill({ ...options, clock, settings: { ...calm, ...settings } });
  const { call } = till;
  const today = () => new Date(clock.now() + 8 * hour).toISOString().slice(0, 10);
  const found = async (date: string): Promise<Found> => {
    const differences: string[] = [];
    for (let pageToken = ""; ; ) {
      const page = await call((payments) => payments.getReconciliation({ date, pageSize: 3, pageToken }));
      for (const { kind, entry, reference } of page.differences) {
        differences.push(`${DifferenceKind[kind]} ${entry} ${reference}`);
      }
      pageToken = page.nextPageToken;
      const { reconciliation } = page;
      if (reconciliation === undefined) throw new Error(`no reconciliation of ${date}`);
      if (pageToken === "") return { reconciliation, differences: differences.sort() };
    }
  };
  return {
    ...till,
    today,
    found,
    async tomorrow() {
      await till.close({ keep: true });
      const { folder, platform } = till;
      const days = 1 + Math.floor((clock.now() - noon) / (24 * hour));
      return openLedgerDesk({ folder, platform, clock: createFakeClock(noon + days * 24 * hour), settings });
    },
    async paid(orderId, amount = 300n) {
      await till.payOrder(orderId, amount);
      await till.callback(till.platform.pay(orderId));
      return orderId;
    },
    refund: (orderId, refundId, amount) =>
      call((payments) => payments.refund({ refundId, orderId, amount: money(amount) })),
    async reconcile(date) {
      await call((payments) => payments.reconcileDay({ date }));
      const isDone = async () => (await found(date)).reconciliation.status === ReconciliationStatus.DONE;
      await till.wait("the reconciliation", isDone, 5000);
      return found(date);
    },
  };
}
