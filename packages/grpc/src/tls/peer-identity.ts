import type { Peer } from "@sampan/h2";

/** What is known of a connection's other end, found once when it is accepted. */
export interface Caller {
  /** `ipv4:127.0.0.1:51000`, `ipv6:[::1]:51000` or `unix:`. */
  readonly address: string;
  /** The URI in the certificate's subject alternative names, such as a SPIFFE id; empty without a verified one. */
  readonly certified: string;
  /** By a certificate that names one peer: one with several URIs names nobody. */
  readonly verified: boolean;
  /** Loopback or a unix socket. */
  readonly local: boolean;
}

export function callerOf(peer: Peer): Caller {
  const certified = peer.authorized ? uriOf(peer.certificate()?.subjectaltname) : "";
  return {
    address: addressOf(peer.address, peer.port),
    certified: certified ?? "",
    verified: peer.authorized && certified !== undefined,
    local: isLocal(peer.address),
  };
}

export function addressOf(host: string, port: number): string {
  if (host === "") return "unix:";
  return host.includes(":") ? `ipv6:[${host}]:${port}` : `ipv4:${host}:${port}`;
}

function isLocal(address: string): boolean {
  return address === "" || address === "::1" || /^(::ffff:)?127\./.test(address);
}

/**
 * The URI among a certificate's names, or empty; undefined when there are several, or one that cannot be read: a SPIFFE
 * certificate has exactly one (X509-SVID.md, section 2). Node separates names by commas and writes one that contains
 * special characters as a JSON string (CVE-2021-44532), so nothing inside a name can look like another name.
 */
export function uriOf(names: string | undefined): string | undefined {
  const uris = [...stripQuoted(names ?? "").matchAll(/(?:^|, )URI:([^,]*)/g)].map(([, uri]) => uri as string);
  if (uris.length === 0) return "";
  const [uri = ""] = uris;
  return uris.length > 1 || uri === "" || uri.includes('"') ? undefined : uri;
}

function stripQuoted(names: string): string {
  return names.replace(/"(?:[^"\\]|\\.)*"/g, '""');
}
