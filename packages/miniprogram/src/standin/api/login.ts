import { randomBytes } from "node:crypto";
import type { StandinContext } from "../context.js";
import { json, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import type { Quota } from "../quota.js";
import { failure } from "./api-reply.js";

/** `GET /sns/jscode2session`. */
export function loginRoutes(context: StandinContext): Route[] {
  const perUser = context.quotas.open("logins-user-minute", context.rules.loginsPerUserPerMinute, 60_000);
  return [
    { method: "GET", path: /^\/sns\/jscode2session$/, handle: (request) => code2Session(request, context, perUser) },
  ];
}

function code2Session(request: StandinRequest, context: StandinContext, perUser: Quota): StandinReply {
  const { keys, store, clock, rules } = context;
  const { query } = request;
  if (!query.get("appid")) return failure(41002, "appid missing");
  if (!query.get("secret")) return failure(41004, "appsecret missing");
  if (!query.get("js_code")) return failure(41008, "missing code");
  if (query.get("grant_type") !== "authorization_code") return failure(40002, "invalid grant_type");
  if (query.get("appid") !== keys.appId) return failure(40013, "invalid appid");
  if (query.get("secret") !== keys.appSecret) return failure(40125, "invalid appsecret");
  const code = query.get("js_code") ?? "";
  const issued = store.state.loginCodes.get(code);
  if (issued === undefined || issued.expiresAt <= clock.now()) return failure(40029, "invalid code");
  if (issued.used) return failure(40163, "code been used");
  const user = store.state.users.get(issued.openid);
  if (user === undefined || user.blocked) return failure(40226, "code blocked");
  if (!perUser.use(user.openid)) return failure(45011, "api minute-quota reach limit");
  // A later login replaces the key: one valid session key a user.
  const sessionKey = randomBytes(16).toString("base64");
  const expiresAt = clock.now() + rules.sessionMs;
  store.commit({ type: "login", code, openid: user.openid, sessionKey, expiresAt });
  return json(200, {
    session_key: sessionKey,
    openid: user.openid,
    ...(user.unionId === "" ? {} : { unionid: user.unionId }),
  });
}
