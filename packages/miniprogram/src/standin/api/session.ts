import { randomBytes } from "node:crypto";
import { sessionSignature } from "../../wechat/session.js";
import type { StandinContext } from "../context.js";
import { json, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import type { User } from "../state/state.js";
import { failure } from "./api-reply.js";
import { tokenFailure } from "./token.js";

/** `GET /wxa/checksession` and `GET /wxa/resetusersessionkey`. */
export function sessionRoutes(context: StandinContext): Route[] {
  return [
    { method: "GET", path: /^\/wxa\/checksession$/, handle: (request) => check(request, context) },
    { method: "GET", path: /^\/wxa\/resetusersessionkey$/, handle: (request) => reset(request, context) },
  ];
}

/** Whether the user has a session, and it has not ended. */
export function hasSession(user: User, context: StandinContext): boolean {
  return user.sessionKey !== "" && user.sessionExpiresAt > context.clock.now();
}

function check(request: StandinRequest, context: StandinContext): StandinReply {
  const user = signedUser(request, context);
  return "status" in user ? user : json(200, { errcode: 0, errmsg: "ok" });
}

/** A new key that ends when the old one would have. */
function reset(request: StandinRequest, context: StandinContext): StandinReply {
  const user = signedUser(request, context);
  if ("status" in user) return user;
  const sessionKey = randomBytes(16).toString("base64");
  const { openid, sessionExpiresAt } = user;
  const expiry = Number.isFinite(sessionExpiresAt) ? { expiresAt: sessionExpiresAt } : {};
  context.store.commit({ type: "session", openid, sessionKey, ...expiry });
  return json(200, { errcode: 0, errmsg: "ok", openid, session_key: sessionKey });
}

/** The user whose present session key made the signature, or what is wrong. */
function signedUser(request: StandinRequest, context: StandinContext): User | StandinReply {
  const { query } = request;
  const refused = tokenFailure(request, context);
  if (refused !== undefined) return refused;
  const user = context.store.state.users.get(query.get("openid") ?? "");
  if (user === undefined) return failure(40003, "invalid openid");
  if (query.get("sig_method") !== "hmac_sha256") return failure(87007, "invalid sig_method");
  const valid = hasSession(user, context) && query.get("signature") === sessionSignature(user.sessionKey);
  return valid ? user : failure(87009, "invalid signature");
}
