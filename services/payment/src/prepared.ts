import { type ClientParameters, MiniProgramErrors } from "@sampan/miniprogram";

/** As the column holds. Vendors name no limit: WeChat's ids have 36 characters, Douyin's a token of any length beside a number. */
export const longestPrepayId = 1024;
/** As the contract says of `client_parameters`. */
const [mostParameters, longestValue] = [16, 2048];

/** The platform's id of an order, as it may be kept. Throws `PLATFORM_ANSWER_INVALID`. */
export function keepablePrepayId(prepayId: string): string {
  if (prepayId !== "" && [...prepayId].length <= longestPrepayId) return prepayId;
  throw unfit(`an order's id of ${prepayId.length} characters, where 1 to ${longestPrepayId} can be kept`);
}

/**
 * What the client pays with, as the contract has it: all of it under the vendor's own names, and WeChat's once more in
 * the fields that were there first. Throws `PLATFORM_ANSWER_INVALID` for more than the contract allows.
 */
export function preparedMessage(parameters: ClientParameters) {
  const values = Object.values(parameters);
  if (values.length > mostParameters) throw unfit(`${values.length} client parameters, above ${mostParameters}`);
  if (values.some((value) => [...value].length > longestValue)) {
    throw unfit(`a client parameter of more than ${longestValue} characters`);
  }
  const { appId = "", timeStamp = "", nonceStr = "", package: prepay = "", signType = "", paySign = "" } = parameters;
  const wechat = { appId, timeStamp, nonceStr, package: prepay, signType, paySign };
  return { ...wechat, clientParameters: { ...parameters } };
}

function unfit(why: string): Error {
  return MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why });
}
