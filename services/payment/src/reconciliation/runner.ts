import { type Call, type Clock, RpcError, type Runtime } from "@sampan/core";
import { backoffMs } from "@sampan/data";
import { isRetryable } from "@sampan/miniprogram";
import type { BillDays } from "../domain/bill-day.js";
import type { DifferenceKind } from "../domain/difference.js";
import type { ReconciliationResult, ReconciliationStore, TakenDay } from "../reconciliation-store.js";
import { type ReconcileDeps, reconcile } from "./run.js";

export interface ReconcilingOptions {
  readonly deps: ReconcileDeps & { readonly store: ReconciliationStore };
  readonly runtime: Runtime;
  readonly clock: Clock;
  /** The minute of the day, in the days' own zone, from which the day before is reconciled. */
  readonly atMinute: number;
  /** Told of every run that came to its end. */
  readonly finished: (day: string, counts: ReadonlyMap<DifferenceKind, bigint>) => void;
}

/** Days that were missed, while the service was down, are made up for, so far back. */
const daysBack = 7;

/** A run may take so long, in ms. */
const runMs = 2 * 60 * 60_000;

/** Waits before a day is tried again. */
const backoff = { initialMs: 5 * 60_000, maxMs: 60 * 60_000 };

/** From this attempt on somebody should look into it. */
const worryingAttempts = 6;

/** The days that are to be reconciled by themselves at a moment: yesterday and those missed, not before the first. */
export function dueDays(days: BillDays, atMinute: number, now: number, first: number | undefined): string[] {
  if (first === undefined) return [];
  const today = days.of(now);
  const due: string[] = [];
  for (let back = daysBack; back >= 1; back--) {
    const day = days.after(today, -back);
    if (back === 1 && days.minuteOf(now) < atMinute) continue;
    if (day >= days.of(first)) due.push(day);
  }
  return due;
}

/** Reconciles one day that is due; false when there is none. */
async function reconcileNext(options: ReconcilingOptions, call: Call, stopped: () => boolean): Promise<boolean> {
  const { deps, clock, finished } = options;
  const { store } = deps;
  const { log } = call;
  const taken = await store.take(clock.now(), call);
  if (taken === undefined) return false;
  const { day } = taken;
  try {
    const result = await reconcile(deps, taken, call, stopped);
    await store.finish(taken, result, clock.now(), call);
    finished(day, result.counts);
    report(result, day, call);
  } catch (error) {
    if (stopped()) {
      await putBack(options, taken, clock.now(), "", call);
      return false;
    }
    const { reason, message } = RpcError.from(error);
    const fields = { day, reason, message, attempts: taken.attempts };
    if (reason === "RECONCILIATION_TAKEN_OVER") {
      log.warn("another instance has taken over the reconciliation", fields);
      return true;
    }
    if (taken.attempts >= worryingAttempts || !isRetryable(error)) log.error("a day could not be reconciled", fields);
    else log.warn("a day cannot be reconciled yet; trying again later", fields);
    const dueAt = clock.now() + backoffMs(backoff, taken.attempts, 0.5);
    await putBack(options, taken, dueAt, `${reason} ${message}`.trim(), call);
  }
  return true;
}

/** With a call of its own: the run's may be over. */
async function putBack(
  { deps: { store }, runtime }: ReconcilingOptions,
  taken: TakenDay,
  dueAt: number,
  failure: string,
  call: Call,
): Promise<void> {
  try {
    await runtime.run({ name: "payment/reconcile-later", origin: call.origin }, (own) =>
      store.putBack(taken, dueAt, failure, own),
    );
  } catch (error) {
    // Then whoever looks after the lease has ended takes it up.
    call.log.warn("a reconciliation could not be put back", { day: taken.day, error });
  }
}

function report({ counts, bill, books }: ReconciliationResult, day: string, call: Call): void {
  const differences = [...counts.values()].reduce((sum, count) => sum + count, 0n);
  if (differences === 0n) call.log.info("a day was reconciled without a difference", { day });
  else {
    call.log.error("the books and the platform's bill differ: look into it, nothing was corrected", {
      day,
      differences: String(differences),
      kinds: Object.fromEntries([...counts].map(([kind, count]) => [kind, String(count)])),
      bill: texts(bill),
      books: texts(books),
    });
  }
}

function texts(sides: ReconciliationResult["bill"]): string[] {
  return sides.map(
    ({ currency, payments, paid, refunds, refunded }) => `${payments} +${paid}, ${refunds} -${refunded} ${currency}`,
  );
}

/** What `repeating` does: asks for the days that are due, and reconciles what was asked for. */
export async function reconcileDue(options: ReconcilingOptions, stopped: () => boolean): Promise<void> {
  const { deps, runtime, clock, atMinute } = options;
  const { store } = deps;
  try {
    await runtime.run({ name: "payment/reconcile", timeoutMs: runMs }, async (call) => {
      const due = !deps.platform.capabilities.downloadBill
        ? []
        : dueDays(deps.days, atMinute, clock.now(), await store.firstPaidAt());
      await store.askNew(due, call);
      while (!stopped() && (await reconcileNext(options, call, stopped)));
    });
  } catch (error) {
    runtime.logger.error("days could not be reconciled; trying again later", { error });
  }
}
