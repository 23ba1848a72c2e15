import { parseChinaTime } from "../../china-time.js";
import { integerField, type JsonObject, textField } from "../../json-fields.js";
import type { StandinContext } from "../context.js";
import { json, jsonBody, type Route, type StandinReply, type StandinRequest } from "../http/exchange.js";
import type { Bills } from "../pay/bills/bills.js";
import type { PlatformSigners } from "../pay/platform-signers.js";
import type { BillPlant, Signing } from "../state/pay-events.js";
import { wrong } from "./control-reply.js";

/** The pay platform itself: what it signs with, and what its bills say wrongly. */
export function payPlatformRoutes(context: StandinContext, signers: PlatformSigners, bills: Bills): Route[] {
  return [
    { method: "POST", path: /^\/_control\/signing$/, handle: (request) => setSigning(request, context) },
    {
      method: "POST",
      path: /^\/_control\/platform-certificates$/,
      handle: (request) => rotate(request, context, signers),
    },
    { method: "POST", path: /^\/_control\/bill-plants$/, handle: (request) => plant(request, context, bills) },
    {
      method: "POST",
      path: /^\/_control\/bill-plants\/clear$/,
      handle: () => {
        context.store.commit({ type: "bill-plants-cleared" });
        bills.forget();
        return json(200, {});
      },
    },
  ];
}

const choices = {
  answers: ["asked", "public-key", "certificate"],
  callbacks: ["public-key", "certificate", "alternate"],
  certificates: [true, false],
} as const;

function setSigning(request: StandinRequest, context: StandinContext): StandinReply {
  const body = jsonBody(request);
  if (body === undefined) return wrong("the body is a JSON object, sent as application/json");
  for (const [name, value] of Object.entries(body)) {
    const allowed: readonly unknown[] = Object.hasOwn(choices, name) ? choices[name as keyof typeof choices] : [];
    if (!allowed.includes(value)) return wrong(`${name.slice(0, 32)} is unknown, or its value is`);
  }
  const signing = { ...context.store.state.pay.signing, ...(body as Partial<Signing>) };
  context.store.commit({ ...signing, type: "signing" });
  return json(200, signing);
}

const longestMs = 10 * 366 * 86_400_000;

async function rotate(
  request: StandinRequest,
  context: StandinContext,
  signers: PlatformSigners,
): Promise<StandinReply> {
  const body = jsonBody(request);
  const effectiveInMs = body?.effectiveInMs === undefined ? 0 : integerField(body, "effectiveInMs");
  const lifeMs = body?.lifeMs === undefined ? undefined : (integerField(body, "lifeMs") ?? 0);
  if (effectiveInMs === undefined || effectiveInMs < 0 || effectiveInMs > longestMs)
    return wrong("effectiveInMs is wrong");
  if (lifeMs !== undefined && (lifeMs < 1000 || lifeMs > longestMs)) return wrong("lifeMs is 1000 or more");
  const { serial, effectiveAt, expiresAt } = await signers.rotate(context.signingClock.now() + effectiveInMs, lifeMs);
  return json(201, { serial, effectiveAt, expiresAt });
}

function plant(request: StandinRequest, context: StandinContext, bills: Bills): StandinReply {
  const read = readPlant(jsonBody(request));
  if (typeof read === "string") return wrong(read);
  context.store.commit({ type: "bill-plant", ...read });
  bills.forget();
  return json(201, read);
}

function readPlant(body: JsonObject | undefined): BillPlant | string {
  const outTradeNo = textField(body, "outTradeNo");
  if (outTradeNo === undefined) return "outTradeNo is missing";
  const outRefundNo = textField(body, "outRefundNo");
  const about = outRefundNo === undefined ? { outTradeNo } : { outTradeNo, outRefundNo };
  if (body?.plant === "missing") return { plant: "missing", ...about };
  const amount = integerField(body, "amount");
  if (amount === undefined || amount < 1) return "amount is an integer of at least 1";
  if (body?.plant === "amount") return { plant: "amount", ...about, amount };
  const date = textField(body, "date") ?? "";
  if (body?.plant !== "additional") return "plant is missing, amount or additional";
  if (parseChinaTime(`${date} 00:00:00`) === undefined) return "date is a day like 2026-11-20";
  return { plant: "additional", ...about, amount, date };
}
