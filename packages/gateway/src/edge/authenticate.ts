import type { IncomingMessage } from "node:http";
import { CoreErrors, type Method, type Runtime } from "@sampan/core";
import type { TokenClaims, TokenVerifier } from "@sampan/core/ports";
import { GatewayErrors } from "../errors.js";
import type { Route } from "../routing/routes.js";

/**
 * Who sends the request, for methods that ask for it. Rejects with `TOKEN_MISSING`, `ROLE_MISSING`,
 * `SCOPE_MISSING`, what the verifier rejects with, or `DEADLINE_EXCEEDED`: the verifier may have to fetch keys, and there
 * is no call yet to time it.
 */
export async function authenticate(
  { method, roles, scopes }: Route,
  request: IncomingMessage,
  verifier: TokenVerifier,
  runtime: Runtime,
  deadline: number,
): Promise<TokenClaims> {
  const claims = await before(deadline, verifier.verify(bearer(method, request)), method, runtime);
  // A method that needs no role is public, and nobody asks here; were one to come, it has no role that would do.
  if (!roles.some((role) => claims.roles.includes(role))) {
    throw GatewayErrors.ROLE_MISSING({ method: method.path, role: roles.join(" or ") || "none" });
  }
  const missing = scopes.find((scope) => claims.scopes?.includes(scope) !== true);
  if (missing !== undefined) throw GatewayErrors.SCOPE_MISSING({ method: method.path, scope: missing });
  return claims;
}

/** RFC 6750 section 2.1; the scheme's case does not matter (RFC 9110 section 11.1). */
const bearerPattern = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

function bearer(method: Method, request: IncomingMessage): string {
  const header = request.headers.authorization;
  if (header === undefined)
    throw GatewayErrors.TOKEN_MISSING({ method: method.path, why: "there is no Authorization header" });
  // Node keeps the first of several, and whoever stands before us may have looked at another.
  if (timesIn(request.rawHeaders, "authorization") > 1)
    throw GatewayErrors.TOKEN_MISSING({ method: method.path, why: "there are several Authorization headers" });
  const match = bearerPattern.exec(header);
  if (match === null)
    throw GatewayErrors.TOKEN_MISSING({ method: method.path, why: "the Authorization header is not a bearer token" });
  return match[1] as string;
}

function timesIn(rawHeaders: readonly string[], name: string): number {
  let times = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const each = rawHeaders[i] as string;
    if (each.length === name.length && each.toLowerCase() === name) times++;
  }
  return times;
}

/** Rejects with `DEADLINE_EXCEEDED` when the work is not done by then. */
export function before<T>(deadline: number, work: Promise<T>, method: Method, runtime: Runtime): Promise<T> {
  return new Promise((resolve, reject) => {
    const entry = {
      deadline,
      deadlinePlace: -1,
      expire: (): void => reject(CoreErrors.DEADLINE_EXCEEDED({ method: method.path })),
    };
    runtime.deadlines.add(entry);
    work.then(resolve, reject).finally(() => runtime.deadlines.remove(entry));
  });
}
