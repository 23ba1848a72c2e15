import type { Call, Clock } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";
import { integerField, type JsonObject, textField } from "../json-fields.js";
import type { Login } from "../provider.js";
import type { AlipayConfiguration } from "./configuration.js";
import type { AlipayGateway } from "./gateway.js";

/** Codes and refresh tokens have up to 40 characters; longer text is not worth a journey. */
const longestCode = 256;

/**
 * alipay.system.oauth.token: exchanges the code of `my.getAuthCode`, or a refresh token, for who the user is. There is
 * no session key: what the client is given about its user is encrypted with the app's own key. Sent once.
 */
export class AlipayLogin {
  readonly #gateway: AlipayGateway;
  readonly #subject: "open_id" | "user_id";
  readonly #clock: Clock;

  constructor(gateway: AlipayGateway, configuration: AlipayConfiguration, clock: Clock) {
    this.#gateway = gateway;
    this.#subject = configuration.subject ?? "open_id";
    this.#clock = clock;
  }

  async login(code: string, call: Call): Promise<Login> {
    if (code === "" || code.length > longestCode) throw MiniProgramErrors.LOGIN_CODE_INVALID({ platform_code: "none" });
    return this.#exchange({ grant_type: "authorization_code", code }, [code], call);
  }

  async refresh(refreshToken: string, call: Call): Promise<Login> {
    if (refreshToken === "" || refreshToken.length > longestCode) {
      throw MiniProgramErrors.SESSION_INVALID({ platform_code: "none" });
    }
    return this.#exchange({ grant_type: "refresh_token", refresh_token: refreshToken }, [refreshToken], call);
  }

  async #exchange(parameters: Record<string, string>, alsoSecret: readonly string[], call: Call): Promise<Login> {
    const askedAt = this.#clock.now();
    const method = "alipay.system.oauth.token";
    const node = await this.#gateway.exchange({ method, parameters, repeatable: false, alsoSecret }, call);
    const subject = textField(node, this.#subject);
    const accessToken = textField(node, "access_token");
    const seconds = secondsField(node, "expires_in");
    if (subject === undefined || accessToken === undefined || seconds === undefined) {
      throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: `a login without ${this.#subject} or access token` });
    }
    const refreshToken = textField(node, "refresh_token");
    return {
      subject,
      tokens: {
        accessToken,
        expiresAt: askedAt + seconds * 1000,
        ...(refreshToken === undefined ? {} : { refreshToken }),
      },
    };
  }
}

/** The page says text (`"3600"`), older answers give numbers. */
function secondsField(node: JsonObject, name: string): number | undefined {
  const text = textField(node, name);
  const seconds = text === undefined ? integerField(node, name) : /^\d{1,12}$/.test(text) ? Number(text) : undefined;
  return seconds !== undefined && seconds > 0 ? seconds : undefined;
}
