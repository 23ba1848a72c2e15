import { SagaErrors } from "./saga-errors.js";
import { rpcErrorOf } from "./saga-failure.js";
import { isLate } from "./saga-progress.js";
import { appendHistory } from "./saga-store.js";
import { decodeValue } from "./saga-value.js";
import { nextSignal, takeLate } from "./signal-store.js";
export function circumstances(saga, state, now, random) {
    const find = (name) => saga.steps.find((step) => step.name === name);
    return {
        now,
        random,
        skips: (name) => !(find(name)?.options.when?.(state) ?? true),
        waitUntil(name) {
            const until = find(name).options.until(state);
            if (Number.isNaN(until))
                throw new TypeError(`until of wait step ${name} is not a time`);
            return until;
        },
    };
}
/**
 * Writes a decision inside a transaction: `write` stores the row (an insert, or an update behind the fence), and in the
 * same transaction go the history, the hooks of the saga's end, and the signals that have become late. Throws
 * `SAGA_LEASE_LOST` when `write` finds a newer fence: nothing of it may be written then.
 */
export async function writeDecision(tx, { saga }, holder, before, decision, stateText, now, write) {
    const next = decision.next === "attend" ? await attendOrRest(tx, saga, before.id, decision, now) : decision.next;
    const held = next === "run" || next === "compensate" || next === "attend";
    const instance = {
        ...before,
        // In work the row is due when the lease ends: then another runner may take it.
        progress: { ...decision.progress, dueAt: held ? now + holder.leaseMs : decision.progress.dueAt },
        state: stateText,
        owner: held ? holder.owner : undefined,
        updatedAt: now,
    };
    if (!(await write(instance)))
        throw SagaErrors.SAGA_LEASE_LOST({ id: instance.id });
    const { progress } = instance;
    const error = progress.error ?? progress.failure;
    await appendHistory(tx, instance.id, decision.history, now, error === undefined ? null : JSON.stringify(error));
    if (progress.status === "completed")
        await saga.onCompleted?.(decodeValue(stateText), tx, instance.origin);
    if (progress.status === "compensated") {
        const failure = progress.failure === undefined ? undefined : rpcErrorOf(progress.failure);
        await saga.onCompensated?.(decodeValue(stateText), tx, failure, instance.origin);
    }
    if (isLate(progress) && !isLate(before.progress)) {
        for (const signal of await takeLate(tx, instance.id))
            await saga.onLate?.(decodeValue(stateText), signal, tx, instance.origin);
    }
    return { instance, next };
}
/** A wait step has something to do now, or waits. */
async function attendOrRest(tx, saga, id, { progress }, now) {
    if ((progress.waitUntil ?? Number.POSITIVE_INFINITY) <= now)
        return "attend";
    const signal = await nextSignal(tx, id, eventsOf(saga, progress.step));
    return signal === undefined ? "rest" : "attend";
}
/** The events that a wait step takes. */
export function eventsOf(saga, step) {
    const found = saga.steps.find(({ name }) => name === step);
    return found?.kind === "wait" ? Object.keys(found.options.on) : [];
}
//# sourceMappingURL=saga-transition.js.map