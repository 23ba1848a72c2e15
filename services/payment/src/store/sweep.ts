import { sql as raw, type Transaction } from "kysely";
import type { PaymentTables } from "../schema.js";
import type { WriteOfRun } from "./run-fence.js";

type Tx = Transaction<PaymentTables>;

/** Deletes the kept bills of a day, of whatever run, a page in each transaction: everybody else waits for a write. */
export function sweepBills(day: string, entries: number, write: WriteOfRun): Promise<void> {
  return repeatedly(write, async (tx) => {
    const first = await tx.selectFrom("bill_line").select("run").where("day", "=", day).limit(1).executeTakeFirst();
    if (first === undefined) return false;
    const { run } = first;
    const end = await tx
      .selectFrom("bill_line")
      .select(["kind", "reference", "line_no"])
      .where("day", "=", day)
      .where("run", "=", run)
      .orderBy("kind")
      .orderBy("reference")
      .orderBy("line_no")
      .offset(entries)
      .limit(1)
      .executeTakeFirst();
    let piece = tx.deleteFrom("bill_line").where("day", "=", day).where("run", "=", run);
    if (end !== undefined) {
      piece = piece.where(raw<boolean>`(kind, reference, line_no) < (${end.kind}, ${end.reference}, ${end.line_no})`);
    }
    await piece.execute();
    return true;
  });
}

/** Deletes the differences of a day but for those of two runs, a page in each transaction. */
export function sweepDifferences(
  day: string,
  keep: bigint,
  shown: bigint,
  entries: number,
  write: WriteOfRun,
): Promise<void> {
  let after = -1n;
  return repeatedly(write, async (tx) => {
    // Goes from run to run: to look for a row that is not of these two would read all that are, each time.
    const first = await tx
      .selectFrom("difference")
      .select(["run", "no"])
      .where("day", "=", day)
      .where("run", ">", after)
      .orderBy("run")
      .orderBy("no")
      .limit(1)
      .executeTakeFirst();
    if (first === undefined) return false;
    const { run, no } = first;
    if (run === keep || run === shown) {
      after = run;
      return true;
    }
    await tx
      .deleteFrom("difference")
      .where("day", "=", day)
      .where("run", "=", run)
      .where("no", "<", no + BigInt(entries))
      .execute();
    return true;
  });
}

/** Until there is nothing left to do. */
async function repeatedly(write: WriteOfRun, work: (tx: Tx) => Promise<boolean>): Promise<void> {
  for (let more = true; more; ) {
    await write(async (tx) => {
      more = await work(tx);
    });
  }
}
