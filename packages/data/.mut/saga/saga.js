const stepName = /^[a-z][a-z0-9-]*$/;
/** An action with its compensation. */
export function step(name, options) {
    return { kind: "step", name, options };
}
/** Waits for a signal or a time. */
export function waitFor(name, options) {
    return { kind: "wait", name, options };
}
/**
 * A saga: steps in order, each with what undoes it. `State` is plain data (JSON and bigint). Step names are kept in the
 * log: steps may be added and removed between releases, a renamed one is another step. Throws `TypeError` for a name that
 * is bad or there twice.
 */
export function defineSaga(options) {
    const names = new Set();
    if (!stepName.test(options.name))
        throw new TypeError(`saga name ${options.name} is not lower-case words and dashes`);
    if (options.steps.length === 0)
        throw new TypeError(`saga ${options.name} has no steps`);
    for (const { name } of options.steps) {
        if (!stepName.test(name))
            throw new TypeError(`step name ${name} of ${options.name} is not lower-case words and dashes`);
        if (names.has(name))
            throw new TypeError(`saga ${options.name} has two steps ${name}`);
        names.add(name);
    }
    return options;
}
//# sourceMappingURL=saga.js.map