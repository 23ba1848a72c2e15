import type { PaymentService } from "@sampan/contracts/payment/v1/payment_pb.js";
import { type Call, type Implementation, RpcError } from "@sampan/core";
import { MiniProgramErrors, type PayNotification, type RefundNotification } from "@sampan/miniprogram";
import type { RefundingDeps } from "./refunding.js";
import { noteIrregularity, settlePaid, settleRefund, settling } from "./settling.js";

/** Told of each callback that is refused, by its registered reason. */
export type RefusedCallbacks = (reason: string) => void;

export interface CallbackDeps extends RefundingDeps {
  readonly refusedCallbacks: RefusedCallbacks;
}

/** The platform's own word, about a payment or a refund. */
export function callbacks(deps: CallbackDeps): Pick<Implementation<typeof PaymentService>, "handlePayCallback"> {
  const { contentType, body: answer } = deps.platform.callbackAnswer;
  const received = { contentType, data: Buffer.from(answer) };
  return {
    async handlePayCallback({ body }, call) {
      try {
        const headers = Object.fromEntries([...call.metadata].filter(([, value]) => typeof value === "string"));
        const rawBody = body?.data ?? new Uint8Array();
        const told = await deps.platform.verifyCallback({ headers: headers as Record<string, string>, rawBody });
        await takeOver(deps, told, call);
      } catch (thrown) {
        const { reason } = RpcError.from(thrown);
        deps.refusedCallbacks(reason === "" ? "OTHER" : reason);
        // Signed by the platform, so nobody can fill our books with it.
        if (MiniProgramErrors.CALLBACK_WRONG_MERCHANT.is(thrown)) {
          await noteIrregularity(deps.store, call, { orderId: "", source: "callback" }, thrown);
        }
        throw thrown;
      }
      return { code: "SUCCESS", message: "", body: received };
    },
  };
}

/** In one transaction with the notification's id, so that a second delivery finds everything done. */
async function takeOver(
  { store, clock }: RefundingDeps,
  told: PayNotification | RefundNotification,
  call: Call,
): Promise<void> {
  const { kind, outTradeNo: orderId, notificationId: source } = told;
  // Of a payment that did not come about there is nothing to book.
  if (kind === "payment" && told.state !== "paid") return;
  await settling(store, call, { orderId, source }, async (change) => {
    if (!(await change.firstNotification(source))) return;
    if (kind === "payment") await settlePaid(change, told, clock.now());
    else await settleRefund(change, told, clock.now());
  });
}
