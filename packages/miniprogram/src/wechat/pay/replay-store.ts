import { createHash } from "node:crypto";
import type { KeyValue } from "@sampan/core/ports";
import { type PlatformSignature, platformMessageOf } from "./platform-signature.js";

/** Longer than a signature can be valid anywhere: 300 s early and 300 s late, and a minute for clocks that differ. */
const rememberMs = 660_000;

/**
 * The deliveries that were given out. What is remembered is the signed text (time, nonce and body), not its id: the
 * platform delivers an event again under the same id, but signs each delivery anew.
 */
export class ReplayStore {
  readonly #store: KeyValue;
  readonly #merchantId: string;

  constructor(store: KeyValue, merchantId: string) {
    this.#store = store;
    this.#merchantId = merchantId;
  }

  /** True the first time. Rejects as the store does: a delivery that cannot be checked is left to the platform's retry. */
  claim(signature: PlatformSignature, body: Uint8Array): Promise<boolean> {
    const digest = createHash("sha256").update(platformMessageOf(signature, body)).digest("base64url");
    const key = `miniprogram/wechat/callback/${this.#merchantId}/${digest}`;
    return this.#store.compareAndSet(key, undefined, new Uint8Array([1]), rememberMs);
  }
}
