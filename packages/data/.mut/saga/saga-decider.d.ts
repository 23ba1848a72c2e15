import { type StepError } from "./saga-failure.js";
import type { Circumstances, Decision, Plan, Progress } from "./saga-progress.js";
/** What happened to a saga. */
export type SagaEvent = 
/** A runner took it: at first, after a retry's wait, after a crash, for a signal. */
{
    readonly type: "claimed";
} | {
    readonly type: "succeeded";
} | {
    readonly type: "failed";
    readonly error: StepError;
} | {
    readonly type: "compensated";
} | {
    readonly type: "compensation-failed";
    readonly error: StepError;
}
/** A wait step has handled a signal, or the end of its time. */
 | {
    readonly type: "attended";
    readonly how: "signalled" | "timed-out";
    readonly next: "continue" | "fail" | "wait";
    readonly error?: StepError | undefined;
} | {
    readonly type: "attend-failed";
    readonly error: StepError;
}
/** The runner stops in good order: the attempt does not count. */
 | {
    readonly type: "released";
}
/** What follows cannot be written: a hook of the saga throws. */
 | {
    readonly type: "gave-up";
    readonly error: StepError;
}
/** A person wants a stuck saga to go on. */
 | {
    readonly type: "retried";
};
/** A saga at its first step. With `held` a runner has it in work at once, else it waits to be claimed. */
export declare function beginning(plan: Plan, around: Circumstances, held: boolean): Decision;
/**
 * Decides what an event means for a saga. Pure: no I/O, no clock.
 *
 * - Forward: an attempt is counted when it starts. A permanent error, or the last attempt's error, turns the saga back;
 *   after a pivot nothing turns back: every error is retried, and the last one makes it stuck.
 * - Back: the steps that ran, the failed one included because it may have, are compensated in reverse. Every error is
 *   retried, and the last one makes it stuck.
 * - `running` and `compensating` with `next: "rest"` mean: look again at `dueAt`.
 */
export declare function decide(plan: Plan, progress: Progress, event: SagaEvent, around: Circumstances): Decision;
//# sourceMappingURL=saga-decider.d.ts.map