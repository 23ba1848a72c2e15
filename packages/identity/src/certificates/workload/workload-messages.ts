import { createPrivateKey, createPublicKey } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  X509BundlesResponseSchema,
  X509SVID,
  X509SVIDResponse,
  X509SVIDResponseSchema,
} from "@sampan/protos/spiffe/workload/workload_pb.js";
import type { TrustBundle } from "../bundle/trust-bundle.js";
import { CertificateErrors } from "../certificate-errors.js";
import type { X509Context, X509Svid } from "../source/x509-source.js";
import { parseSpiffeId } from "../spiffe-id.js";
import { readLeafId } from "../verify/profile.js";
import { readCertificate, splitCertificates } from "../x509/read-certificate.js";

type Bytes = Uint8Array<ArrayBuffer>;

/** Several identities of one workload, as one message. The first is its default. */
export function svidResponse(contexts: readonly X509Context[]): MessageInitShape<typeof X509SVIDResponseSchema> {
  const federated = new Map<string, Bytes>();
  const lists = new Set<Uint8Array>();
  const own = new Set(contexts.map(({ svid }) => parseSpiffeId(svid.id).trustDomain));
  for (const { bundles, revocationLists } of contexts) {
    for (const list of revocationLists) lists.add(list);
    for (const bundle of bundles.values()) {
      if (!own.has(bundle.trustDomain)) federated.set(keyOf(bundle), joined(bundle.authorities));
    }
  }
  return {
    svids: contexts.map(({ svid, bundles }) => ({
      spiffeId: svid.id,
      x509Svid: joined(svid.chain),
      x509SvidKey: joined([svid.privateKey]),
      bundle: joined(bundles.get(parseSpiffeId(svid.id).trustDomain)?.authorities ?? []),
    })),
    crl: [...lists].map((list) => joined([list])),
    federatedBundles: Object.fromEntries(federated),
  };
}

/** What those identities may verify others with. */
export function bundlesResponse(contexts: readonly X509Context[]): MessageInitShape<typeof X509BundlesResponseSchema> {
  const bundles = new Map<string, Bytes>();
  const lists = new Set<Uint8Array>();
  for (const context of contexts) {
    for (const list of context.revocationLists) lists.add(list);
    for (const bundle of context.bundles.values()) bundles.set(keyOf(bundle), joined(bundle.authorities));
  }
  return { crl: [...lists].map((list) => joined([list])), bundles: Object.fromEntries(bundles) };
}

function keyOf({ trustDomain }: TrustBundle): string {
  return `spiffe://${trustDomain}`;
}

function joined(ders: readonly Uint8Array[]): Bytes {
  return Buffer.concat(ders);
}

/**
 * What a Workload API has sent, checked: it is full state, so what is missing is gone. `hint` chooses one of several
 * identities; otherwise the first. Throws `WORKLOAD_RESPONSE`.
 */
export function readSvidResponse(response: X509SVIDResponse, hint: string | undefined): X509Context {
  const chosen = hint === undefined ? response.svids[0] : response.svids.find((each) => each.hint === hint);
  if (chosen === undefined) throw bad(hint === undefined ? "it names no identity" : `it has no identity ${hint}`);
  try {
    const svid = readSvid(chosen);
    const { trustDomain } = parseSpiffeId(svid.id);
    const bundles = new Map([[trustDomain, readBundle(trustDomain, chosen.bundle)]]);
    for (const [id, bundle] of Object.entries(response.federatedBundles)) {
      const federated = parseSpiffeId(id).trustDomain;
      if (federated !== trustDomain) bundles.set(federated, readBundle(federated, bundle));
    }
    return { svid, bundles, revocationLists: response.crl };
  } catch (error) {
    throw CertificateErrors.WORKLOAD_RESPONSE.is(error) ? error : bad((error as Error).message, error);
  }
}

function readSvid({ spiffeId, x509Svid, x509SvidKey }: X509SVID): X509Svid {
  const chain = splitCertificates(x509Svid);
  const [leafDer] = chain;
  if (leafDer === undefined) throw bad("an identity has no certificate");
  const leaf = readCertificate(leafDer);
  const named = readLeafId(leaf);
  if (!("id" in named) || named.id !== spiffeId) throw bad(`the certificate is not of ${spiffeId}`);
  const key = createPrivateKey({ key: Buffer.from(x509SvidKey), format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  if (Buffer.compare(spki, leaf.publicKey) !== 0) throw bad("the key does not belong to the certificate");
  return { id: spiffeId, chain, privateKey: x509SvidKey, notBefore: leaf.notBefore, notAfter: leaf.notAfter };
}

function readBundle(trustDomain: string, bytes: Uint8Array): TrustBundle {
  const authorities = splitCertificates(bytes);
  if (authorities.length === 0) throw bad(`the bundle of ${trustDomain} is empty`);
  for (const der of authorities)
    if (!readCertificate(der).isAuthority) throw bad(`the bundle of ${trustDomain} holds others than authorities`);
  return { trustDomain, authorities };
}

function bad(why: string, cause?: unknown): Error {
  return CertificateErrors.WORKLOAD_RESPONSE({ why }, { cause });
}
