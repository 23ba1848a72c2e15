import { randomBytes } from "node:crypto";
import { type AlipayAnswer, AlipayFailure, type AlipayInterface } from "./gateway.js";
import { type AlipayPlatform, userIdOf } from "./platform.js";

const accessTokenSeconds = 1_296_000;
const refreshTokenSeconds = 2_592_000;

/** alipay.system.oauth.token. A refresh token is a code of its own kind: it works once, and gives the next. */
export function loginInterface(platform: AlipayPlatform): AlipayInterface {
  return {
    method: "alipay.system.oauth.token",
    bare: true,
    handle: (_, { grant_type: grantType, code, refresh_token: refreshToken }) => {
      if (grantType === "authorization_code") return exchange(code ?? "", "isv.code-invalid", platform);
      if (grantType === "refresh_token") {
        return exchange(refreshCode(refreshToken ?? ""), "isv.refresh-token-invalid", platform);
      }
      return new AlipayFailure("40002", "isv.grant-type-invalid", "grant_type");
    },
  };
}

function exchange(code: string, refusal: string, { context }: AlipayPlatform): AlipayAnswer {
  const { store, clock } = context;
  const issued = store.state.loginCodes.get(code);
  if (issued === undefined || issued.used || issued.expiresAt <= clock.now()) {
    return new AlipayFailure("40002", refusal, `invalid, used or expired: ${code}`);
  }
  const { openid } = issued;
  const refreshToken = randomBytes(20).toString("hex");
  // There is no session key; an empty one says so in the journal.
  store.commit({ type: "login", code, openid, sessionKey: "" });
  const createdAt = clock.now();
  const expiresAt = createdAt + refreshTokenSeconds * 1000;
  store.commit({ type: "login-code", code: refreshCode(refreshToken), openid, createdAt, expiresAt });
  return {
    user_id: userIdOf(openid),
    open_id: openid,
    access_token: randomBytes(20).toString("hex"),
    expires_in: String(accessTokenSeconds),
    refresh_token: refreshToken,
    re_expires_in: String(refreshTokenSeconds),
  };
}

/** No authorization code looks like this. */
function refreshCode(refreshToken: string): string {
  return `refresh/${refreshToken}`;
}
