import { objectField, textField } from "../../json-fields.js";
import { jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import { templateValues } from "../vendor/keywords.js";
import { type DouyinPlatform, reply, route } from "./platform.js";

/** `POST /api/apps/subscribe_notification/developer/v1/notify`. */
export function notificationRoutes(platform: DouyinPlatform): Route[] {
  const path = "/api/apps/subscribe_notification/developer/v1/notify";
  return [route(path, 2000, 28006003, (request) => notify(request, platform))];
}

function notify(request: StandinRequest, { context, keys }: DouyinPlatform): StandinReply {
  const { store, clock } = context;
  const body = jsonBody(request);
  if (body === undefined) return reply(1000, "the body is no JSON object");
  const token = store.state.tokens.find((one) => one.token === body.access_token);
  if (token === undefined) return reply(28001003, "access_token is invalid");
  if (token.expiresAt <= clock.now()) return reply(28001008, "access_token has expired");
  if (body.app_id !== keys.appId) return reply(1001, "app_id");
  const openid = textField(body, "open_id") ?? "";
  if (!store.state.users.has(openid)) return reply(1001, "open_id");
  const templateId = textField(body, "tpl_id") ?? "";
  const keywords = store.state.templates.get(templateId);
  if (keywords === undefined) return reply(1001, "tpl_id");
  const values = templateValues(objectField(body, "data"), keywords, (entry) =>
    typeof entry === "string" ? entry : undefined,
  );
  if (values === undefined) return reply(1001, "data");
  if (store.state.granted(openid, templateId) <= 0) return reply(28014043, "the user has not subscribed");
  const page = textField(body, "page") ?? "";
  store.commit({ type: "message", openid, templateId, data: values, page, at: clock.now() });
  return reply(0, "");
}
