import { type Call, type Clock, RpcError } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import { MiniProgramErrors } from "../errors.js";
import { integerField, textField } from "../json-fields.js";
import type { WeChatApi } from "./api.js";
import type { WeChatConfiguration } from "./configuration.js";
import type { SecretText } from "./secret-text.js";

interface Token {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The platform gives a new token in the last 5 minutes of the old one, which stays valid meanwhile. */
const renewMs = 300_000;
/** With less left, a token may expire on its way. */
const usableMs = 30_000;

/**
 * The app's access token, by `stable_token`: fetched once however many ask, and renewed early while the old one still
 * works. The fetch belongs to no call, so that the first caller's abort does not fail the others; each caller stops
 * waiting when its own call is aborted.
 */
export class AccessToken {
  readonly #api: WeChatApi;
  readonly #configuration: WeChatConfiguration;
  readonly #secrets: SecretText;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #current: Token | undefined;
  #refused: string | undefined;
  #renewal: Promise<Token> | undefined;

  constructor(api: WeChatApi, configuration: WeChatConfiguration, secrets: SecretText, clock: Clock, logger: Logger) {
    this.#api = api;
    this.#configuration = configuration;
    this.#secrets = secrets;
    this.#clock = clock;
    this.#logger = logger;
  }

  async get(call: Call): Promise<string> {
    const left = (this.#current?.expiresAt ?? 0) - this.#clock.now();
    if (this.#current === undefined || left <= usableMs) return (await settledFirst(this.#renew(), call)).value;
    if (left <= renewMs) {
      this.#renew().catch((error) => {
        this.#logger.warn("access token not renewed; the old one is used until it expires", {
          reason: RpcError.from(error).reason,
        });
      });
    }
    return this.#current.value;
  }

  /** The platform refused this token; the next `get` fetches another. */
  refuse(value: string): void {
    if (this.#current?.value !== value) return;
    this.#current = undefined;
    this.#refused = value;
  }

  #renew(): Promise<Token> {
    this.#renewal ??= this.#fetch().finally(() => (this.#renewal = undefined));
    return this.#renewal;
  }

  async #fetch(): Promise<Token> {
    let token = await this.#request(false);
    // Forced mode is rationed (20 a day, 30 s apart), so only when the platform insists on a token that it refuses.
    if (token.value === this.#refused) token = await this.#request(true);
    this.#secrets.add(token.value);
    this.#refused = undefined;
    this.#current = token;
    return token;
  }

  async #request(force: boolean): Promise<Token> {
    const askedAt = this.#clock.now();
    const answer = await this.#api.exchange({
      method: "POST",
      path: "/cgi-bin/stable_token",
      body: JSON.stringify({
        grant_type: "client_credential",
        appid: this.#configuration.appId,
        secret: this.#configuration.appSecret,
        force_refresh: force,
      }),
      repeatable: !force,
    });
    const value = textField(answer, "access_token");
    const seconds = integerField(answer, "expires_in");
    if (value === undefined || seconds === undefined || seconds <= 0) {
      throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "a token answer without token or life" });
    }
    return { value, expiresAt: askedAt + seconds * 1000 };
  }
}

/** The promise, unless the call is aborted first. */
function settledFirst<T>(promise: Promise<T>, call: Call): Promise<T> {
  return new Promise((resolve, reject) => {
    call.onAbort(reject);
    promise.then(resolve, reject);
  });
}
