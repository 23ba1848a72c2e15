import { pem } from "../files/pem.js";
import type { X509Context, X509Source } from "./x509-source.js";

/** PEM texts, of the shape that `ServerTls` and `ClientTls` of `@sampan/grpc` take. */
export interface TlsPems {
  /** The leaf first, then intermediates. */
  readonly cert: string;
  readonly key: string;
  /** The roots of every trust domain that is believed. */
  readonly ca: string;
}

/** Fits `CertificateSource` of `@sampan/grpc`: new connections get what is current, open ones keep theirs. */
export interface TlsCertificates {
  current(): TlsPems;
  watch(changed: () => void): () => void;
}

/**
 * A source's certificates for TLS. TLS checks the chain up to `ca`; which of the roots speaks for whom, the SPIFFE id
 * and the revocation lists are the work of `peerVerifier`, without which every trust domain could name every id.
 */
export function tlsCertificates(source: X509Source): TlsCertificates {
  let known: X509Context | undefined;
  let pems: TlsPems = { cert: "", key: "", ca: "" };
  return {
    current() {
      const context = source.current();
      if (context !== known) {
        const { svid, bundles } = context;
        pems = {
          cert: svid.chain.map((der) => pem("CERTIFICATE", der)).join(""),
          key: pem("PRIVATE KEY", svid.privateKey),
          ca: [...bundles.values()]
            .flatMap(({ authorities }) => authorities.map((der) => pem("CERTIFICATE", der)))
            .join(""),
        };
        known = context;
      }
      return pems;
    },
    watch: (changed) => source.watch(changed),
  };
}
