import { requestSignature, sameText } from "../../douyin/pay/signature.js";
import { type JsonObject, textField } from "../../json-fields.js";
import { type Handle, jsonBody, type StandinReply } from "../http/exchange.js";
import { type DouyinPlatform, reply } from "./platform.js";

/** Around every ecpay interface: the app and the signature over the values, and answers only of what is on the disk. */
export function ecpay(platform: DouyinPlatform, handle: (body: JsonObject) => StandinReply): Handle {
  const { context, keys } = platform;
  return async (request) => {
    const body = jsonBody(request);
    if (body === undefined) return reply(2010, "the body is no JSON object");
    if (body.app_id !== keys.appId) return reply(2042, "app_id");
    const values = Object.values(body);
    if (!values.every((value) => typeof value === "string" || typeof value === "number")) {
      return reply(2010, "only texts and numbers are taken here");
    }
    const expected = requestSignature(body as Record<string, string | number>, keys.salt);
    if (!sameText(expected, textField(body, "sign") ?? "")) return reply(2008, "the signature is wrong");
    const answer = handle(body);
    await context.store.durable();
    return answer;
  };
}
