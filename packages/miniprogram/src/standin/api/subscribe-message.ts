import { type JsonObject, objectField, objectOf, textField } from "../../json-fields.js";
import { keywordProblem } from "../../wechat/keyword-forms.js";
import { pageProblem } from "../../wechat/message-check.js";
import type { StandinContext } from "../context.js";
import { json, jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import type { Pushes } from "../push/pushes.js";
import type { Quota } from "../quota.js";
import { failure } from "./api-reply.js";
import { tokenFailure } from "./token.js";

/** `POST /cgi-bin/message/subscribe/send`. */
export function messageRoutes(context: StandinContext, pushes: Pushes): Route[] {
  const quota = context.quotas.open("messages-day", context.rules.messagesPerDay, 86_400_000);
  return [
    {
      method: "POST",
      path: /^\/cgi-bin\/message\/subscribe\/send$/,
      handle: (request) => send(request, context, pushes, quota),
    },
  ];
}

const states: readonly unknown[] = ["developer", "trial", "formal"];
const languages: readonly unknown[] = ["zh_CN", "en_US", "zh_HK", "zh_TW"];

function send(request: StandinRequest, context: StandinContext, pushes: Pushes, quota: Quota): StandinReply {
  const { store, clock } = context;
  const refused = tokenFailure(request, context);
  if (refused !== undefined) return refused;
  const body = jsonBody(request);
  if (body === undefined) return failure(47001, "data format error");
  const openid = textField(body, "touser") ?? "";
  if (!store.state.users.has(openid)) return failure(40003, "invalid openid");
  const templateId = textField(body, "template_id") ?? "";
  const keywords = store.state.templates.get(templateId);
  if (keywords === undefined) return failure(40037, "invalid template_id");
  const miniProgramState = body.miniprogram_state ?? "formal";
  if (!states.includes(miniProgramState)) return failure(47003, "argument invalid! miniprogram_state invalid");
  const language = body.lang ?? "zh_CN";
  if (!languages.includes(language)) return failure(47003, "argument invalid! lang invalid");
  const page = body.page ?? "";
  if (typeof page !== "string" || (page !== "" && pageProblem(page) !== undefined)) {
    return failure(41030, "invalid page");
  }
  const values = readData(objectField(body, "data"), keywords);
  if (typeof values === "string") return failure(47003, `argument invalid! data.${values} invalid`);
  if (!quota.use()) return failure(45009, "reach max api daily quota limit");
  if (store.state.granted(openid, templateId) <= 0) return failure(43101, "user refuse to accept the msg");
  const at = clock.now();
  store.commit({
    type: "message",
    openid,
    templateId,
    data: values,
    page,
    at,
    language: String(language),
    miniProgramState: String(miniProgramState),
  });
  const sent = { TemplateId: templateId, MsgID: String(at), ErrorCode: "0", ErrorStatus: "success" };
  pushes.tell({ openid, event: "subscribe_msg_sent_event", fields: { List: [sent] } });
  return json(200, { errcode: 0, errmsg: "ok" });
}

/** The values by keyword, or the name of the first keyword that is missing, too much or of the wrong form. */
function readData(data: JsonObject | undefined, keywords: readonly string[]): Record<string, string> | string {
  const values: Record<string, string> = {};
  for (const keyword of keywords) {
    const value = textField(objectOf(data?.[keyword]), "value");
    if (value === undefined || keywordProblem(keyword, value) !== undefined) return `${keyword}.value`;
    values[keyword] = value;
  }
  return Object.keys(data ?? {}).find((name) => !keywords.includes(name)) ?? values;
}
