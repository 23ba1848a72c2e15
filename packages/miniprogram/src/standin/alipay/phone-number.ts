import { createCipheriv } from "node:crypto";
import { textField } from "../../json-fields.js";
import { signText } from "../../wechat/pay/signature.js";
import { wrong } from "../control/control-reply.js";
import { json, jsonBody, type Route } from "../http/exchange.js";
import type { AlipayPlatform } from "./platform.js";

/** `POST /_control/phone-codes`: the text that `my.getPhoneNumber` gives to the client. */
export function phoneControlRoute(platform: AlipayPlatform): Route {
  return {
    method: "POST",
    path: /^\/_control\/phone-codes$/,
    handle: async (request) => {
      const body = jsonBody(request);
      const openid = textField(body, "openid") ?? "";
      const mobile = textField(body, "phoneNumber") ?? "13800138000";
      if (!platform.context.store.state.users.has(openid)) return json(404, { error: "no such user" });
      if (!/^1\d{10}$/.test(mobile)) return wrong("phoneNumber has 11 digits and begins with 1");
      const plain = JSON.stringify({ code: "10000", msg: "Success", mobile });
      const key = Buffer.from(platform.keys.contentKey, "base64");
      const cipher = createCipheriv("aes-128-cbc", key, Buffer.alloc(16));
      const response = Buffer.concat([cipher.update(plain), cipher.final()]).toString("base64");
      const sign = await signText(`"${response}"`, platform.platformKey);
      const text = { response, sign, sign_type: "RSA2", encrypt_type: "AES", charset: "UTF-8" };
      return json(201, { code: JSON.stringify(text), openid, phoneNumber: mobile });
    },
  };
}
