import { X509Certificate } from "node:crypto";
import type { DetailedPeerCertificate } from "node:tls";

/** The certificates in PEM texts. Throws when one cannot be read. */
export function readAuthorities(pems: string | Buffer): readonly X509Certificate[] {
  const blocks = String(pems).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/**
 * Whether a chain that TLS has verified, when its connection was made, still leads to one of these authorities: one is in
 * it, or has signed one that is.
 */
export function leadsTo(leaf: DetailedPeerCertificate, authorities: readonly X509Certificate[]): boolean {
  const chain = chainFrom(leaf);
  // The authority is mostly there: signatures are what costs.
  if (chain.some(({ raw }) => authorities.some((authority) => authority.raw.equals(raw)))) return true;
  return chain.some(({ raw }) => {
    const certificate = new X509Certificate(raw);
    return authorities.some((each) => certificate.checkIssued(each) && certificate.verify(each.publicKey));
  });
}

/** When a chain holds, ms since the epoch: until the first of its certificates ends. */
export function lifeOf(leaf: DetailedPeerCertificate): { readonly from: number; readonly until: number } {
  const ends = chainFrom(leaf).map(({ valid_to }) => Date.parse(valid_to));
  return { from: Date.parse(leaf.valid_from), until: Math.min(...ends) };
}

/** Node links each certificate to its issuer, and a root to itself. */
function chainFrom(leaf: DetailedPeerCertificate): readonly DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  for (let each = leaf; each?.raw !== undefined && !chain.includes(each); each = each.issuerCertificate) {
    chain.push(each);
  }
  return chain;
}
