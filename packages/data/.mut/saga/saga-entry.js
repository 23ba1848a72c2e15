import { sql } from "kysely";
import { beginning, decide } from "./saga-decider.js";
import { SagaErrors } from "./saga-errors.js";
import { planOf } from "./saga-plan.js";
import { isLate } from "./saga-progress.js";
import { appendHistory, insertInstance, loadInstance, updateInstance } from "./saga-store.js";
import { circumstances, eventsOf, writeDecision } from "./saga-transition.js";
import { decodeValue, encodeValue } from "./saga-value.js";
import { insertSignal } from "./signal-store.js";
/** Undefined when the saga exists already. */
export async function beginSaga(tx, entry, request) {
    const { saga, id, held, origin } = request;
    const registered = entry.registered.get(saga.name) ?? { saga, plan: planOf(saga) };
    const now = entry.clock.now();
    const state = encodeValue("state", id, request.state, entry.stateBytes);
    const existing = await loadInstance(tx, id);
    if (existing !== undefined) {
        if (existing.saga !== saga.name)
            throw SagaErrors.SAGA_ID_TAKEN({ id, saga: existing.saga });
        return undefined;
    }
    const decision = beginning(registered.plan, circumstances(saga, decodeValue(state), now, entry.random()), held);
    const blank = {
        id,
        saga: saga.name,
        progress: decision.progress,
        state,
        owner: undefined,
        fence: 1,
        origin,
        startedAt: now,
        updatedAt: now,
    };
    const { instance, next } = await writeDecision(tx, registered, entry.holder, blank, decision, state, now, (instance) => insertInstance(tx, instance));
    return { fence: instance.fence, next };
}
export async function signalSaga(tx, entry, request) {
    const { id, event, signalId } = request;
    const payload = encodeValue(`signal ${event}`, id, request.payload ?? null, entry.stateBytes);
    const instance = await loadInstance(tx, id);
    if (instance === undefined)
        return "unknown";
    const { progress } = instance;
    const late = isLate(progress);
    const receivedAt = entry.clock.now();
    const isNew = await insertSignal(tx, { sagaId: id, signalId, event, payload, receivedAt }, late ? "late" : "pending");
    if (!isNew)
        return "duplicate";
    const saga = entry.registered.get(instance.saga)?.saga;
    if (late) {
        await saga?.onLate?.(decodeValue(instance.state), { event, signalId, payload: decodeValue(payload), receivedAt }, tx, instance.origin);
        return "late";
    }
    if (progress.status === "waiting" && saga !== undefined && eventsOf(saga, progress.step).includes(event)) {
        // Due now. In work already, it finds the signal itself.
        await sql `update sampan_saga set due_at = ${receivedAt} where id = ${id} and owner is null`.execute(tx);
    }
    return "delivered";
}
export async function retrySaga(tx, entry, id) {
    const before = await loadInstance(tx, id);
    if (before === undefined)
        throw SagaErrors.SAGA_UNKNOWN({ id });
    const { status } = before.progress;
    const registered = entry.registered.get(before.saga);
    if (status !== "stuck" || registered === undefined)
        throw SagaErrors.SAGA_NOT_STUCK({ id, status });
    const now = entry.clock.now();
    const around = circumstances(registered.saga, decodeValue(before.state), now, 0);
    const { progress, history } = decide(registered.plan, before.progress, { type: "retried" }, around);
    const instance = { ...before, progress, fence: before.fence + 1, updatedAt: now };
    await updateInstance(tx, instance, before.fence);
    await appendHistory(tx, id, history, now, null);
    return instance;
}
//# sourceMappingURL=saga-entry.js.map