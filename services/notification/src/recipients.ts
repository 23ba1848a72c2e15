import { PhoneService } from "@sampan/contracts/user/v1/phone_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { type Call, Code, RpcError } from "@sampan/core";
import type { Notice } from "./domain/notice.js";

/** Where a notice goes, and what a log may show of it. */
export type Recipient =
  | { readonly channel: "platform"; readonly openid: string; readonly masked: string }
  | { readonly channel: "sms"; readonly number: string; readonly countryCode: string; readonly masked: string };

/** Undefined when the user cannot be reached by the notice's channel. Rejects when the user service cannot be asked. */
export async function recipientOf(notice: Notice, provider: string, call: Call): Promise<Recipient | undefined> {
  const { userId, channel } = notice;
  try {
    if (channel === "sms") return { channel, ...(await call.to(PhoneService).revealPhone({ userId })) };
    const { user } = await call.to(UserService).getUser({ userId, provider });
    const openid = user?.openid ?? "";
    return openid === "" ? undefined : { channel, openid, masked: maskOpenid(openid) };
  } catch (error) {
    if (RpcError.from(error).code === Code.NotFound) return undefined;
    throw error;
  }
}

/** Enough to compare two of them with each other; a third at most of a short one. */
function maskOpenid(openid: string): string {
  const shown = Math.min(3, Math.floor(openid.length / 6));
  return `${openid.slice(0, shown)}****${shown === 0 ? "" : openid.slice(-shown)}`;
}
