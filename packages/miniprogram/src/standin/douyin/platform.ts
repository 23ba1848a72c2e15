import { randomBytes } from "node:crypto";
import type { StandinContext } from "../context.js";
import { type Handle, json, type Route, type StandinReply } from "../http/exchange.js";
import type { DouyinStandinKeys } from "../vendor/keys.js";

/** What every part of the stand-in's Douyin works with. */
export interface DouyinPlatform {
  readonly context: StandinContext;
  readonly keys: DouyinStandinKeys;
}

/** A failure, or a success with more fields. */
export function reply(errNo: number, errTips: string, fields: Readonly<Record<string, unknown>> = {}): StandinReply {
  return json(200, { err_no: errNo, err_tips: errTips, log_id: randomBytes(10).toString("hex"), ...fields });
}

/** An interface, with what it answers when it is busy or asked too often; numbers differ between groups. */
export function route(path: string, busy: number, rateLimited: number, handle: Handle): Route {
  return {
    method: "POST",
    path: new RegExp(`^${path}$`),
    handle,
    failures: { busy: () => reply(busy, "system error"), rateLimited: () => reply(rateLimited, "too often") },
  };
}
