import type { Call } from "@sampan/core";
import type { MessageProvider, SubscribeMessage } from "../provider.js";
import type { AlipayConfiguration } from "./configuration.js";
import type { AlipayGateway } from "./gateway.js";

/**
 * Messages to users who said yes in `my.requestSubscribeMessage`: alipay.open.app.mini.templatemessage.send without a
 * form id. The language of a message is its template's.
 */
export class TemplateMessages implements MessageProvider {
  readonly #gateway: AlipayGateway;
  readonly #recipient: "to_open_id" | "to_user_id";

  constructor(gateway: AlipayGateway, configuration: AlipayConfiguration) {
    this.#gateway = gateway;
    this.#recipient = configuration.subject === "user_id" ? "to_user_id" : "to_open_id";
  }

  async send(message: SubscribeMessage, call: Call): Promise<void> {
    const data: Record<string, { value: string }> = {};
    for (const [keyword, value] of Object.entries(message.data)) data[keyword] = { value };
    const content = {
      [this.#recipient]: message.openid,
      user_template_id: message.templateId,
      // The vendor's page has this field as required.
      page: message.page ?? "pages/index/index",
      // An object inside of text, as the vendor wants it.
      data: JSON.stringify(data),
    };
    // The codes of a user who did not subscribe are not documented; a business failure means that nothing was sent.
    const otherwise = "MESSAGE_REFUSED";
    const method = "alipay.open.app.mini.templatemessage.send";
    await this.#gateway.exchange({ method, content, repeatable: false, otherwise }, call);
  }
}
