import { createHash } from "node:crypto";
import type { KeyValue, Logger } from "@sampan/core/ports";

const inProgress = Buffer.of(1);
const handled = Buffer.of(2);

/** `new`: it is ours to handle. `in-progress`: somebody does. `handled`: somebody did. */
export type Claim = "new" | "in-progress" | "handled";

export interface HandledMessagesOptions {
  readonly appId: string;
  readonly store: KeyValue;
  readonly logger: Logger;
  /** How long a message may take to be handled; then another delivery of it is new. */
  readonly handlingMs: number;
  /** How long a message that was handled is remembered. */
  readonly keepMs: number;
}

/**
 * Which messages were handled, over all instances that share the store. Without it every delivery is new: to handle a
 * message twice is better than not at all.
 */
export class HandledMessages {
  readonly #options: HandledMessagesOptions;

  constructor(options: HandledMessagesOptions) {
    this.#options = options;
  }

  async claim(id: string): Promise<Claim> {
    const { store, handlingMs } = this.#options;
    const key = this.#key("message", id);
    try {
      if (await store.compareAndSet(key, undefined, inProgress, handlingMs)) return "new";
      const state = await store.get(key);
      return state !== undefined && Buffer.from(state).equals(handled) ? "handled" : "in-progress";
    } catch {
      this.#options.logger.warn("the shared store is away; a message that comes twice is handled twice");
      return "new";
    }
  }

  async done(id: string): Promise<void> {
    await this.#options.store.put(this.#key("message", id), handled, this.#options.keepMs).catch(() => {});
  }

  async failed(id: string): Promise<void> {
    await this.#options.store.compareAndSet(this.#key("message", id), inProgress, undefined).catch(() => {});
  }

  /**
   * Whether a signature that does not cover the body is used for the body that it was first used for. Otherwise whoever
   * has seen one could send anything under it until it is too old.
   */
  async isFirstBody(signed: string, body: Uint8Array): Promise<boolean> {
    const { store, keepMs } = this.#options;
    const key = this.#key("signature", signed);
    const digest = createHash("sha256").update(body).digest();
    try {
      if (await store.compareAndSet(key, undefined, digest, keepMs)) return true;
      const first = await store.get(key);
      return first !== undefined && digest.equals(first);
    } catch {
      return true;
    }
  }

  /** Ids are as long as the vendor makes them, and name users: only their digest is a key. */
  #key(kind: string, id: string): string {
    const digest = createHash("sha256").update(id).digest("base64url");
    return `miniprogram/push/${this.#options.appId}/${kind}/${digest}`;
  }
}
