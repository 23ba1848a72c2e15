import { sql, type Transaction } from "kysely";
import type { Signal } from "./saga.js";
import type { SagaTables, SignalRow } from "./saga-schema.js";
import { decodeValue } from "./saga-value.js";

type Tx = Transaction<SagaTables>;

export interface NewSignal {
  readonly sagaId: string;
  readonly signalId: string;
  readonly event: string;
  readonly payload: string;
  readonly receivedAt: number;
}

/** False when the saga has had a signal of this id. */
export async function insertSignal(tx: Tx, signal: NewSignal, status: "pending" | "late"): Promise<boolean> {
  const { rows } = await sql`
    insert into sampan_saga_signal (saga_id, signal_id, event, payload, received_at, status)
    values (${signal.sagaId}, ${signal.signalId}, ${signal.event}, ${signal.payload}, ${signal.receivedAt}, ${status})
    on conflict (saga_id, signal_id) do nothing returning place`.execute(tx);
  return rows.length > 0;
}

/** The oldest signal of one of these events that nobody has handled, with its place. */
export async function nextSignal(
  tx: Tx,
  sagaId: string,
  events: readonly string[],
): Promise<{ readonly place: bigint; readonly signal: Signal } | undefined> {
  const { rows } = await sql<SignalRow>`
    select * from sampan_saga_signal where saga_id = ${sagaId} and status = 'pending'
      and event in (select value from json_each(${JSON.stringify(events)})) order by place limit 1`.execute(tx);
  return rows[0] === undefined ? undefined : { place: rows[0].place, signal: signalOf(rows[0]) };
}

export async function markHandled(tx: Tx, place: bigint): Promise<void> {
  await sql`update sampan_saga_signal set status = 'handled' where place = ${place}`.execute(tx);
}

/** All that nobody has handled, in order of arrival: they are late from now on. */
export async function takeLate(tx: Tx, sagaId: string): Promise<readonly Signal[]> {
  const { rows } = await sql<SignalRow>`
    select * from sampan_saga_signal where saga_id = ${sagaId} and status = 'pending' order by place`.execute(tx);
  if (rows.length > 0) {
    await sql`update sampan_saga_signal set status = 'late' where saga_id = ${sagaId} and status = 'pending'`.execute(
      tx,
    );
  }
  return rows.map(signalOf);
}

function signalOf(row: SignalRow): Signal {
  const { event, signal_id: signalId } = row;
  return { event, signalId, payload: decodeValue(row.payload), receivedAt: Number(row.received_at) };
}
