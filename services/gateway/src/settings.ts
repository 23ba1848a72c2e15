import { bytes, choice, duration, integer, list, settings, text } from "@sampan/config";

export const GatewaySettings = settings({
  host: text({ default: "127.0.0.1", doc: "where the gateway listens" }),
  port: integer({ default: 8080, min: 0, max: 65_535, doc: "0 picks a free one" }),
  envelope: choice(["none", "code0", "code200"], {
    default: "none",
    doc: "how answers are wrapped for clients that do not say",
  }),
  maxBody: bytes({ default: "1MB", min: "1KB", max: "64MB", doc: "larger requests are refused" }),
  maxInFlight: integer({ default: 1024, min: 1, max: 1_000_000, doc: "requests in work; more are refused with 503" }),
  maxTimeout: duration({ default: "60s", min: "1s", max: "1h", doc: "the longest deadline that a client can ask for" }),
  trustedProxies: list(text({ pattern: /^[0-9A-Fa-f:.]+(\/[0-9]{1,3})?$/ }), {
    default: [],
    doc: "addresses and networks, such as 10.0.0.0/8, of the proxies in front: only their X-Forwarded-For is believed",
  }),
  signedRoles: list(text({ pattern: /^[a-z][a-z0-9._-]*$/ }), {
    default: [],
    doc: "requests with a token of one of these roles must be signed, such as user",
  }),
  unsignedMethods: list(text({ pattern: /^\/[A-Za-z0-9_.]+\/([A-Za-z0-9_]+|\*)$/ }), {
    default: [],
    doc: "methods that need no signature all the same, such as /user.v1.UserService/GetMe or /user.v1.UserService/*",
  }),
  signatureWindow: duration({
    default: "5m",
    min: "1s",
    max: "1h",
    doc: "how far the time of a signed request may be from ours",
  }),
});
