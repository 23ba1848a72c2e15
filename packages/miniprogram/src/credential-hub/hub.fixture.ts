import assert from "node:assert/strict";
import { type Call, type Clock, Runtime, silentLogger } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import type { KeyValue } from "@sampan/core/ports";
import { createFakeClock, type FakeClock } from "@sampan/testkit";
import type { AccessToken } from "./access-token.js";
import { CredentialHub, type CredentialHubOptions } from "./credential-hub.js";

export const tokenLifeMs = 7_200_000;
const overlapMs = 300_000;

/**
 * The vendor's token interface as its page describes it: not forced, the same token until its last five minutes; two
 * tokens are valid at most. Answers take `delayMs`.
 */
export class TokenPlatform {
  readonly issued: AccessToken[] = [];
  /** Each fetch: whether it was forced, and which token it was given. */
  readonly fetches: { readonly force: boolean; readonly value: string }[] = [];
  delayMs = 0;
  /** The next fetches fail with this. */
  failure: Error | undefined;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly fetch = async (force: boolean): Promise<AccessToken> => {
    const askedAt = this.#clock.now();
    const token = this.failure === undefined ? this.#answer(force) : undefined;
    if (this.delayMs > 0) await new Promise<void>((resolve) => this.#clock.timer(this.delayMs, resolve));
    if (token === undefined) throw this.failure ?? assert.fail();
    const left = Math.floor((token.expiresAt - askedAt) / 1000) * 1000;
    return { value: token.value, expiresAt: askedAt + left };
  };

  isValid(value: string): boolean {
    return this.issued.some((token) => token.value === value && token.expiresAt > this.#clock.now());
  }

  #answer(force: boolean): AccessToken {
    const now = this.#clock.now();
    let current = this.issued.at(-1);
    if (force && current !== undefined) this.issued[this.issued.length - 1] = { ...current, expiresAt: now };
    if (force || current === undefined || current.expiresAt - now <= overlapMs) {
      current = { value: `token ${this.issued.length + 1}`, expiresAt: now + tokenLifeMs };
      this.issued.push(current);
    }
    this.fetches.push({ force, value: current.value });
    return current;
  }
}

export interface HubWorld {
  readonly clock: FakeClock;
  readonly platform: TokenPlatform;
  readonly store: KeyValue;
  /** Another instance. */
  hub(options?: Partial<CredentialHubOptions>): CredentialHub;
  call(timeoutMs?: number): Call;
}

export function hubWorld(): HubWorld {
  const clock = createFakeClock();
  const platform = new TokenPlatform(clock);
  const store = memoryKeyValue({ clock });
  const runtime = new Runtime({ name: "test", clock, connect: () => assert.fail() });
  return {
    clock,
    platform,
    store,
    hub: (options) =>
      new CredentialHub({
        name: "wechat/wx1",
        appSecret: "the-app-secret",
        fetch: platform.fetch,
        store,
        clock,
        logger: silentLogger,
        ...options,
      }),
    call: (timeoutMs = 86_400_000) => runtime.root({ name: "test", timeoutMs }),
  };
}

/** A store that can be taken away: it then rejects, or does not answer at all. */
export class FlakyStore implements KeyValue {
  state: "here" | "rejects" | "hangs" = "here";
  /** Operations that were asked for. */
  asked = 0;
  readonly #store: KeyValue;

  constructor(store: KeyValue) {
    this.#store = store;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#or(() => this.#store.get(key));
  }

  put(key: string, value: Uint8Array, ttlMs?: number): Promise<void> {
    return this.#or(() => this.#store.put(key, value, ttlMs));
  }

  compareAndSet(
    key: string,
    expected: Uint8Array | undefined,
    value: Uint8Array | undefined,
    ttlMs?: number,
  ): Promise<boolean> {
    return this.#or(() => this.#store.compareAndSet(key, expected, value, ttlMs));
  }

  increment(...given: Parameters<KeyValue["increment"]>): ReturnType<KeyValue["increment"]> {
    return this.#or(() => this.#store.increment(...given));
  }

  acquire(...given: Parameters<KeyValue["acquire"]>): ReturnType<KeyValue["acquire"]> {
    return this.#or(() => this.#store.acquire(...given));
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #or<T>(ask: () => Promise<T>): Promise<T> {
    this.asked++;
    if (this.state === "here") return ask();
    return this.state === "rejects" ? Promise.reject(new Error("the store is away")) : new Promise(() => {});
  }
}
