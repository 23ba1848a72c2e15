import { createCipheriv, randomBytes, randomInt } from "node:crypto";
import { integerField, objectField, textField } from "../../json-fields.js";
import { openDataSignature } from "../../wechat/open-data.js";
import { hasSession } from "../api/session.js";
import type { StandinContext } from "../context.js";
import { json, jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import { codeLife, lifeProblem } from "./code-life.js";
import { wrong } from "./control-reply.js";

/** What a user's phone gets from the platform besides login codes: phone button codes and open data. */
export function sessionControlRoutes(context: StandinContext): Route[] {
  return [
    { method: "POST", path: /^\/_control\/phone-codes$/, handle: (request) => issuePhoneCode(request, context) },
    { method: "POST", path: /^\/_control\/open-data$/, handle: (request) => openData(request, context) },
    {
      method: "POST",
      path: /^\/_control\/users\/([^/]+)\/session\/end$/,
      handle: (_, [openid = ""]) => endSession(openid, context),
    },
  ];
}

/** What the phone button gives: a code that is no login code. With a `lifeMs` of 0 it has expired. */
function issuePhoneCode(request: StandinRequest, context: StandinContext): StandinReply {
  const { store, clock, rules } = context;
  const body = jsonBody(request);
  const openid = textField(body, "openid") ?? "";
  const phoneNumber = textField(body, "phoneNumber") ?? `138${randomInt(10_000_000, 99_999_999)}`;
  if (!store.state.users.has(openid)) return json(404, { error: "no such user" });
  if (!/^[0-9]{11}$/.test(phoneNumber)) return wrong("phoneNumber has 11 digits");
  const lifeMs = codeLife(body, rules.phoneCodeMs);
  if (lifeMs === undefined) return wrong(lifeProblem(rules.phoneCodeMs));
  const code = randomBytes(32).toString("hex");
  const createdAt = clock.now();
  const expiresAt = createdAt + lifeMs;
  store.commit({ type: "phone-code", code, openid, phoneNumber, createdAt, expiresAt });
  return json(201, { code, phoneNumber, expiresAt });
}

/** The session key ends before its time, as when the user uninstalls, or another login replaces it. */
function endSession(openid: string, context: StandinContext): StandinReply {
  const user = context.store.state.users.get(openid);
  if (user === undefined) return json(404, { error: "no such user" });
  context.store.commit({ type: "session", openid, sessionKey: user.sessionKey, expiresAt: context.clock.now() });
  return json(200, { openid });
}

/** What `wx.getUserInfo` and its like give to the mini program: readable and signed, and encrypted. */
function openData(request: StandinRequest, context: StandinContext): StandinReply {
  const { store, clock, keys } = context;
  const body = jsonBody(request);
  const user = store.state.users.get(textField(body, "openid") ?? "");
  if (user === undefined) return json(404, { error: "no such user" });
  if (!hasSession(user, context)) return json(409, { error: "the user has no session" });
  const tamper = objectField(body, "tamper");
  const data = { nickName: "Band", ...objectField(body, "data") };
  const rawData = JSON.stringify(data);
  const watermark = {
    timestamp: Math.floor(clock.now() / 1000) - (integerField(tamper, "ageSeconds") ?? 0),
    appid: textField(tamper, "appId") ?? keys.appId,
  };
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-128-cbc", Buffer.from(user.sessionKey, "base64"), iv);
  const plain = JSON.stringify({ openId: user.openid, ...data, watermark });
  return json(200, {
    rawData,
    signature: openDataSignature(rawData, user.sessionKey),
    encryptedData: Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]).toString("base64"),
    iv: iv.toString("base64"),
  });
}
