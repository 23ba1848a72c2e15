import type { Call } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";
import { textField } from "../json-fields.js";
import type { Login } from "../provider.js";
import type { WeChatApi } from "./api.js";
import type { WeChatConfiguration } from "./configuration.js";

/** Codes are short (32 characters today); longer text is not worth a journey. */
const longestCode = 256;

/** code2Session: `GET /sns/jscode2session`. Sent once: a code that was sent may be used up. */
export async function login(
  api: WeChatApi,
  configuration: WeChatConfiguration,
  code: string,
  call: Call,
): Promise<Login> {
  if (code === "" || code.length > longestCode) throw MiniProgramErrors.LOGIN_CODE_INVALID({ platform_code: "none" });
  const query = new URLSearchParams({
    appid: configuration.appId,
    secret: configuration.appSecret,
    js_code: code,
    grant_type: "authorization_code",
  });
  const answer = await api.exchange({ method: "GET", path: `/sns/jscode2session?${query}`, repeatable: false }, call, [
    code,
  ]);
  const subject = textField(answer, "openid");
  const sessionSecret = textField(answer, "session_key");
  const unionId = textField(answer, "unionid");
  if (subject === undefined || sessionSecret === undefined) {
    throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "a session without openid or session_key" });
  }
  return { subject, sessionSecret, ...(unionId === undefined ? {} : { unionId }) };
}
