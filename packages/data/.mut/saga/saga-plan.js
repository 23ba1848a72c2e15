/** What the decider needs of a definition, with the defaults filled in. */
export function planOf(saga) {
    return {
        steps: saga.steps.map(({ kind, name, options }) => {
            const { retry = {} } = options;
            const compensateRetry = kind === "step" ? options.compensateRetry : undefined;
            return {
                name,
                kind,
                compensates: kind === "step" && options.compensate !== undefined,
                pivot: options.pivot ?? false,
                attempts: retry.attempts ?? 8,
                compensationAttempts: compensateRetry?.attempts ?? 20,
                backoff: { initialMs: retry.initialMs ?? 200, maxMs: retry.maxMs ?? 30_000, factor: retry.factor ?? 2 },
            };
        }),
    };
}
/**
 * The names of all points at which a saga can be interrupted, as `onBoundary` is given them; for crash tests. `-commit` is
 * after the transaction that wrote how the step ended and started what follows.
 */
export function boundariesOf(saga) {
    return saga.steps.flatMap(({ kind, name, options }) => {
        const at = (point) => `${saga.name}/${name}:${point}`;
        if (kind === "wait")
            return [at("before-attend"), at("after-attend-commit")];
        const forward = [at("before-run"), at("after-run"), at("after-commit")];
        if (options.compensate === undefined)
            return forward;
        return [...forward, at("before-compensate"), at("after-compensate"), at("after-compensate-commit")];
    });
}
//# sourceMappingURL=saga-plan.js.map