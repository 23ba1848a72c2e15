import { failureOf, instanceOf, snapshotOf } from "./saga-instance.js";
export async function readHistory(db, id) {
    const rows = await db.selectFrom("sampan_saga_history").selectAll().where("saga_id", "=", id).orderBy("entry").execute();
    return rows.map((row) => ({
        at: Number(row.at),
        step: row.step,
        event: row.event,
        attempt: Number(row.attempt),
        error: failureOf(row.error),
    }));
}
export async function listInstances(db, status, limit) {
    let query = db.selectFrom("sampan_saga").selectAll().orderBy("updated_at", "desc").limit(limit);
    if (status !== undefined)
        query = query.where("status", "=", status);
    return (await query.execute()).map((row) => snapshotOf(instanceOf(row)));
}
//# sourceMappingURL=saga-queries.js.map