import { integerField, type JsonObject, objectField, textField } from "../../json-fields.js";
import type { StandinContext } from "../context.js";
import type { StandinReply } from "../http/exchange.js";
import type { OrderTerms } from "../state/pay-events.js";
import { payFailure } from "./merchant-route.js";

/** What a merchant asks for, before the platform gives it a prepay id. */
export type WantedOrder = Omit<OrderTerms, "prepayId" | "createdAt">;

/** The fields of a JSAPI order as the vendor's page states them, or the refusal of the first that is wrong. */
export function readOrderRequest(body: JsonObject | undefined, context: StandinContext): WantedOrder | StandinReply {
  const { keys, rules, store, clock } = context;
  if (body === undefined) return wrong("the body is not a JSON object");
  if (textField(body, "appid") === undefined) return wrong("appid is missing");
  if (body.mchid !== keys.merchantId) return wrong("mchid is not the merchant who signed");
  if (body.appid !== keys.appId)
    return payFailure(400, "APPID_MCHID_NOT_MATCH", "appid and mchid do not belong together");
  const description = textField(body, "description");
  if (description === undefined || [...description].length > 127) return wrong("description has 1 to 127 characters");
  const outTradeNo = textField(body, "out_trade_no");
  if (outTradeNo === undefined || !/^[0-9A-Za-z_\-|*]{6,32}$/.test(outTradeNo)) {
    return wrong("out_trade_no has 6 to 32 of 0-9 a-z A-Z _ - | *");
  }
  const attach = body.attach === undefined ? "" : textField(body, "attach");
  if (attach === undefined || Buffer.byteLength(attach) > 128) return wrong("attach has at most 128 bytes");
  const notifyUrl = textField(body, "notify_url");
  if (notifyUrl === undefined || !isNotifyUrl(notifyUrl)) {
    return wrong("notify_url is https (here also http to a loopback address), without query, at most 255 characters");
  }
  const expiresAt = body.time_expire === undefined ? 0 : readTime(textField(body, "time_expire"));
  if (expiresAt === undefined) return wrong("time_expire is not RFC 3339");
  if (expiresAt !== 0 && expiresAt <= clock.now()) return wrong("time_expire is in the past");
  const amount = objectField(body, "amount");
  const total = integerField(amount, "total");
  if (total === undefined || total < 1) return wrong("amount.total is an integer of at least 1");
  const currency = amount?.currency === undefined ? "CNY" : textField(amount, "currency");
  if (currency === undefined || !rules.currencies.includes(currency)) {
    return wrong(`amount.currency is one of ${rules.currencies.join(", ")}`);
  }
  const openid = textField(objectField(body, "payer"), "openid");
  if (openid === undefined) return wrong("payer.openid is missing");
  if (!store.state.users.has(openid)) return wrong("payer.openid does not belong to appid");
  return { outTradeNo, description, attach, notifyUrl, total, currency, openid, expiresAt };
}

function wrong(message: string): StandinReply {
  return payFailure(400, "PARAM_ERROR", message);
}

/** The real platform takes https only; loopback http is for development, where nobody else can listen. */
export function isNotifyUrl(text: string): boolean {
  if (text.length > 255 || !URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.search !== "" || url.hash !== "" || url.username !== "") return false;
  if (url.protocol === "https:") return true;
  return url.protocol === "http:" && /^(localhost|127(\.[0-9]+){3}|\[::1\])$/.test(url.hostname);
}

const rfc3339 = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$/;

function readTime(text: string | undefined): number | undefined {
  if (text === undefined || !rfc3339.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
