import type { CancelTimer, Clock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import type { Health } from "@sampan/telemetry";
import { expiryStage, type Validity } from "./expiry.js";

export interface ExpiryWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly health: Health;
  /** Why the next certificate does not come; empty when nobody knows. */
  readonly failure: () => string;
}

/** A certificate in use. */
export interface Watched extends Validity {
  readonly id: string;
}

/** Tells of the end of a certificate, more often the nearer it is, and takes the process out of traffic when it has come. */
export class ExpiryWatch {
  readonly #options: ExpiryWatchOptions;
  #current: Watched | undefined;
  #stage = 0;
  #cancel: CancelTimer = () => {};

  constructor(options: ExpiryWatchOptions) {
    this.#options = options;
  }

  /** This certificate counts from now on. */
  renewed(certificate: Watched): void {
    const { clock, logger } = this.#options;
    const known = this.#current;
    const fields = { id: certificate.id, expires_in_s: Math.round((certificate.notAfter - clock.now()) / 1000) };
    // The first, and one that was waited for, are news; of the many in between there is a line for whoever looks for it.
    if (known === undefined || this.#stage > 0) logger.info("a certificate has come", fields);
    else if (known.notAfter !== certificate.notAfter) logger.debug("the certificate was renewed", fields);
    // It says that it holds since before it was made, for clocks that are late: of a life of seconds that would be most.
    const notBefore = Math.max(certificate.notBefore, clock.now());
    const current = known?.notAfter === certificate.notAfter ? known : { ...certificate, notBefore };
    this.#current = current;
    this.#stage = 0;
    this.#look(current);
  }

  close(): void {
    this.#cancel();
  }

  #look(certificate: Watched): void {
    const { clock, logger, health } = this.#options;
    const { id, notAfter } = certificate;
    const { stage, isExpired, nextAt } = expiryStage(certificate, clock.now());
    const failure = this.#options.failure();
    if (isExpired) {
      health.set("certificates", "down", `the certificate of ${id} has expired`);
      logger.error("the certificate has expired: no connection can be made", { id, failure });
    } else {
      health.set("certificates", "up");
      const expires_in_s = Math.round((notAfter - clock.now()) / 1000);
      if (stage > this.#stage) logger.warn("the certificate is late to be renewed", { id, expires_in_s, failure });
    }
    this.#stage = stage;
    this.#cancel();
    if (nextAt === undefined) return;
    this.#cancel = clock.timer(nextAt - clock.now(), () => this.#look(certificate), { background: true });
  }
}
