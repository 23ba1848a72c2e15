import { createHmac } from "node:crypto";
import type { Call } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";
import { textField } from "../json-fields.js";
import type { Login } from "../provider.js";
import type { ApiRequest, WeChatApi } from "./api.js";
import type { WeChatApp } from "./app-registry.js";

/**
 * Shows that we have a session key without sending it: the HMAC of a text (for these interfaces the empty one), hex. The
 * key of the HMAC is the base64 text of the session key, not the bytes that it stands for.
 */
export function sessionSignature(sessionKey: string, text = ""): string {
  return createHmac("sha256", sessionKey).update(text).digest("hex");
}

/** checkSessionKey: `GET /wxa/checksession`. */
export async function checkSession(
  api: WeChatApi,
  app: WeChatApp,
  openid: string,
  sessionKey: string,
  call: Call,
): Promise<boolean> {
  try {
    await api.withToken(app, { path: "/wxa/checksession", ...signed(openid, sessionKey), repeatable: "always" }, call);
    return true;
  } catch (error) {
    if (MiniProgramErrors.SESSION_INVALID.is(error)) return false;
    throw error;
  }
}

/** resetUserSessionKey: `GET /wxa/resetusersessionkey`. Never twice: the second would reset what the first one gave. */
export async function resetSession(
  api: WeChatApi,
  app: WeChatApp,
  openid: string,
  sessionKey: string,
  call: Call,
): Promise<Login> {
  const answer = await api.withToken(
    app,
    { path: "/wxa/resetusersessionkey", ...signed(openid, sessionKey), repeatable: "when-unsent" },
    call,
  );
  const sessionSecret = textField(answer, "session_key");
  if (sessionSecret === undefined || textField(answer, "openid") !== openid) {
    throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "a new session without session_key, or of another user" });
  }
  return { subject: openid, sessionSecret };
}

function signed(openid: string, sessionKey: string): Pick<ApiRequest, "query" | "alsoSecret"> {
  const signature = sessionSignature(sessionKey);
  return { query: { openid, signature, sig_method: "hmac_sha256" }, alsoSecret: [signature, sessionKey] };
}
