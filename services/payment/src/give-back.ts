import { defineSaga, type Saga, step } from "@sampan/data";
import { giveBackRest, type RefundingDeps } from "./refunding.js";

export interface GiveBackState {
  readonly orderId: string;
}

/** Gives back money that came for an order that was gone already: tried until it works, or visibly stuck. */
export function giveBackSaga<DB>(deps: RefundingDeps): Saga<GiveBackState, DB> {
  return defineSaga<GiveBackState, DB>({
    name: "give-back",
    steps: [
      step("refund", {
        retry: { attempts: 20 },
        async run({ orderId }, call) {
          await giveBackRest(deps, orderId, "paid after the order was closed", call);
        },
      }),
    ],
  });
}
