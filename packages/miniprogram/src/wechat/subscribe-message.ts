import type { Call } from "@sampan/core";
import type { MessageProvider, SubscribeMessage } from "../provider.js";
import type { AccessToken } from "./access-token.js";
import { credentialsCode, type WeChatApi } from "./api.js";
import { tokenErrors } from "./api-errors.js";
import type { WeChatConfiguration } from "./configuration.js";

/** Subscribe messages: `POST /cgi-bin/message/subscribe/send`. */
export class SubscribeMessages implements MessageProvider {
  readonly #api: WeChatApi;
  readonly #token: AccessToken;
  readonly #state: string;

  constructor(api: WeChatApi, token: AccessToken, configuration: WeChatConfiguration) {
    this.#api = api;
    this.#token = token;
    this.#state = configuration.miniProgramState ?? "formal";
  }

  async send(message: SubscribeMessage, call: Call): Promise<void> {
    const token = await this.#token.get(call);
    try {
      await this.#sendWith(token, message, call);
    } catch (error) {
      // A refused token means that nothing was sent, so this one repetition cannot send twice.
      if (!tokenErrors.has(credentialsCode(error) ?? 0)) throw error;
      this.#token.refuse(token);
      await this.#sendWith(await this.#token.get(call), message, call);
    }
  }

  async #sendWith(token: string, message: SubscribeMessage, call: Call): Promise<void> {
    const data: Record<string, { value: string }> = {};
    for (const [keyword, value] of Object.entries(message.data)) data[keyword] = { value };
    await this.#api.exchange(
      {
        method: "POST",
        path: `/cgi-bin/message/subscribe/send?access_token=${encodeURIComponent(token)}`,
        body: JSON.stringify({
          touser: message.openid,
          template_id: message.templateId,
          ...(message.page === undefined ? {} : { page: message.page }),
          data,
          miniprogram_state: this.#state,
          lang: "zh_CN",
        }),
        repeatable: false,
      },
      call,
    );
  }
}
