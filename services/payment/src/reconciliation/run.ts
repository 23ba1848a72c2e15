import type { Call } from "@sampan/core";
import { type BillLine, MiniProgramErrors, type PayProvider } from "@sampan/miniprogram";
import type { BillDays } from "../domain/bill-day.js";
import { compareLine, type Entry, notOnBill } from "../domain/difference.js";
import { PaymentErrors } from "../domain/errors.js";
import type {
  BookEntry,
  ReconciliationResult,
  ReconciliationStore,
  RunStore,
  TakenDay,
} from "../reconciliation-store.js";
import { DifferenceLog } from "./difference-log.js";
import { keepBill } from "./keep-bill.js";
import { SumsByCurrency } from "./sums.js";

export interface ReconcileDeps {
  readonly store: Pick<ReconciliationStore, "run">;
  readonly platform: PayProvider;
  readonly days: BillDays;
  /** Entries of a page, from 1 to 1000: see `Pages`. */
  readonly pageEntries: number;
}

/** What the steps of one run have in common. */
interface Run {
  readonly day: string;
  readonly days: BillDays;
  readonly store: RunStore;
  readonly log: DifferenceLog;
}

const kinds = ["payment", "refund"] as const;

/**
 * Compares the platform's bill of a day with our books, and our books with themselves. Nothing but the outcome is
 * written, so that a run which is cut off anywhere is repeated from its start and comes to the same. In memory is a page
 * at a time, however long the bill is, and between two pages everybody else has a turn.
 *
 * Rejects with what the download rejects with, `RECONCILIATION_TAKEN_OVER`, and `RECONCILIATION_STOPPED` soon after
 * `stopped` says so.
 */
export async function reconcile(
  deps: ReconcileDeps,
  taken: TakenDay,
  call: Call,
  stopped: () => boolean,
): Promise<ReconciliationResult> {
  const { days, pageEntries } = deps;
  const { day } = taken;
  const range = days.range(day);
  const turn = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    if (stopped()) throw PaymentErrors.RECONCILIATION_STOPPED({ date: day });
  };
  const store = deps.store.run(taken, call, { entries: pageEntries, turn });
  const log = new DifferenceLog(store, pageEntries);
  const run: Run = { day, days, store, log };
  await store.sweep();
  const bill = new SumsByCurrency();
  await keepBill(billOf(deps, day, call), store, bill, pageEntries);
  const books = new SumsByCurrency();
  for (const kind of kinds) await compareBill(run, kind);
  for (const kind of kinds) await compareBooks(run, kind, range, books);
  for await (const page of store.ledgerDifferences(range.from)) {
    for (const difference of page) await log.add(difference);
  }
  await log.flush();
  await store.forgetLines();
  return { bill: bill.list(), books: books.list(), counts: log.counts };
}

async function* billOf({ platform }: ReconcileDeps, date: string, call: Call): AsyncGenerator<BillLine> {
  try {
    yield* platform.downloadBill({ kind: "trade", date }, call);
  } catch (error) {
    // The platform writes no bill of a day without business; a bill that our books expect is told line by line.
    if (!MiniProgramErrors.BILL_NOT_FOUND.is(error)) throw error;
  }
}

/** Every line of the bill, against our books. */
async function compareBill({ days, store, log }: Run, kind: Entry["kind"]): Promise<void> {
  let before = "";
  for await (const page of store.lines(kind)) {
    const ours = await store.entriesOf(kind, [...new Set(page.map(({ reference }) => reference))]);
    const onEitherDay: string[] = [];
    for (const line of page) {
      const entry = ours.get(line.reference);
      const difference = compareLine(entry, line, line.reference === before);
      if (difference !== undefined) await log.add(difference);
      if (entry !== undefined && onTwoDays(entry, days)) onEitherDay.push(entry.reference);
      before = line.reference;
    }
    if (onEitherDay.length > 0) await store.markBilled(kind, onEitherDay);
  }
}

/** Everything of ours that must be on the bill by this day, against the bill. */
async function compareBooks(
  { day, days, store, log }: Run,
  kind: Entry["kind"],
  range: { readonly from: number; readonly to: number },
  sums: SumsByCurrency,
): Promise<void> {
  for await (const page of store.dueEntries(kind, range)) {
    const onBill = await store.billed(
      kind,
      page.map(({ reference }) => reference),
    );
    for (const entry of page) {
      const elsewhere = onTwoDays(entry, days) && entry.billedOn !== "" && entry.billedOn !== day;
      if (elsewhere && !onBill.has(entry.reference)) continue;
      sums.add(entry);
      if (!onBill.has(entry.reference)) await log.add(notOnBill(entry));
    }
  }
}

/** We do not know on which side of midnight the platform moved the money. */
function onTwoDays({ billFrom, billTo }: BookEntry, days: BillDays): boolean {
  return billTo > 0 && days.of(billFrom) !== days.of(billTo);
}
