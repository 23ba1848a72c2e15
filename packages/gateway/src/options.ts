import type { DescService, Registry } from "@bufbuild/protobuf";
import type { Layer, Method, Runtime } from "@sampan/core";
import type { TokenClaims, TokenVerifier } from "@sampan/core/ports";
import { type TrustedProxies, trustedProxies } from "./edge/client-address.js";
import { type GatewayLimits, limitsFrom } from "./edge/limits.js";
import { GatewayErrors } from "./errors.js";
import { defaultEnvelope, type EnvelopeOptions, isEnvelopeMode } from "./response/envelope.js";
import { registryOf } from "./response/registry.js";
import type { AnswerOptions } from "./response/success.js";

export interface GatewayOptions {
  /** Whose channels reach the services; its client layers are around every call that the gateway makes. */
  readonly runtime: Runtime;
  /** The contracts to serve. */
  readonly services: readonly DescService[];
  readonly verifier: TokenVerifier;
  /**
   * Around the whole handling of a request that has a route, with authentication, decoding and encoding; the first is
   * the outermost. They see an `Exchange` as the request: a layer that looks into messages belongs to the runtime's
   * `clientLayers`.
   */
  readonly layers?: readonly Layer[];
  /** Requests that must be signed. Default: none need be. */
  readonly signatures?: SignaturePolicy;
  readonly envelope?: Partial<EnvelopeOptions>;
  readonly limits?: Partial<GatewayLimits>;
  /** The tenant of calls to public methods, which have no token to say it. Default `default`. */
  readonly tenant?: string;
  /**
   * Addresses and networks of the proxies in front, such as `10.0.0.0/8`, whose X-Forwarded-For is believed. Default none:
   * a client's address is then that of its connection.
   */
  readonly trustedProxies?: readonly string[];
  /** Whether answers spell out zero values and empty lists. Default true. */
  readonly emitDefaults?: boolean;
}

/** Which requests must be signed, and how that is checked. */
export interface SignaturePolicy {
  /** The request header that holds the signature, in lower case. */
  readonly header: string;
  /** Asked for each request; `claims` are the verified token's, undefined for a public method. */
  requires(method: Method, claims: TokenClaims | undefined): boolean;
  /** Rejects with the refusal, or resolves to what checks the body when it has arrived. `target` is path and query. */
  verify(request: {
    readonly method: string;
    readonly target: string;
    readonly header: string | undefined;
    readonly claims: TokenClaims | undefined;
  }): Promise<(body: Uint8Array) => void>;
}

/** The options with every default filled in. */
export interface GatewaySettings {
  readonly runtime: Runtime;
  readonly verifier: TokenVerifier;
  readonly layers: readonly Layer[];
  readonly signatures: SignaturePolicy | undefined;
  readonly envelope: EnvelopeOptions;
  readonly limits: GatewayLimits;
  readonly tenant: string;
  readonly proxies: TrustedProxies;
  readonly registry: Registry;
  readonly answers: AnswerOptions;
}

/** Throws `INVALID_OPTIONS`, which lists everything that is wrong. */
export function settingsFrom(options: GatewayOptions): GatewaySettings {
  const problems: string[] = [];
  const limits = limitsFrom(options.limits ?? {}, problems);
  const proxies = trustedProxies(options.trustedProxies ?? [], problems);
  const envelope = { ...defaultEnvelope, ...options.envelope };
  if (!isEnvelopeMode(envelope.mode))
    problems.push(`envelope.mode must be none, code0 or code200, not ${envelope.mode}`);
  if (envelope.header !== false && !/^[0-9a-z-]+$/.test(envelope.header)) {
    problems.push(`envelope.header must be a lower-case header name or false, not ${envelope.header}`);
  }
  if (!["canonical", "always200"].includes(envelope.httpStatus)) {
    problems.push(`envelope.httpStatus must be canonical or always200, not ${envelope.httpStatus}`);
  }
  if (problems.length > 0)
    throw GatewayErrors.INVALID_OPTIONS({ problems: problems.map((each) => `- ${each}`).join("\n") });
  const registry = registryOf(options.services);
  return {
    runtime: options.runtime,
    verifier: options.verifier,
    layers: options.layers ?? [],
    signatures: options.signatures,
    envelope,
    limits,
    tenant: options.tenant ?? "default",
    proxies,
    registry,
    answers: { registry, emitDefaults: options.emitDefaults ?? true, always200: envelope.httpStatus === "always200" },
  };
}
