/**
 * Why a header may not be on a method's `pass_headers`; undefined when it may. Headers that carry identity, tenancy,
 * tracing or framing are the edge's own: a client that could set them behind the edge would be believed.
 */
export function unfitHeader(name: string): string | undefined {
  if (!/^[0-9a-z_.-]+$/.test(name)) return "is not a lower-case header name";
  if (name.endsWith("-bin")) return "would be bytes";
  // Some proxies and servers take an underscore for a hyphen.
  const same = name.replaceAll("_", "-");
  if (reserved.has(same) || reservedPrefixes.some((prefix) => same.startsWith(prefix))) return "is never passed on";
  return undefined;
}

const reservedPrefixes = ["grpc-", "sampan-", "x-sampan-", "x-envoy-", "x-forwarded-", ":"] as const;

const reserved: ReadonlySet<string> = new Set([
  "authorization",
  "baggage",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "cookie",
  "expect",
  "forwarded",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "traceparent",
  "tracestate",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
