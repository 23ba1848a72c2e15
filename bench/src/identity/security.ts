import type { GrpcOptions } from "@sampan/grpc";
import {
  peerVerifier,
  type TrustBundle,
  tlsCertificates,
  type X509Context,
  type X509Source,
  type X509Svid,
} from "@sampan/identity/certificates";

/** How two processes of the bench speak: `mtls-unchecked` leaves the SPIFFE id and the revocation lists to nobody. */
export type Security = "plain" | "tls" | "mtls-unchecked" | "mtls";

/** What a process of the bench is told of its identity: private key and all, and worth nothing. */
export function securityOf(security: Security, source: X509Source): Readonly<Record<string, string>> {
  const { svid, bundles, revocationLists } = source.current();
  const identity: GivenIdentity = {
    svid: { ...svid, chain: svid.chain.map(encode), privateKey: encode(svid.privateKey) },
    bundles: [...bundles].map(([domain, bundle]) => [
      domain,
      { ...bundle, authorities: bundle.authorities.map(encode) },
    ]),
    revocationLists: revocationLists.map(encode),
  };
  return { BENCH_SECURITY: security, BENCH_IDENTITY: JSON.stringify(identity) };
}

/** The identity that this process was given; it never changes. */
export function givenIdentity(): X509Source {
  const { svid, bundles, revocationLists } = JSON.parse(process.env.BENCH_IDENTITY ?? "") as GivenIdentity;
  const context: X509Context = {
    svid: { ...svid, chain: svid.chain.map(decode), privateKey: decode(svid.privateKey) },
    bundles: new Map(
      bundles.map(([domain, bundle]) => [domain, { ...bundle, authorities: bundle.authorities.map(decode) }]),
    ),
    revocationLists: revocationLists.map(decode),
  };
  return { current: () => context, watch: () => () => {}, close() {} };
}

/** An `X509Context` as JSON, DER in base64. */
interface GivenIdentity {
  readonly svid: Omit<X509Svid, "chain" | "privateKey"> & { readonly chain: string[]; readonly privateKey: string };
  readonly bundles: [string, Omit<TrustBundle, "authorities"> & { readonly authorities: string[] }][];
  readonly revocationLists: string[];
}

/** What this process's transport needs to be as secure as it was told. */
export function givenSecurity(): GrpcOptions {
  const security = process.env.BENCH_SECURITY as Security | undefined;
  if (security === undefined || security === "plain") return {};
  const source = givenIdentity();
  const certificates = tlsCertificates(source);
  const { check } = peerVerifier({ source });
  const asks = security !== "tls";
  return {
    tls: {
      server: {
        certificates,
        requireClientCertificate: asks,
        ...(security === "mtls" && { checkClient: check }),
      },
      client: {
        certificates: asks ? certificates : { ca: certificates.current().ca },
        checkServer: (_, certificate) => check(certificate),
      },
    },
  };
}

function decode(text: string): Uint8Array {
  return Buffer.from(text, "base64");
}

function encode(octets: Uint8Array): string {
  return Buffer.from(octets).toString("base64");
}
