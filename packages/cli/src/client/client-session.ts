import { type Clock, systemClock } from "@sampan/core";
import type { SigningKey } from "@sampan/identity";
import type { JsonClient } from "./json-client.js";

/** What a login, and a refresh, answers of a session. */
export interface Granted {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly session: {
    readonly refreshToken: string;
    readonly signingKeyId: string;
    readonly signingKey: string;
  };
}

/** What a request of the session carries: its token, and the key that it is signed with. */
export interface Credentials {
  readonly token: string;
  readonly key: SigningKey;
}

/** An access token is exchanged when so much of its life has passed, while it is still good for requests under way. */
const refreshAfter = 2 / 3;

/**
 * A client's login: keeps its tokens and signing key, and exchanges the tokens before they expire. Requests that want
 * fresh ones at the same time share one refresh: a refresh token works once.
 */
export class ClientSession {
  readonly #http: JsonClient;
  readonly #clock: Clock;
  #credentials!: Credentials;
  #refreshToken = "";
  #refreshAt = 0;
  #refreshing: Promise<void> | undefined;
  #refreshes = 0;

  constructor(http: JsonClient, granted: Granted, clock: Clock = systemClock) {
    this.#http = http;
    this.#clock = clock;
    this.#take(granted);
  }

  /** How often its tokens were exchanged. */
  get refreshes(): number {
    return this.#refreshes;
  }

  /** For the next request. Rejects when the session has ended. */
  async credentials(): Promise<Credentials> {
    if (this.#clock.monotonic() >= this.#refreshAt) {
      this.#refreshing ??= this.#refresh().finally(() => {
        this.#refreshing = undefined;
      });
      await this.#refreshing;
    }
    return this.#credentials;
  }

  async #refresh(): Promise<void> {
    const { status, body } = await this.#http.post("/v1/auth/refresh", { refreshToken: this.#refreshToken });
    if (status !== 200) throw new Error(`the tokens were not refreshed: ${status} ${JSON.stringify(body)}`);
    this.#take(body as Granted);
    this.#refreshes++;
  }

  #take({ accessToken, expiresIn, session }: Granted): void {
    const { refreshToken, signingKeyId: id, signingKey: secret } = session;
    this.#credentials = { token: accessToken, key: { id, secret } };
    this.#refreshToken = refreshToken;
    this.#refreshAt = this.#clock.monotonic() + expiresIn * 1000 * refreshAfter;
  }
}
