import { Oid } from "../der/object-ids.js";
import { parseSpiffeId, problemOf } from "../spiffe-id.js";
import { type Certificate, KeyUsageBit } from "../x509/certificate.js";
import type { Refusal } from "./verify-chain.js";

interface Problem {
  readonly refusal: Refusal;
  readonly why: string;
}

/** Who a leaf says it is: exactly one URI among its names, a SPIFFE id with a path (X509-SVID.md, sections 2 and 5.2). */
export function readLeafId(leaf: Certificate): { readonly id: string; readonly trustDomain: string } | Problem {
  const refuse = (why: string): Problem => ({ refusal: "no-spiffe-id", why });
  const [id, ...more] = leaf.uris;
  if (id === undefined) return refuse("it names no URI");
  if (more.length > 0) return refuse(`it names ${leaf.uris.length} URIs, and must name one`);
  const why = problemOf(id);
  if (why !== undefined) return refuse(`its URI is no SPIFFE id: ${why}`);
  const { trustDomain, path } = parseSpiffeId(id);
  if (path === "" && !leaf.isAuthority) return refuse("its SPIFFE id has no path");
  return { id, trustDomain };
}

/** What keeps a certificate from being a leaf. */
export function leafProblem({
  isAuthority,
  keyUsage,
  extendedKeyUsage,
  unknownCritical,
}: Certificate): Problem | undefined {
  if (isAuthority) return { refusal: "not-a-leaf", why: "it is an authority's own" };
  if (keyUsage === undefined || !keyUsage.critical || !keyUsage.bits.has(KeyUsageBit.digitalSignature)) {
    return { refusal: "key-usage", why: "its critical key usage must be digitalSignature" };
  }
  if (keyUsage.bits.has(KeyUsageBit.keyCertSign) || keyUsage.bits.has(KeyUsageBit.crlSign)) {
    return { refusal: "key-usage", why: "its key may sign certificates or revocation lists" };
  }
  const purposes = extendedKeyUsage ?? [];
  if (!purposes.includes(Oid.serverAuth) || !purposes.includes(Oid.clientAuth)) {
    return { refusal: "key-usage", why: "it is not for both servers and clients" };
  }
  return unknown(unknownCritical);
}

/** What keeps a certificate from signing others with `below` intermediates beneath it. */
export function authorityProblem(issuer: Certificate, trustDomain: string, below: number): Problem | undefined {
  const refuse = (why: string): Problem => ({ refusal: "authority", why });
  const { isAuthority, keyUsage, pathLength, uris, unknownCritical } = issuer;
  if (!isAuthority) return refuse("a certificate that has signed it is not an authority's");
  if (keyUsage === undefined || !keyUsage.bits.has(KeyUsageBit.keyCertSign)) {
    return refuse("an authority above may not sign certificates");
  }
  if (pathLength !== undefined && below > pathLength) return refuse("an authority above allows fewer intermediates");
  const foreign = uris.find((uri) => uri !== `spiffe://${trustDomain}`);
  if (foreign !== undefined) return refuse("an authority above has another id than that of the trust domain");
  return unknown(unknownCritical);
}

function unknown([id]: readonly string[]): Problem | undefined {
  if (id === undefined) return undefined;
  return { refusal: "unknown-extension", why: `the critical extension ${id} is not known` };
}
