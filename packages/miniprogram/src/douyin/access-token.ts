import type { AccessToken } from "../credential-hub/access-token.js";
import { MiniProgramErrors } from "../errors.js";
import { integerField, objectField, textField } from "../json-fields.js";
import type { DouyinApi } from "./api.js";
import type { DouyinConfiguration } from "./configuration.js";
import { loginReasons } from "./douyin-errors.js";

/**
 * The app's access token: `POST /api/apps/v2/token`, two hours. Unlike WeChat's, every fetch gives another one and leaves
 * five minutes to the one before (vendor's page), so instances that share no store end each other's tokens, and then
 * renew them. There is no forced mode.
 */
export async function fetchToken(
  api: DouyinApi,
  { appId, appSecret }: DouyinConfiguration,
  now: number,
): Promise<AccessToken> {
  const answer = await api.exchange({
    path: "/api/apps/v2/token",
    body: { appid: appId, secret: appSecret, grant_type: "client_credential" },
    reasons: loginReasons,
    repeatable: true,
  });
  const data = objectField(answer, "data");
  const value = textField(data, "access_token");
  const seconds = integerField(data, "expires_in");
  if (value === undefined || seconds === undefined || seconds <= 0) {
    throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "a token answer without token or life" });
  }
  return { value, expiresAt: now + seconds * 1000 };
}
