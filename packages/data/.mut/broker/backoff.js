/**
 * The wait after attempt `attempt` (from 1) failed. Half of it is fixed and half is random ("equal jitter"): work that
 * failed together does not come back together, and no retry comes at once. `random` is in [0, 1).
 */
export function backoffMs(backoff, attempt, random) {
    const full = Math.min(backoff.maxMs, backoff.initialMs * (backoff.factor ?? 2) ** Math.max(0, attempt - 1));
    return Math.round(full / 2 + (full / 2) * random);
}
//# sourceMappingURL=backoff.js.map