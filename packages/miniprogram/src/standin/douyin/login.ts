import { createHash, randomBytes } from "node:crypto";
import { textField } from "../../json-fields.js";
import { jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import { type DouyinPlatform, reply, route } from "./platform.js";

/** `POST /api/apps/v2/jscode2session` and `POST /api/apps/v2/token`. */
export function sessionRoutes(platform: DouyinPlatform): Route[] {
  return [
    route("/api/apps/v2/jscode2session", -1, -1, (request) => code2Session(request, platform)),
    route("/api/apps/v2/token", -1, -1, (request) => token(request, platform)),
  ];
}

function code2Session(request: StandinRequest, { context, keys }: DouyinPlatform): StandinReply {
  const { store, clock, rules } = context;
  const body = jsonBody(request);
  if (textField(body, "appid") !== keys.appId) return reply(40015, "bad appid");
  if (textField(body, "secret") !== keys.appSecret) return reply(40017, "bad secret");
  const code = textField(body, "code");
  const anonymousCode = textField(body, "anonymous_code");
  const issued = store.state.loginCodes.get(code ?? anonymousCode ?? "");
  if (issued === undefined || issued.used || issued.expiresAt <= clock.now()) {
    return code === undefined ? reply(40019, "bad anonymous code") : reply(40018, `bad code ${code}`);
  }
  const { openid } = issued;
  const user = store.state.users.get(openid);
  const now = clock.now();
  // Without a code of one who is logged in there is no session key, and the id is the device's.
  const sessionKey = code === undefined ? "" : randomBytes(16).toString("base64");
  store.commit({
    type: "login",
    code: code ?? anonymousCode ?? "",
    openid,
    sessionKey,
    expiresAt: now + rules.sessionMs,
  });
  const anonymousOpenid = createHash("sha256").update(`anonymous ${openid}`).digest("base64url");
  return reply(0, "success", {
    data: {
      session_key: sessionKey,
      openid: code === undefined ? "" : openid,
      anonymous_openid: code === undefined ? anonymousOpenid : "",
      unionid: code === undefined ? "" : (user?.unionId ?? ""),
    },
  });
}

const tokenMs = 7_200_000;
/** What a new token leaves to the one before. */
const overlapMs = 300_000;

function token(request: StandinRequest, { context, keys }: DouyinPlatform): StandinReply {
  const { store, clock } = context;
  const body = jsonBody(request);
  if (textField(body, "appid") !== keys.appId) return reply(40015, "bad appid");
  if (textField(body, "secret") !== keys.appSecret) return reply(40017, "bad secret");
  if (textField(body, "grant_type") !== "client_credential") return reply(40020, "bad grant_type");
  const now = clock.now();
  const value = `0801${randomBytes(40).toString("hex")}`;
  store.commit({ type: "tokens-limited", expiresAt: now + overlapMs });
  store.commit({ type: "token", token: value, expiresAt: now + tokenMs });
  return reply(0, "success", { data: { access_token: value, expires_in: tokenMs / 1000 } });
}
