import type { Clock } from "@sampan/core";
import type { KeyValue, Logger } from "@sampan/core/ports";
import type { AccessToken } from "../credential-hub/access-token.js";
import { CredentialHub } from "../credential-hub/credential-hub.js";
import { MiniProgramErrors } from "../errors.js";
import { integerField, textField } from "../json-fields.js";
import { SecretText } from "../secret-text.js";
import type { WeChatApi } from "./api.js";
import type { WeChatApp } from "./app-registry.js";
import type { AppCredentials } from "./configuration.js";

/** The vendor asks to reserve 512 characters; what is longer than this comes from somebody else. */
const longestToken = 4_096;
/** The vendor says two hours at most. */
const longestLifeSeconds = 7_200;

export interface AppDependencies {
  readonly api: WeChatApi;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keyValue: KeyValue;
}

/** An app with its own secrets and its own token: `POST /cgi-bin/stable_token`. */
export function wechatApp(credentials: AppCredentials, dependencies: AppDependencies): WeChatApp {
  const { appId, appSecret } = credentials;
  const { api, clock, logger, keyValue } = dependencies;
  const secrets = new SecretText([appSecret]);
  const fetch = async (force: boolean): Promise<AccessToken> => {
    const askedAt = clock.now();
    const answer = await api.withoutToken(secrets, {
      path: "/cgi-bin/stable_token",
      body: { grant_type: "client_credential", appid: appId, secret: appSecret, force_refresh: force },
      // A forced renewal whose answer is lost has used up one of a few, and ended the token of all the others.
      repeatable: force ? "when-unsent" : "always",
    });
    const value = textField(answer, "access_token");
    const seconds = integerField(answer, "expires_in");
    if (value === undefined || value.length > longestToken) {
      throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "a token answer without a token" });
    }
    if (seconds === undefined || seconds <= 0 || seconds > longestLifeSeconds) {
      throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "a token answer without a life of up to two hours" });
    }
    return { value, expiresAt: askedAt + seconds * 1000 };
  };
  const hub = new CredentialHub({
    name: `wechat/${appId}`,
    appSecret,
    fetch,
    store: keyValue,
    clock,
    logger,
    onToken: (token) => secrets.add(token),
  });
  return { appId, appSecret, secrets, hub };
}
