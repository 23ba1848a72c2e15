import type { Clock } from "@sampan/core";
import type { Logger, Meter } from "@sampan/core/ports";
import { type NodeCertificate, type PeerVerifier, peerVerifier, type X509Source } from "@sampan/identity/certificates";
import { Repeats } from "../repeats.js";

export interface PeerChecksOptions {
  readonly source: X509Source;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** Gives what refuses the certificate of the other side; undefined when it is good. */
export type PeerCheck = (certificate: NodeCertificate) => Error | undefined;

const toldEveryMs = 60_000;

/** Holds certificates against what the source knows at that moment; refusals are counted, and logged once a minute each. */
export class PeerChecks {
  readonly #options: PeerChecksOptions;
  readonly #repeats = new Repeats(toldEveryMs);
  /** Whoever is of our trust domain may call; what they may call is the access policy's to say. */
  readonly client: PeerCheck;

  constructor(options: PeerChecksOptions) {
    this.#options = options;
    this.client = this.#check("client", peerVerifier(options), "");
  }

  /** Of a server that must be one of some; `expected` says in words which. */
  server(accept: (id: string) => boolean, expected: string): PeerCheck {
    return this.#check("server", peerVerifier({ ...this.#options, accept }), expected);
  }

  #check(side: "client" | "server", verifier: PeerVerifier, expected: string): PeerCheck {
    const { clock, logger, meter } = this.#options;
    const refused = meter.counter(refusedCounter, { side });
    const accepted = meter.counter(acceptedCounter, { side });
    return (certificate) => {
      const refusal = verifier.check(certificate);
      if (refusal === undefined) {
        accepted.add();
        return undefined;
      }
      refused.add();
      const also = this.#repeats.note(`${side} ${expected} ${refusal.message}`, clock.now());
      if (also !== undefined) {
        const wanted = expected === "" ? {} : { expected };
        logger.warn(`the certificate of a ${side} is refused`, { why: refusal.message, ...wanted, also });
      }
      return refusal;
    };
  }
}

const acceptedCounter = {
  name: "sampan_certificate_accepted_total",
  help: "Certificates of the other side that were checked and good: one for each connection, and again after each change.",
};

const refusedCounter = {
  name: "sampan_certificate_refused_total",
  help: "Connections that were refused for the certificate of the other side.",
};
