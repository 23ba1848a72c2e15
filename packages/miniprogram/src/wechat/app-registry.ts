import type { Call } from "@sampan/core";
import type { CredentialHub } from "../credential-hub/credential-hub.js";
import { MiniProgramErrors } from "../errors.js";
import type { SecretText } from "../secret-text.js";
import type { AppCredentials, WeChatConfiguration } from "./configuration.js";

/** A mini program that we act as. */
export interface WeChatApp extends AppCredentials {
  readonly secrets: SecretText;
  readonly hub: CredentialHub;
}

/** Apps that are kept. The one that was made first goes first; used again, it reads its token from the shared store. */
export const manyApps = 1_000;

/** Which app a call is for, by its tenant. An app, and so its token, is one however many tenants share it. */
export class AppRegistry {
  readonly #credentialsOf: (tenant: string) => AppCredentials | undefined;
  readonly #make: (credentials: AppCredentials) => WeChatApp;
  readonly #apps = new Map<string, WeChatApp>();

  constructor(configuration: WeChatConfiguration, make: (credentials: AppCredentials) => WeChatApp) {
    this.#credentialsOf = configuration.credentials ?? (() => configuration);
    this.#make = make;
  }

  /** Throws `TENANT_UNKNOWN`. */
  of(call: Call): WeChatApp {
    const credentials = this.#credentialsOf(call.tenant);
    if (credentials === undefined || credentials.appId === "" || credentials.appSecret === "") {
      throw MiniProgramErrors.TENANT_UNKNOWN({ tenant: call.tenant });
    }
    const { appId, appSecret } = credentials;
    const known = this.#apps.get(appId);
    if (known !== undefined && known.appSecret === appSecret) return known;
    const app = this.#make({ appId, appSecret });
    this.#apps.delete(appId);
    this.#apps.set(appId, app);
    if (this.#apps.size > manyApps) this.#apps.delete(this.#apps.keys().next().value ?? "");
    return app;
  }
}
