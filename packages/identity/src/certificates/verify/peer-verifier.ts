import { type Clock, type RpcError, systemClock } from "@sampan/core";
import { CertificateErrors } from "../certificate-errors.js";
import type { X509Context, X509Source } from "../source/x509-source.js";
import { RevocationIndex } from "./revocation-index.js";
import { type Refusal, type Trust, verifyChain } from "./verify-chain.js";

/** A peer whose certificate is good. */
export interface VerifiedPeer {
  /** SPIFFE id. */
  readonly id: string;
  /** Not to be believed any longer from here on, ms since the epoch. */
  readonly notAfter: number;
}

/** A certificate as Node's `getPeerCertificate(true)` gives it: DER, and its issuer, itself for a root. */
export interface NodeCertificate {
  readonly raw: Buffer;
  readonly issuerCertificate?: NodeCertificate;
}

export interface PeerVerifierOptions {
  readonly source: X509Source;
  /** Whom to believe of those with good certificates. Default: every id of the trust domains in the bundles. */
  readonly accept?: (id: string) => boolean;
  /** Of the bundles' trust domains, those that are taken. Default: the workload's own. */
  readonly trustDomains?: readonly string[];
  readonly clock?: Clock;
  /** Hears of every refusal, for metrics. */
  readonly refused?: (refusal: Refusal | "not-accepted") => void;
}

export interface PeerVerifier {
  /** The leaf first. Throws `CERTIFICATE_REFUSED`. */
  verify(chain: readonly Uint8Array[]): VerifiedPeer;
  /**
   * The same for a certificate of Node's TLS, as an error and not thrown: for `checkServer` of a client and for a server
   * that asks for certificates.
   */
  check(certificate: NodeCertificate): RpcError | undefined;
}

/** Checks peers against what a source knows at that moment: bundles and revocation lists that have just come count. */
export function peerVerifier(options: PeerVerifierOptions): PeerVerifier {
  const { source, accept = () => true, clock = systemClock, refused = () => {} } = options;
  let known: X509Context | undefined;
  let trust: Trust = { bundles: new Map() };

  const trustNow = (): Trust => {
    const context = source.current();
    if (context === known) return trust;
    const own = context.svid.id.slice("spiffe://".length).split("/")[0] as string;
    const taken = new Set(options.trustDomains ?? [own]);
    const bundles = new Map([...context.bundles].filter(([trustDomain]) => taken.has(trustDomain)));
    trust = { bundles, revoked: new RevocationIndex(context.revocationLists) };
    known = context;
    return trust;
  };

  const verify = (chain: readonly Uint8Array[]): VerifiedPeer => {
    const verdict = verifyChain(chain, trustNow(), clock.now());
    const { id } = verdict;
    const who = id === "" ? "an unknown peer" : id;
    if (verdict.refusal !== undefined) {
      refused(verdict.refusal);
      throw CertificateErrors.CERTIFICATE_REFUSED({ id: who, why: verdict.why, refusal: verdict.refusal });
    }
    if (!accept(id)) {
      refused("not-accepted");
      throw CertificateErrors.CERTIFICATE_REFUSED({
        id: who,
        why: "another peer is expected here",
        refusal: "not-accepted",
      });
    }
    return { id, notAfter: verdict.notAfter };
  };

  return {
    verify,
    check(certificate) {
      try {
        verify(chainOf(certificate));
        return undefined;
      } catch (error) {
        return error as RpcError;
      }
    },
  };
}

/** Node links each certificate to its issuer, and the last to itself or to nothing. */
function chainOf(certificate: NodeCertificate): Uint8Array[] {
  const chain: Uint8Array[] = [];
  for (let each: NodeCertificate | undefined = certificate; each?.raw !== undefined; each = each.issuerCertificate) {
    chain.push(each.raw);
    if (each.issuerCertificate === each || chain.length > 16) break;
  }
  return chain;
}
