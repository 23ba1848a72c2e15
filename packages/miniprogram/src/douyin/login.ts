import type { Call } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";
import { objectField, textField } from "../json-fields.js";
import type { Login } from "../provider.js";
import type { DouyinApi } from "./api.js";
import type { DouyinConfiguration } from "./configuration.js";
import { loginReasons } from "./douyin-errors.js";

const longestCode = 256;

/**
 * code2Session: `POST /api/apps/v2/jscode2session`, with the code of `tt.login`, or the anonymous code of one who is not
 * logged in to Douyin; the anonymous one gives another kind of subject. Sent once: a code that was sent may be used up.
 */
export async function login(
  api: DouyinApi,
  configuration: DouyinConfiguration,
  code: string,
  anonymous: boolean,
  call: Call,
): Promise<Login> {
  if (code === "" || code.length > longestCode) throw MiniProgramErrors.LOGIN_CODE_INVALID({ platform_code: "none" });
  const answer = await api.exchange(
    {
      path: "/api/apps/v2/jscode2session",
      body: {
        appid: configuration.appId,
        secret: configuration.appSecret,
        ...(anonymous ? { anonymous_code: code } : { code }),
      },
      reasons: loginReasons,
      repeatable: false,
      alsoSecret: [code],
    },
    call,
  );
  const data = objectField(answer, "data");
  const subject = textField(data, anonymous ? "anonymous_openid" : "openid");
  const sessionSecret = textField(data, "session_key");
  const unionId = textField(data, "unionid");
  if (subject === undefined || (sessionSecret === undefined && !anonymous)) {
    throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "a session without openid or session_key" });
  }
  return {
    subject,
    ...(sessionSecret === undefined ? {} : { sessionSecret }),
    ...(unionId === undefined ? {} : { unionId }),
  };
}
