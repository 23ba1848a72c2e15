import type { Clock } from "@sampan/core";
import type { EtcdClient } from "@sampan/engines";

/** A lease that is kept as long as somebody asks for it. */
export class BoardLease {
  readonly #client: EtcdClient;
  readonly #clock: Clock;
  #id: string | undefined;
  #keptAt = 0;
  #working: Promise<{ readonly id: string; readonly renewed: boolean }> | undefined;

  constructor(client: EtcdClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** Its id, good for about so long from now on. `renewed` is false when it is another one than before. */
  keep(ttlMs: number): Promise<{ readonly id: string; readonly renewed: boolean }> {
    this.#working ??= this.#keep(ttlMs).finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  async revoke(): Promise<void> {
    if (this.#id !== undefined) await this.#client.revokeLease(this.#id);
  }

  async #keep(ttlMs: number): Promise<{ readonly id: string; readonly renewed: boolean }> {
    const now = this.#clock.monotonic();
    if (this.#id !== undefined) {
      // Asked for again and again, it is renewed often enough: that costs a request.
      if (now - this.#keptAt < ttlMs / 4) return { id: this.#id, renewed: true };
      if ((await this.#client.keepLease(this.#id)) > 0) {
        this.#keptAt = now;
        return { id: this.#id, renewed: true };
      }
    }
    this.#id = await this.#client.grantLease(Math.max(1, Math.ceil(ttlMs / 1000)));
    this.#keptAt = now;
    return { id: this.#id, renewed: false };
  }
}
