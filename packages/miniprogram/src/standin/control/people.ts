import { randomBytes } from "node:crypto";
import { integerField, textField } from "../../json-fields.js";
import type { StandinContext } from "../context.js";
import { json, jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import type { Pushes } from "../push/pushes.js";
import { codeLife, lifeProblem } from "./code-life.js";
import { wrong } from "./control-reply.js";

/** Users, what their phones give to the mini program, and what they allow. */
export function peopleRoutes(context: StandinContext, pushes: Pushes): Route[] {
  return [
    { method: "POST", path: /^\/_control\/users$/, handle: (request) => createUser(request, context) },
    { method: "POST", path: /^\/_control\/users\/([^/]+)\/block$/, handle: (r, [id = ""]) => block(r, id, context) },
    { method: "POST", path: /^\/_control\/login-codes$/, handle: (request) => issueCode(request, context) },
    { method: "POST", path: /^\/_control\/subscriptions$/, handle: (request) => grant(request, context, pushes) },
    { method: "POST", path: /^\/_control\/templates$/, handle: (request) => addTemplate(request, context) },
    { method: "GET", path: /^\/_control\/messages$/, handle: (request) => messages(request, context) },
  ];
}

const openidForm = /^[0-9A-Za-z_-]{1,128}$/;

function createUser(request: StandinRequest, context: StandinContext): StandinReply {
  const body = jsonBody(request);
  if (body === undefined) return wrong("the body is a JSON object, sent as application/json");
  const openid = textField(body, "openid") ?? newOpenid();
  if (!openidForm.test(openid)) return wrong("openid has 1 to 128 of 0-9 a-z A-Z _ -");
  const unionId = textField(body, "unionId") ?? "";
  if (context.store.state.users.has(openid)) return json(409, { error: "the user exists" });
  context.store.commit({ type: "user", openid, unionId });
  return json(201, { openid, unionId });
}

/** What `wx.login` gives. An openid that is not known becomes a user. With a `lifeMs` of 0 the code has expired. */
function issueCode(request: StandinRequest, context: StandinContext): StandinReply {
  const { store, clock, rules } = context;
  const body = jsonBody(request);
  if (body === undefined) return wrong("the body is a JSON object, sent as application/json");
  const openid = textField(body, "openid") ?? newOpenid();
  if (!openidForm.test(openid)) return wrong("openid has 1 to 128 of 0-9 a-z A-Z _ -");
  const lifeMs = codeLife(body, rules.loginCodeMs);
  if (lifeMs === undefined) return wrong(lifeProblem(rules.loginCodeMs));
  if (!store.state.users.has(openid)) store.commit({ type: "user", openid, unionId: "" });
  const code = `0${randomBytes(16).toString("hex").slice(1)}`;
  const createdAt = clock.now();
  const expiresAt = createdAt + lifeMs;
  store.commit({ type: "login-code", code, openid, createdAt, expiresAt });
  return json(201, { code, openid, expiresAt });
}

function block(request: StandinRequest, openid: string, context: StandinContext): StandinReply {
  const blocked = jsonBody(request)?.blocked;
  if (typeof blocked !== "boolean") return wrong("blocked is true or false");
  if (!context.store.state.users.has(openid)) return json(404, { error: "no such user" });
  context.store.commit({ type: "blocked", openid, blocked });
  return json(200, { openid, blocked });
}

/** What a user's yes to `wx.requestSubscribeMessage` does: one message of the template for each. */
function grant(request: StandinRequest, context: StandinContext, pushes: Pushes): StandinReply {
  const { state } = context.store;
  const body = jsonBody(request);
  const openid = textField(body, "openid") ?? "";
  const templateId = textField(body, "templateId") ?? "";
  const count = body?.count === undefined ? 1 : (integerField(body, "count") ?? 0);
  if (!state.users.has(openid)) return json(404, { error: "no such user" });
  if (!state.templates.has(templateId)) return json(404, { error: "no such template" });
  if (count < 1 || count > 1000) return wrong("count is 1 to 1000");
  context.store.commit({ type: "grant", openid, templateId, count });
  const accepted = { TemplateId: templateId, SubscribeStatusString: "accept", PopupScene: "0" };
  pushes.tell({ openid, event: "subscribe_msg_popup_event", fields: { List: [accepted] } });
  return json(200, { openid, templateId, granted: state.granted(openid, templateId) });
}

function addTemplate(request: StandinRequest, context: StandinContext): StandinReply {
  const body = jsonBody(request);
  const templateId = textField(body, "templateId");
  const keywords = body?.keywords;
  if (templateId === undefined || !Array.isArray(keywords) || keywords.length === 0) {
    return wrong("templateId and keywords are needed");
  }
  if (!keywords.every((keyword) => typeof keyword === "string" && /^[a-z_]+[0-9]*$/.test(keyword))) {
    return wrong("keywords look like thing1");
  }
  context.store.commit({ type: "template", templateId, keywords });
  return json(200, { templateId, keywords });
}

function messages(request: StandinRequest, context: StandinContext): StandinReply {
  const openid = request.query.get("openid") ?? "";
  return json(200, { messages: context.store.state.messages.get(openid) ?? [] });
}

function newOpenid(): string {
  return `o${randomBytes(20).toString("base64url")}`;
}
