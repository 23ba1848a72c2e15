import type { Saga } from "./saga.js";
import type { Plan } from "./saga-progress.js";
export type AnySaga = Saga<any, any>;
/** What the decider needs of a definition, with the defaults filled in. */
export declare function planOf(saga: AnySaga): Plan;
/**
 * The names of all points at which a saga can be interrupted, as `onBoundary` is given them; for crash tests. `-commit` is
 * after the transaction that wrote how the step ended and started what follows.
 */
export declare function boundariesOf(saga: AnySaga): readonly string[];
//# sourceMappingURL=saga-plan.d.ts.map