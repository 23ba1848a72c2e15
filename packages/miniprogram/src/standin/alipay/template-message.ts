import { objectOf, parseObject, textField } from "../../json-fields.js";
import { templateValues } from "../vendor/keywords.js";
import { AlipayFailure, type AlipayInterface, businessFailure } from "./gateway.js";
import { type AlipayPlatform, findUser } from "./platform.js";

/** alipay.open.app.mini.templatemessage.send, to users who have subscribed. */
export function messageInterface(platform: AlipayPlatform): AlipayInterface {
  const { store, clock } = platform.context;
  return {
    method: "alipay.open.app.mini.templatemessage.send",
    handle: (content) => {
      const user = findUser(platform, textField(content, "to_open_id"), textField(content, "to_user_id"));
      if (user === undefined) return new AlipayFailure("40002", "isv.invalid-parameter", "to_open_id, to_user_id");
      const templateId = textField(content, "user_template_id") ?? "";
      const keywords = store.state.templates.get(templateId);
      if (keywords === undefined) return businessFailure("USER_TEMPLATE_ILLEGAL", "模板非法");
      const page = textField(content, "page");
      if (page === undefined || page.length > 256) return new AlipayFailure("40002", "isv.invalid-parameter", "page");
      const data = parseObject(Buffer.from(textField(content, "data") ?? ""));
      const values = templateValues(data, keywords, (entry) => textField(objectOf(entry), "value"));
      if (values === undefined) return businessFailure("USER_TEMPLATE_LACK_KEYWORD", "缺少关键词");
      // The real code of a user who did not subscribe is in no document that could be read: this one is ours.
      if (store.state.granted(user.openid, templateId) <= 0)
        return businessFailure("USER_NOT_SUBSCRIBED", "用户未订阅");
      store.commit({ type: "message", openid: user.openid, templateId, data: values, page, at: clock.now() });
      return {};
    },
  };
}
