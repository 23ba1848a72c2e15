import type { Call } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";
import type { MessageProvider, SubscribeMessage } from "../provider.js";
import type { WeChatApi } from "./api.js";
import type { AppRegistry } from "./app-registry.js";
import type { WeChatConfiguration } from "./configuration.js";
import { messageProblem } from "./message-check.js";

/** Subscribe messages: `POST /cgi-bin/message/subscribe/send`. */
export class SubscribeMessages implements MessageProvider {
  readonly #api: WeChatApi;
  readonly #apps: AppRegistry;
  readonly #state: string;
  readonly #templates: Readonly<Record<string, readonly string[]>>;

  constructor(api: WeChatApi, apps: AppRegistry, configuration: WeChatConfiguration) {
    this.#api = api;
    this.#apps = apps;
    this.#state = configuration.miniProgramState ?? "formal";
    this.#templates = configuration.templates ?? {};
  }

  async send(message: SubscribeMessage, call: Call): Promise<void> {
    const problem = messageProblem(message, this.#templates[message.templateId]);
    if (problem !== undefined) throw MiniProgramErrors.MESSAGE_INVALID({ platform_code: "none", why: problem });
    const data: Record<string, { value: string }> = {};
    for (const [keyword, value] of Object.entries(message.data)) data[keyword] = { value };
    await this.#api.withToken(
      this.#apps.of(call),
      {
        path: "/cgi-bin/message/subscribe/send",
        body: {
          touser: message.openid,
          template_id: message.templateId,
          ...(message.page === undefined ? {} : { page: message.page }),
          data,
          miniprogram_state: this.#state,
          lang: message.language ?? "zh_CN",
        },
        repeatable: "when-unsent",
        alsoSecret: Object.values(message.data),
      },
      call,
    );
  }
}
