import { textField } from "../../json-fields.js";
import type { StandinContext } from "../context.js";
import { json, jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import type { Quota } from "../quota.js";
import { failure } from "./api-reply.js";
import { tokenFailure } from "./token.js";

/** `POST /wxa/business/getuserphonenumber`. */
export function phoneRoutes(context: StandinContext): Route[] {
  const quota = context.quotas.open("phone-numbers-minute", context.rules.phoneNumbersPerMinute, 60_000);
  return [
    {
      method: "POST",
      path: /^\/wxa\/business\/getuserphonenumber$/,
      handle: (request) => phoneNumber(request, context, quota),
    },
  ];
}

function phoneNumber(request: StandinRequest, context: StandinContext, quota: Quota): StandinReply {
  const { store, clock, keys } = context;
  const refused = tokenFailure(request, context);
  if (refused !== undefined) return refused;
  const code = textField(jsonBody(request), "code");
  if (code === undefined) return failure(47001, "data format error");
  if (!quota.use()) return failure(45011, "api minute-quota reach limit");
  const issued = store.state.phoneCodes.get(code);
  if (issued === undefined || issued.expiresAt <= clock.now()) return failure(40029, "invalid code");
  if (issued.used) return failure(40163, "code been used");
  store.commit({ type: "phone-code-used", code });
  return json(200, {
    errcode: 0,
    errmsg: "ok",
    phone_info: {
      phoneNumber: issued.phoneNumber,
      purePhoneNumber: issued.phoneNumber,
      countryCode: "86",
      watermark: { timestamp: Math.floor(clock.now() / 1000), appid: keys.appId },
    },
  });
}
