import { backoffMs } from "./backoff.js";
/**
 * What becomes of a delivery: acknowledged, returned to the queue for a later time, or buried as a dead letter. Pure.
 *
 * An expired delivery returns at once: it has waited for the whole visibility timeout already. A failed one waits for
 * its backoff, and blocks its key meanwhile. An attempt counts from its claim, so that a message that kills the process
 * ends as a dead letter too.
 */
export function settle(claim, outcome, policy, now, random) {
    if (outcome.type === "done")
        return { type: "acknowledge", claim };
    if (outcome.type === "released") {
        return { type: "return", claim, attempt: claim.attempt - 1, dueAt: now, error: "" };
    }
    const { error } = outcome;
    if (claim.attempt >= policy.maxAttempts)
        return { type: "bury", claim, at: now, error };
    const wait = outcome.type === "expired" ? 0 : backoffMs(policy.backoff, claim.attempt, random);
    return { type: "return", claim, attempt: claim.attempt, dueAt: now + wait, error };
}
//# sourceMappingURL=settlement.js.map