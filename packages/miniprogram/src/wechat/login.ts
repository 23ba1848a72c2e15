import type { Call } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";
import { textField } from "../json-fields.js";
import type { Login } from "../provider.js";
import type { WeChatApi } from "./api.js";
import type { WeChatApp } from "./app-registry.js";

/** Codes are short (32 characters today); longer text is not worth a journey. */
export const longestCode = 256;

/**
 * code2Session: `GET /sns/jscode2session`. A code that was sent may be used up, so that it is sent again only when the
 * platform says that it was too busy.
 */
export async function login(api: WeChatApi, app: WeChatApp, code: string, call: Call): Promise<Login> {
  if (code === "" || code.length > longestCode) throw MiniProgramErrors.LOGIN_CODE_INVALID({ platform_code: "none" });
  const { appId, appSecret, secrets } = app;
  const answer = await api.withoutToken(
    secrets,
    {
      path: "/sns/jscode2session",
      query: { appid: appId, secret: appSecret, js_code: code, grant_type: "authorization_code" },
      repeatable: "when-refused",
      alsoSecret: [code],
    },
    call,
  );
  const subject = textField(answer, "openid");
  const sessionSecret = textField(answer, "session_key");
  const unionId = textField(answer, "unionid");
  if (subject === undefined || sessionSecret === undefined) {
    throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "a session without openid or session_key" });
  }
  return { subject, sessionSecret, ...(unionId === undefined ? {} : { unionId }) };
}
