import { type JsonObject, objectField, objectOf, textField } from "../../json-fields.js";
import type { StandinContext } from "../context.js";
import { json, jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import { failure } from "./api-reply.js";
import { fitsKeyword } from "./keyword-forms.js";
import { checkToken } from "./token.js";

/** `POST /cgi-bin/message/subscribe/send`. */
export function messageRoutes(context: StandinContext): Route[] {
  return [
    { method: "POST", path: /^\/cgi-bin\/message\/subscribe\/send$/, handle: (request) => send(request, context) },
  ];
}

function send(request: StandinRequest, context: StandinContext): StandinReply {
  const { store, clock } = context;
  const tokenError = checkToken(request.query.get("access_token") ?? "", context);
  if (tokenError !== 0) return failure(tokenError, "invalid credential, access_token is invalid or not latest");
  const body = jsonBody(request);
  if (body === undefined) return failure(47001, "data format error");
  const openid = textField(body, "touser") ?? "";
  if (!store.state.users.has(openid)) return failure(40003, "invalid openid");
  const templateId = textField(body, "template_id") ?? "";
  const keywords = store.state.templates.get(templateId);
  if (keywords === undefined) return failure(40037, "invalid template_id");
  const state = body.miniprogram_state ?? "formal";
  if (state !== "developer" && state !== "trial" && state !== "formal") {
    return failure(47003, "argument invalid! miniprogram_state invalid");
  }
  const values = readData(objectField(body, "data"), keywords);
  if (typeof values === "string") return failure(47003, `argument invalid! data.${values} invalid`);
  if (store.state.granted(openid, templateId) <= 0) return failure(43101, "user refuse to accept the msg");
  store.commit({
    type: "message",
    openid,
    templateId,
    data: values,
    page: textField(body, "page") ?? "",
    at: clock.now(),
  });
  return json(200, { errcode: 0, errmsg: "ok" });
}

/** The values by keyword, or the name of the first keyword that is missing, too much or of the wrong form. */
function readData(data: JsonObject | undefined, keywords: readonly string[]): Record<string, string> | string {
  const values: Record<string, string> = {};
  for (const keyword of keywords) {
    const value = textField(objectOf(data?.[keyword]), "value");
    if (value === undefined || !fitsKeyword(keyword, value)) return `${keyword}.value`;
    values[keyword] = value;
  }
  return Object.keys(data ?? {}).find((name) => !keywords.includes(name)) ?? values;
}
