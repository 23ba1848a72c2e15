import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { objectField, textField } from "../../json-fields.js";
import { json, jsonBody, type Route } from "../http/exchange.js";
import type { DouyinPlatform } from "./platform.js";

/**
 * `POST /_control/open-data {openid, data}`: what the client is given about its user, both ways: `rawData` with its
 * signature, and `encryptedData` with its `iv` (the watermark is added). A phone number is data like any other.
 */
export function openDataControlRoute({ context, keys }: DouyinPlatform): Route {
  return {
    method: "POST",
    path: /^\/_control\/open-data$/,
    handle: (request) => {
      const body = jsonBody(request);
      const user = context.store.state.users.get(textField(body, "openid") ?? "");
      if (user === undefined || user.sessionKey === "") return json(404, { error: "no such user, or not logged in" });
      const data = objectField(body, "data") ?? {};
      const rawData = JSON.stringify(data);
      const signature = createHash("sha1").update(rawData).update(user.sessionKey).digest("hex");
      const timestamp = Math.floor(context.clock.now() / 1000);
      const iv = randomBytes(16);
      const cipher = createCipheriv("aes-128-cbc", Buffer.from(user.sessionKey, "base64"), iv);
      const plain = JSON.stringify({ ...data, watermark: { appid: keys.appId, timestamp } });
      const encryptedData = Buffer.concat([cipher.update(plain), cipher.final()]).toString("base64");
      return json(200, { rawData, signature, encryptedData, iv: iv.toString("base64") });
    },
  };
}
