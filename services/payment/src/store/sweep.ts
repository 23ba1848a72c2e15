import { sql as raw, type Transaction } from "kysely";
import type { PaymentTables } from "../schema.js";

/** Rows deleted at a time: a bill may be long, and everybody else waits for a write. */
const batch = 1000n;

type Tx = Transaction<PaymentTables>;
type Write = (work: (tx: Tx) => Promise<void>) => Promise<void>;

/** Deletes the kept bills of a day, of whatever run. */
export function sweepBills(day: string, write: Write): Promise<void> {
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
      .offset(Number(batch))
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

/** Deletes the differences of a day but for those of two runs. */
export function sweepDifferences(day: string, keep: bigint, shown: bigint, write: Write): Promise<void> {
  return repeatedly(write, async (tx) => {
    const first = await tx
      .selectFrom("difference")
      .select(["run", "no"])
      .where("day", "=", day)
      .where("run", "not in", [keep, shown])
      .orderBy("run")
      .orderBy("no")
      .limit(1)
      .executeTakeFirst();
    if (first === undefined) return false;
    const { run, no } = first;
    await tx
      .deleteFrom("difference")
      .where("day", "=", day)
      .where("run", "=", run)
      .where("no", "<", no + batch)
      .execute();
    return true;
  });
}

/** Until there is nothing left to do. */
async function repeatedly(write: Write, work: (tx: Tx) => Promise<boolean>): Promise<void> {
  for (let more = true; more; ) {
    await write(async (tx) => {
      more = await work(tx);
    });
  }
}
