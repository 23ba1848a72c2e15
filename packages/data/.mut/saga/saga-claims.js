import { decide } from "./saga-decider.js";
import { loadDue, loadMany, nextDueAt, updateInstance } from "./saga-store.js";
import { circumstances, writeDecision } from "./saga-transition.js";
/**
 * Takes sagas up, in one transaction: those begun here whose transaction has committed, and the longest due ones. A due
 * saga gets a newer fence, so that a runner which held it before can write nothing any more; where that is all there is
 * to it, its next attempt is counted at once. No code of the saga runs here: it could spoil the claims of the others.
 */
export async function claimSagas(tx, request) {
    const { registered, begun, busy, now, limit } = request;
    const taken = [];
    if (begun.size > 0) {
        for (const instance of await loadMany(tx, [...begun.keys()])) {
            const entry = begun.get(instance.id);
            if (entry?.fence === instance.fence && instance.owner === request.holder.owner)
                taken.push({ instance, next: entry.next });
        }
    }
    const names = [...registered.keys()];
    if (limit > 0) {
        for (const instance of await loadDue(tx, names, [...busy, ...begun.keys()], now, limit)) {
            taken.push(await claimOne(tx, instance, request));
        }
    }
    return { taken, nextDue: await nextDueAt(tx, names) };
}
async function claimOne(tx, before, request) {
    const { holder, now } = request;
    const registered = request.registered.get(before.saga);
    const fenced = { ...before, fence: before.fence + 1 };
    const write = (instance) => updateInstance(tx, instance, before.fence);
    const decision = decide(registered.plan, before.progress, { type: "claimed" }, circumstances(registered.saga, undefined, now, 0));
    if (decision.progress.status === before.progress.status && decision.next !== "end") {
        return writeDecision(tx, registered, holder, fenced, decision, before.state, now, write);
    }
    const instance = {
        ...fenced,
        owner: holder.owner,
        progress: { ...before.progress, dueAt: now + holder.leaseMs },
    };
    await write(instance);
    return { instance, next: "claim" };
}
//# sourceMappingURL=saga-claims.js.map