import { randomBytes } from "node:crypto";
import { json, type StandinReply } from "../http/exchange.js";

/** Failures of `api.weixin.qq.com`: HTTP 200 with `errcode`, and a request id that support asks for. */
export function failure(errcode: number, errmsg: string): StandinReply {
  return json(200, { errcode, errmsg: `${errmsg}, rid: ${randomBytes(4).toString("hex")}` });
}
