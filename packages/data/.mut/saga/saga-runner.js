import { systemClock } from "@sampan/core";
import { atRest, Waiters } from "./reached.js";
import { SagaErrors } from "./saga-errors.js";
import { beginSaga, retrySaga, signalSaga } from "./saga-entry.js";
import { snapshotOf } from "./saga-instance.js";
import { planOf } from "./saga-plan.js";
import { listInstances, readHistory } from "./saga-queries.js";
import { loadInstance } from "./saga-store.js";
import { SagaWork } from "./saga-work.js";
/** Throws `TypeError` when two sagas have one name. */
export function sagaRunner(options) {
    const { runtime, clock = systemClock, random = Math.random } = options;
    // The saga tables are in the same database; the service's types need not know them.
    const sql = options.sql;
    const holder = { owner: options.owner ?? runtime.name, leaseMs: options.leaseMs ?? 30_000 };
    const registered = new Map();
    for (const saga of options.sagas) {
        if (registered.has(saga.name))
            throw new TypeError(`two sagas are called ${saga.name}`);
        registered.set(saga.name, { saga, plan: planOf(saga) });
    }
    const waiters = new Waiters();
    const stateBytes = options.stateBytes ?? 256 * 1024;
    const transaction = (work) => runtime.run({ name: "saga/write", timeoutMs: Number.POSITIVE_INFINITY }, (call) => sql.transaction(call, work));
    const onBoundary = options.onBoundary ?? (() => { });
    const work = new SagaWork({
        runtime,
        clock,
        random,
        holder,
        stateBytes,
        transaction,
        registered,
        logger: options.logger ?? runtime.logger,
        concurrency: options.concurrency ?? 32,
        retentionMs: options.retentionMs ?? 90 * 24 * 60 * 60 * 1000,
        boundary: async (point) => onBoundary(point),
        changed: (instance) => waiters.changed(instance),
    });
    const entry = { registered, holder, clock, random, stateBytes };
    return {
        start: () => work.start(),
        stop: (graceMs = 10_000) => work.stop(graceMs),
        async begin(tx, saga, { id, state }, call) {
            const held = work.reserve();
            try {
                const begun = await beginSaga(tx, entry, { saga, id, state, origin: call.origin, held });
                if (begun === undefined)
                    return false;
                if (held)
                    work.begun(id, begun);
                else
                    work.wake();
                return true;
            }
            finally {
                if (held)
                    work.unreserve();
            }
        },
        async signal(tx, signal) {
            const send = (tx) => signalSaga(tx, entry, signal);
            const answer = tx === undefined ? await transaction(send) : await send(tx);
            if (answer === "delivered")
                work.wake();
            return answer;
        },
        async reached(id, call, satisfied) {
            // Listens before it looks, so that nothing falls between.
            const reached = waiters.wait(id, call, (instance, snapshot) => (satisfied === undefined ? atRest(instance, clock.now()) : satisfied(snapshot)));
            reached.catch(() => { });
            const instance = await loadInstance(sql.read, id);
            if (instance === undefined)
                throw SagaErrors.SAGA_UNKNOWN({ id });
            waiters.changed(instance);
            return reached;
        },
        async get(id) {
            const instance = await loadInstance(sql.read, id);
            return instance === undefined ? undefined : snapshotOf(instance);
        },
        history: (id) => readHistory(sql.read, id),
        list: (filter) => listInstances(sql.read, filter?.status, filter?.limit ?? 100),
        async retry(id) {
            const instance = await transaction((tx) => retrySaga(tx, entry, id));
            work.wake();
            return snapshotOf(instance);
        },
    };
}
//# sourceMappingURL=saga-runner.js.map