import { type Call, type Clock, RpcError } from "@sampan/core";
import type { KeyValue, Logger } from "@sampan/core/ports";
import { MiniProgramErrors } from "../errors.js";
import { type AccessToken, type HubRules, hubRules, tokenVerdict } from "./access-token.js";
import { ForcedRation } from "./forced-ration.js";
import { renewalStep } from "./renewal-step.js";
import { TokenSeal } from "./sealed-token.js";
import { SharedToken, StoreAway } from "./shared-token.js";

export interface CredentialHubOptions {
  /** Which platform's which app, such as `wechat/wx1234`: what instances share goes by it. */
  readonly name: string;
  readonly appSecret: string;
  /**
   * Asks the platform. Not forced, it gives the same token to all who ask until that token is due; forced, a new one,
   * which ends the old one.
   */
  readonly fetch: (force: boolean) => Promise<AccessToken>;
  /** Shared by the instances that use the app. */
  readonly store: KeyValue;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of every token before anybody else is: it is a secret, to be kept out of logs. */
  readonly onToken?: (value: string) => void;
  readonly rules?: Partial<HubRules>;
}

/**
 * An app's access token: fetched once however many ask, in this process and in all that share the store, and renewed
 * early while the old one still works. The fetch belongs to no call, so that the first caller's abort does not fail the
 * others; each caller stops waiting when its own call is aborted. Without the store every instance fetches for itself,
 * which the platform answers with the same token.
 */
export class CredentialHub {
  readonly #options: CredentialHubOptions;
  readonly #rules: HubRules;
  readonly #clock: Clock;
  readonly #shared: SharedToken;
  readonly #ration: ForcedRation;
  #own: AccessToken | undefined;
  #refused: string | undefined;
  #renewal: Promise<AccessToken> | undefined;
  #quietUntil = 0;
  #storeIsAway = false;

  constructor(options: CredentialHubOptions) {
    const { name, appSecret, store, clock } = options;
    this.#options = options;
    this.#rules = { ...hubRules, ...options.rules };
    this.#clock = clock;
    this.#shared = new SharedToken(store, name, new TokenSeal(appSecret, name), clock, this.#rules);
    this.#ration = new ForcedRation(this.#rules);
  }

  /** Errors: those of fetching; `RATE_LIMITED` when the platform insists on a token that it refuses. */
  async get(call: Call): Promise<string> {
    const own = this.#own;
    const verdict = tokenVerdict(own, this.#clock.now(), this.#rules);
    if (own === undefined || verdict === "renew") return (await settledFirst(this.#renew(), call)).value;
    if (verdict === "renew-early" && this.#clock.now() >= this.#quietUntil) this.#renewMeanwhile(own);
    return own.value;
  }

  /** The platform refused this token; the next `get` gives another. */
  refuse(value: string): void {
    if (this.#own?.value !== value) return;
    this.#own = undefined;
    this.#refused = value;
  }

  #renewMeanwhile(own: AccessToken): void {
    this.#quietUntil = this.#clock.now() + this.#rules.quietMs;
    this.#renew().then(
      (token) => {
        if (token.value !== own.value) this.#quietUntil = 0;
      },
      (error) => {
        this.#options.logger.warn("access token not renewed; the old one is used until it expires", {
          reason: RpcError.from(error).reason,
        });
      },
    );
  }

  #renew(): Promise<AccessToken> {
    this.#renewal ??= this.#together()
      .catch((error: unknown) => {
        if (!(error instanceof StoreAway)) throw error;
        this.#tellStore(true);
        return this.#fetch();
      })
      .then((token) => {
        this.#options.onToken?.(token.value);
        if (token.value !== this.#refused) this.#refused = undefined;
        this.#own = token;
        return token;
      })
      .finally(() => (this.#renewal = undefined));
    return this.#renewal;
  }

  /** Renews in agreement with the other instances. */
  async #together(): Promise<AccessToken> {
    const startedAt = this.#clock.monotonic();
    let lease: "not-asked" | "another" | "ours" = "not-asked";
    try {
      for (;;) {
        const shared = await this.#shared.read();
        this.#tellStore(false);
        const waitedMs = this.#clock.monotonic() - startedAt;
        const view = { now: this.#clock.now(), waitedMs, shared, own: this.#own, refused: this.#refused, lease };
        const step = renewalStep(view, this.#rules);
        if (step === "adopt" && shared !== undefined) return shared;
        if (step === "ask-lease") lease = (await this.#shared.takeLease()) ? "ours" : "another";
        else if (step === "wait") {
          await this.#pause();
          lease = "not-asked";
        } else return await this.#fetchAndShare();
      }
    } finally {
      // Not waited for: a store that went away meanwhile must not hold up the token, and the lease ends by itself.
      if (lease === "ours") this.#shared.releaseLease().catch(() => {});
    }
  }

  /** In the background: a process that ends does not wait for its token. */
  #pause(): Promise<void> {
    const { pollMs } = this.#rules;
    return new Promise((resolve) => void this.#clock.timer(pollMs, resolve, { background: true }));
  }

  async #fetchAndShare(): Promise<AccessToken> {
    const token = await this.#fetch();
    await this.#shared.write(token).catch(() => this.#tellStore(true));
    return token;
  }

  async #fetch(): Promise<AccessToken> {
    const token = await this.#options.fetch(false);
    if (token.value !== this.#refused) return token;
    // Forced mode is rationed, so only when the platform insists on a token that it refuses.
    if (!(await this.#mayForce())) throw MiniProgramErrors.RATE_LIMITED({ platform_code: "our forced renewals" });
    this.#options.logger.warn("the platform gives a token that it refuses; a new one is forced");
    return this.#options.fetch(true);
  }

  async #mayForce(): Promise<boolean> {
    if (!this.#ration.take(this.#clock.now())) return false;
    return this.#shared.takeForced().catch(() => true);
  }

  #tellStore(isAway: boolean): void {
    if (isAway === this.#storeIsAway) return;
    this.#storeIsAway = isAway;
    const { logger, name } = this.#options;
    if (isAway) logger.warn("the shared store is away; this instance fetches access tokens for itself", { app: name });
    else logger.info("the shared store is back", { app: name });
  }
}

/** The promise, unless the call is aborted first. */
function settledFirst<T>(promise: Promise<T>, call: Call): Promise<T> {
  return new Promise((resolve, reject) => {
    call.onAbort(reject);
    promise.then(resolve, reject);
  });
}
