import { CertificateErrors } from "./certificate-errors.js";

/** `spiffe://<trust domain><path>`; the path is empty, which only authorities' ids have, or begins with a slash. */
export interface SpiffeId {
  readonly trustDomain: string;
  readonly path: string;
}

/** SPIFFE-ID.md, section 2.3: 2048 bytes at most, of which 255 for the trust domain. */
export const maxSpiffeIdBytes = 2048;
const maxTrustDomainBytes = 255;
const scheme = "spiffe://";

/** Throws `SPIFFE_ID_INVALID`. Nothing is normalised: two ids are the same when their texts are. */
export function parseSpiffeId(text: string): SpiffeId {
  const why = problemOf(text);
  if (why !== undefined) throw CertificateErrors.SPIFFE_ID_INVALID({ id: printable(text), why });
  const slash = text.indexOf("/", scheme.length);
  if (slash < 0) return { trustDomain: text.slice(scheme.length), path: "" };
  return { trustDomain: text.slice(scheme.length, slash), path: text.slice(slash) };
}

/** What `parseSpiffeId` would say; undefined for an id. */
export function problemOf(text: string): string | undefined {
  if (text.length > maxSpiffeIdBytes) return `it is longer than ${maxSpiffeIdBytes} bytes`;
  if (!text.startsWith(scheme)) return "it does not begin with spiffe://";
  const [trustDomain = "", ...segments] = text.slice(scheme.length).split("/");
  if (trustDomain === "") return "the trust domain is empty";
  if (trustDomain.length > maxTrustDomainBytes) return `the trust domain is longer than ${maxTrustDomainBytes} bytes`;
  if (!/^[a-z0-9._-]+$/.test(trustDomain))
    return "the trust domain has other characters than a-z, 0-9, dot, dash and _";
  for (const segment of segments) {
    if (segment === "") return "a path segment is empty";
    if (segment === "." || segment === "..") return "a path segment is . or ..";
    if (!/^[a-zA-Z0-9._-]+$/.test(segment))
      return "the path has other characters than letters, digits, dot, dash and _";
  }
  return undefined;
}

/** Throws `SPIFFE_ID_INVALID` for what cannot be a trust domain. */
export function requireTrustDomain(name: string): string {
  const { trustDomain, path } = parseSpiffeId(`${scheme}${name}`);
  if (path !== "")
    throw CertificateErrors.SPIFFE_ID_INVALID({ id: printable(name), why: "a trust domain has no path" });
  return trustDomain;
}

export function spiffeIdText({ trustDomain, path }: SpiffeId): string {
  return `${scheme}${trustDomain}${path}`;
}

/** As Istio and Kubernetes service accounts write it. Throws `SPIFFE_ID_INVALID`. */
export function serviceId(trustDomain: string, namespace: string, service: string): string {
  const text = `${scheme}${trustDomain}/ns/${namespace}/sa/${service}`;
  const { path } = parseSpiffeId(text);
  if (path.split("/").length === 5) return text;
  throw CertificateErrors.SPIFFE_ID_INVALID({ id: printable(text), why: "namespace and service are one segment each" });
}

function printable(text: string): string {
  const shown = text.replace(/[^\x21-\x7e]/g, "?");
  return shown.length > 100 ? `${shown.slice(0, 100)}…` : shown;
}
