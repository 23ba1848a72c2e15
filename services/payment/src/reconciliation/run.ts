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
}

/** What the steps of one run have in common. */
interface Run {
  readonly day: string;
  readonly days: BillDays;
  readonly store: RunStore;
  readonly log: DifferenceLog;
  /** Throws when the process stops; called between two pages. */
  readonly goOn: () => void;
}

const kinds = ["payment", "refund"] as const;

/**
 * Compares the platform's bill of a day with our books, and our books with themselves. Nothing but the outcome is
 * written, so that a run which is cut off anywhere is repeated from its start and comes to the same. In memory are some
 * hundred lines at a time, however many the bill has.
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
  const { days } = deps;
  const { day } = taken;
  const range = days.range(day);
  const store = deps.store.run(taken, call);
  const goOn = (): void => {
    if (stopped()) throw PaymentErrors.RECONCILIATION_STOPPED({ date: day });
  };
  const log = new DifferenceLog(store);
  const run: Run = { day, days, store, log, goOn };
  goOn();
  await store.sweep();
  const bill = new SumsByCurrency();
  await keepBill(billOf(deps, day, call), store, bill, goOn);
  const books = new SumsByCurrency();
  for (const kind of kinds) await compareBill(run, kind);
  for (const kind of kinds) await compareBooks(run, kind, range, books);
  goOn();
  for await (const difference of store.ledgerDifferences(range.from)) await log.add(difference);
  goOn();
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
async function compareBill({ days, store, log, goOn }: Run, kind: Entry["kind"]): Promise<void> {
  let before = "";
  for await (const page of store.lines(kind)) {
    goOn();
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
  { day, days, store, log, goOn }: Run,
  kind: Entry["kind"],
  range: { readonly from: number; readonly to: number },
  sums: SumsByCurrency,
): Promise<void> {
  for await (const page of store.dueEntries(kind, range)) {
    goOn();
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
