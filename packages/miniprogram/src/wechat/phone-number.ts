import type { Call } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";
import { objectField, textField } from "../json-fields.js";
import type { PhoneNumber } from "../provider.js";
import type { WeChatApi } from "./api.js";
import type { CodeReasons } from "./api-errors.js";
import type { WeChatApp } from "./app-registry.js";
import { longestCode } from "./login.js";

/** 40013 here says that the code is one of another app. */
const reasons: CodeReasons = {
  40013: "PHONE_CODE_INVALID",
  40029: "PHONE_CODE_INVALID",
  40163: "PHONE_CODE_INVALID",
  41008: "PHONE_CODE_INVALID",
};

/** getPhoneNumber: `POST /wxa/business/getuserphonenumber`. The code comes from the phone button, and works once. */
export async function phoneNumber(api: WeChatApi, app: WeChatApp, code: string, call: Call): Promise<PhoneNumber> {
  if (code === "" || code.length > longestCode) throw MiniProgramErrors.PHONE_CODE_INVALID({ platform_code: "none" });
  const answer = await api.withToken(
    app,
    {
      path: "/wxa/business/getuserphonenumber",
      body: { code },
      repeatable: "when-refused",
      reasons,
      alsoSecret: [code],
    },
    call,
  );
  const info = objectField(answer, "phone_info");
  const number = textField(info, "phoneNumber");
  const purePhoneNumber = textField(info, "purePhoneNumber");
  // Older pages show the country code as a number.
  const countryCode = String(info?.countryCode ?? "");
  if (number === undefined || !/^[0-9]{4,20}$/.test(purePhoneNumber ?? "") || !/^[0-9]{1,4}$/.test(countryCode)) {
    throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "a phone answer without a number" });
  }
  if (textField(objectField(info, "watermark"), "appid") !== app.appId) {
    throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "a phone number for another app" });
  }
  return { phoneNumber: number, purePhoneNumber: purePhoneNumber as string, countryCode };
}
