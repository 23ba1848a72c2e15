import { randomBytes } from "node:crypto";
import { integerField, textField } from "../../json-fields.js";
import type { StandinContext } from "../context.js";
import { wrong } from "../control/control-reply.js";
import { json, jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";

/** A vendor's users, what their phones give to the mini program, and what they allow: as the other control routes. */
export function vendorPeopleRoutes(context: StandinContext): Route[] {
  return [
    { method: "POST", path: /^\/_control\/users$/, handle: (request) => createUser(request, context) },
    { method: "POST", path: /^\/_control\/users\/([^/]+)\/block$/, handle: (r, [id = ""]) => block(r, id, context) },
    { method: "POST", path: /^\/_control\/login-codes$/, handle: (request) => issueCode(request, context) },
    { method: "POST", path: /^\/_control\/subscriptions$/, handle: (request) => grant(request, context) },
    { method: "POST", path: /^\/_control\/templates$/, handle: (request) => addTemplate(request, context) },
    { method: "GET", path: /^\/_control\/messages$/, handle: (request) => messages(request, context) },
  ];
}

const openidForm = /^[0-9A-Za-z_-]{1,128}$/;

function createUser(request: StandinRequest, { store }: StandinContext): StandinReply {
  const body = jsonBody(request);
  const openid = textField(body, "openid") ?? newOpenid();
  if (!openidForm.test(openid)) return wrong("openid has 1 to 128 of 0-9 a-z A-Z _ -");
  const unionId = textField(body, "unionId") ?? "";
  if (store.state.users.has(openid)) return json(409, { error: "the user exists" });
  store.commit({ type: "user", openid, unionId });
  return json(201, { openid, unionId });
}

/** What `my.getAuthCode` or `tt.login` gives. An openid that is not known becomes a user. */
function issueCode(request: StandinRequest, { store, clock, rules }: StandinContext): StandinReply {
  const openid = textField(jsonBody(request), "openid") ?? newOpenid();
  if (!openidForm.test(openid)) return wrong("openid has 1 to 128 of 0-9 a-z A-Z _ -");
  if (!store.state.users.has(openid)) store.commit({ type: "user", openid, unionId: "" });
  const code = randomBytes(16).toString("hex");
  const createdAt = clock.now();
  const expiresAt = createdAt + rules.loginCodeMs;
  store.commit({ type: "login-code", code, openid, createdAt, expiresAt });
  return json(201, { code, openid, expiresAt });
}

function block(request: StandinRequest, openid: string, { store }: StandinContext): StandinReply {
  const blocked = jsonBody(request)?.blocked;
  if (typeof blocked !== "boolean") return wrong("blocked is true or false");
  if (!store.state.users.has(openid)) return json(404, { error: "no such user" });
  store.commit({ type: "blocked", openid, blocked });
  return json(200, { openid, blocked });
}

function grant(request: StandinRequest, { store }: StandinContext): StandinReply {
  const body = jsonBody(request);
  const openid = textField(body, "openid") ?? "";
  const templateId = textField(body, "templateId") ?? "";
  const count = body?.count === undefined ? 1 : (integerField(body, "count") ?? 0);
  if (!store.state.users.has(openid)) return json(404, { error: "no such user" });
  if (!store.state.templates.has(templateId)) return json(404, { error: "no such template" });
  if (count < 1 || count > 1000) return wrong("count is 1 to 1000");
  store.commit({ type: "grant", openid, templateId, count });
  return json(200, { openid, templateId, granted: store.state.granted(openid, templateId) });
}

/** Keywords are the vendor's own words, such as `keyword1` or `物品名称`. */
function addTemplate(request: StandinRequest, { store }: StandinContext): StandinReply {
  const body = jsonBody(request);
  const templateId = textField(body, "templateId");
  const keywords = body?.keywords;
  if (templateId === undefined || !Array.isArray(keywords) || keywords.length === 0) {
    return wrong("templateId and keywords are needed");
  }
  if (!keywords.every((keyword) => typeof keyword === "string" && keyword !== "")) return wrong("keywords are texts");
  store.commit({ type: "template", templateId, keywords });
  return json(200, { templateId, keywords });
}

function messages(request: StandinRequest, { store }: StandinContext): StandinReply {
  return json(200, { messages: store.state.messages.get(request.query.get("openid") ?? "") ?? [] });
}

function newOpenid(): string {
  return randomBytes(24).toString("base64url").replaceAll(/[-_]/g, "0");
}
