import { type Call, RpcError } from "@sampan/core";
import type { CredentialHub } from "../credential-hub/credential-hub.js";
import type { MessageProvider, SubscribeMessage } from "../provider.js";
import type { DouyinApi } from "./api.js";
import { messageReasons, tokenErrNos } from "./douyin-errors.js";

/** Subscribe notifications: `POST /api/apps/subscribe_notification/developer/v1/notify`. They have no language. */
export class SubscribeNotifications implements MessageProvider {
  readonly #api: DouyinApi;
  readonly #hub: CredentialHub;
  readonly #appId: string;

  constructor(api: DouyinApi, hub: CredentialHub, appId: string) {
    this.#api = api;
    this.#hub = hub;
    this.#appId = appId;
  }

  async send(message: SubscribeMessage, call: Call): Promise<void> {
    const token = await this.#hub.get(call);
    try {
      await this.#sendWith(token, message, call);
    } catch (error) {
      // A refused token means that nothing was sent, so this one repetition cannot send twice.
      if (!tokenErrNos.has(RpcError.from(error).info?.metadata.platform_code ?? "")) throw error;
      this.#hub.refuse(token);
      await this.#sendWith(await this.#hub.get(call), message, call);
    }
  }

  async #sendWith(token: string, message: SubscribeMessage, call: Call): Promise<void> {
    await this.#api.exchange(
      {
        path: "/api/apps/subscribe_notification/developer/v1/notify",
        body: {
          access_token: token,
          app_id: this.#appId,
          tpl_id: message.templateId,
          open_id: message.openid,
          // Values by the keyword's own name, without the `{ value }` of other vendors.
          data: { ...message.data },
          ...(message.page === undefined ? {} : { page: message.page }),
        },
        reasons: messageReasons,
        repeatable: false,
      },
      call,
    );
  }
}
