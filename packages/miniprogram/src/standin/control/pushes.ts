import { integerField, type JsonObject, objectField, textField } from "../../json-fields.js";
import { pushKey } from "../../wechat/push/push-envelope.js";
import type { StandinContext } from "../context.js";
import { json, jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import type { PushTamper } from "../push/push-delivery.js";
import type { Pushes } from "../push/pushes.js";
import { wrong } from "./control-reply.js";

/** Message push: the console's page for its address, and users who do something. */
export function pushControlRoutes(context: StandinContext, pushes: Pushes): Route[] {
  return [
    { method: "POST", path: /^\/_control\/push-address$/, handle: (request) => setAddress(request, context, pushes) },
    { method: "POST", path: /^\/_control\/pushes$/, handle: (request) => push(request, context, pushes) },
  ];
}

async function setAddress(request: StandinRequest, context: StandinContext, pushes: Pushes): Promise<StandinReply> {
  const body = jsonBody(request);
  const url = textField(body, "url") ?? "";
  const token = textField(body, "token") ?? "";
  const encodingAesKey = textField(body, "encodingAesKey") ?? "";
  const address = { url, token, encodingAesKey };
  if (url !== "") {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return wrong("url is http or https");
    if (!/^[A-Za-z0-9]{3,32}$/.test(token)) return wrong("token has 3 to 32 letters or digits");
    if (encodingAesKey !== "" && pushKey(encodingAesKey) === undefined)
      return wrong("encodingAesKey has 43 characters");
    if (!(await pushes.check(address))) return json(409, { error: "the address did not answer with echostr" });
  }
  context.store.commit({ type: "push-address", ...address });
  return json(200, { url });
}

async function push(request: StandinRequest, context: StandinContext, pushes: Pushes): Promise<StandinReply> {
  const body = jsonBody(request);
  const openid = textField(body, "openid") ?? "";
  const event = textField(body, "event");
  const messageType = textField(body, "messageType");
  const tamper = readTamper(body);
  if (!context.store.state.users.has(openid)) return json(404, { error: "no such user" });
  if ((event === undefined) === (messageType === undefined)) return wrong("give event or messageType");
  if (tamper === undefined) return wrong("tamper has a field or value that is none");
  const what = event === undefined ? { messageType: messageType ?? "" } : { event };
  const fields = objectField(body, "fields") ?? {};
  const outcome = await pushes.push({ openid, ...what, fields }, tamper);
  return outcome === undefined ? json(409, { error: "no push address is set" }) : json(200, outcome);
}

const choices: Readonly<Record<string, readonly unknown[]>> = {
  signature: ["bad", "none"],
  body: ["altered", "plain"],
  app: ["other"],
};

/** Undefined for a field or value that is none: a misspelt test must not pass. */
function readTamper(body: JsonObject | undefined): PushTamper | undefined {
  if (body?.tamper === undefined) return {};
  const given = objectField(body, "tamper");
  if (given === undefined) return undefined;
  for (const [name, value] of Object.entries(given)) {
    const isNumber = (name === "ageSeconds" || name === "duplicates") && integerField(given, name) !== undefined;
    if (!isNumber && !choices[name]?.includes(value)) return undefined;
  }
  return given as PushTamper;
}
