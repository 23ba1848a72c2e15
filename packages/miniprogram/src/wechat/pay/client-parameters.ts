import type { Clock } from "@sampan/core";
import type { ClientParameters } from "../../pay.js";
import type { PayKeys } from "./pay-configuration.js";
import { clientMessage, nonce, signText } from "./signature.js";

/** What `wx.requestPayment` takes, signed with the merchant's key. */
export async function clientParameters(prepayId: string, keys: PayKeys, clock: Clock): Promise<ClientParameters> {
  const timeStamp = String(Math.floor(clock.now() / 1000));
  const nonceStr = nonce();
  const pack = `prepay_id=${prepayId}`;
  const paySign = await signText(clientMessage(keys.appId, timeStamp, nonceStr, pack), keys.merchantKey);
  return { appId: keys.appId, timeStamp, nonceStr, package: pack, signType: "RSA", paySign };
}
