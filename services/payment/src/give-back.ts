import { defineSaga, type Saga, step } from "@sampan/data";
import type { RefundingDeps } from "./refunding.js";
import { giveBackRest } from "./voiding.js";

export interface GiveBackState {
  readonly orderId: string;
}

/**
 * Gives back money that came for an order that was gone already: tried until the platform has taken the refund, or
 * visibly stuck. It is accepted first: behind a pivot nothing turns back, and a refusal cannot end as "compensated",
 * which would look like a good end.
 */
export function giveBackSaga<DB>(deps: RefundingDeps): Saga<GiveBackState, DB> {
  return defineSaga<GiveBackState, DB>({
    name: "give-back",
    steps: [
      step("accept", { pivot: true, run: async () => {} }),
      step("refund", {
        retry: { attempts: 20 },
        async run({ orderId }, call) {
          await giveBackRest(deps, orderId, call);
        },
      }),
    ],
  });
}
