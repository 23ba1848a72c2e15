import type { DescService } from "@bufbuild/protobuf";
import { getOption, hasOption, ScalarType } from "@bufbuild/protobuf";
import { HttpBodySchema } from "@sampan/protos/google/api/httpbody_pb.js";
import { Access, method as methodOption } from "@sampan/protos/sampan/v1/options_pb.js";
import { GatewayErrors } from "../errors.js";
import { fieldNamed } from "../request/fields.js";
import { type Binding, bindings } from "./binding.js";
import { overlap } from "./overlap.js";
import { unfitHeader } from "./pass-headers.js";

/** A binding with everything that a request needs to know, worked out before the first one arrives. */
export interface Route extends Binding {
  /** HTTP status of a success. */
  readonly successStatus: number;
  /** Of which the token must have one; none for a public method. */
  readonly roles: readonly string[];
  /** All of which the token must have. */
  readonly scopes: readonly string[];
  /** The service is told where the request came from. */
  readonly passClientAddress: boolean;
  /** Request headers that become metadata of the same name. */
  readonly passHeaders: readonly string[];
  /** The input's `idempotency_key`, if it is a single string outside the path. */
  readonly takesIdempotencyKey: boolean;
  /** The body is passed on untouched, as `google.api.HttpBody`: another platform speaks here, never an envelope. */
  readonly rawBody: boolean;
  /** The answer is an `HttpBody` and is sent untouched. */
  readonly rawAnswer: boolean;
}

/**
 * The routes of the contracts. Methods without `google.api.http`, and those of `ACCESS_INTERNAL`, have none. Throws
 * `CONTRACT_REFUSED`, which lists everything that is wrong at once.
 */
export function routesOf(services: readonly DescService[]): Route[] {
  const problems: string[] = [];
  const routes = bindings(services, problems)
    .filter((binding) => binding.method.access !== Access.INTERNAL)
    .map((binding) => routeOf(binding, problems));
  conflicts(routes, problems);
  if (problems.length > 0) {
    throw GatewayErrors.CONTRACT_REFUSED({ problems: [...new Set(problems)].map((each) => `- ${each}`).join("\n") });
  }
  return routes;
}

/** The role that a token must have when the contract names none. */
const tokenRoles: Readonly<Partial<Record<Access, string>>> = {
  [Access.USER]: "user",
  [Access.OPERATOR]: "operator",
};

function routeOf(binding: Binding, problems: string[]): Route {
  const { method, body, responseBody } = binding;
  const fail = (why: string): void => {
    problems.push(`${method.path}: ${why}`);
  };
  const rules = hasOption(method.desc, methodOption) ? getOption(method.desc, methodOption) : undefined;
  if (method.access === Access.UNSPECIFIED) fail("(sampan.v1.method).access is missing: say who may call it");
  if (method.kind !== "unary") fail(`google.api.http on a ${method.kind} method is not served yet`);
  const tokenRole = tokenRoles[method.access];
  const { roles = [], scopes = [] } = rules ?? {};
  if (tokenRole === undefined && roles.length + scopes.length > 0)
    fail("roles and scopes are for ACCESS_USER and ACCESS_OPERATOR: nothing else needs a token");
  const successStatus = rules?.successStatus || 200;
  if (successStatus < 200 || successStatus > 299) fail(`success_status ${successStatus} is not between 200 and 299`);
  for (const header of rules?.passHeaders ?? []) {
    const why = unfitHeader(header);
    if (why !== undefined) fail(`pass_headers: "${header}" ${why}`);
  }
  const key = fieldNamed(method.input, "idempotency_key");
  const input = body === "*" ? method.input : body?.message;
  const output = responseBody === undefined ? method.output : responseBody.message;
  return {
    ...binding,
    successStatus,
    roles: roles.length > 0 || tokenRole === undefined ? roles : [tokenRole],
    scopes,
    passClientAddress: rules?.passClientAddress ?? false,
    passHeaders: rules?.passHeaders ?? [],
    takesIdempotencyKey:
      key?.scalar === ScalarType.STRING &&
      key.fieldKind === "scalar" &&
      !binding.variables.some((variable) => variable.path[0] === key),
    rawBody: input?.typeName === HttpBodySchema.typeName && (body === "*" || body?.fieldKind === "message"),
    rawAnswer: output?.typeName === HttpBodySchema.typeName && (responseBody?.fieldKind ?? "message") === "message",
  };
}

/** Quadratic, once at start: a few hundred routes. */
function conflicts(routes: readonly Route[], problems: string[]): void {
  routes.forEach((a, index) => {
    for (const b of routes.slice(index + 1)) {
      if (a.httpMethod !== b.httpMethod) continue;
      const lie = overlap(a.template, b.template);
      if (lie !== "same" && lie !== "crossing") continue;
      const [one, two] = [a, b].map((route) => `${route.method.path} (${route.httpMethod} ${route.template.source})`);
      problems.push(
        lie === "same"
          ? `${one} and ${two} have the same paths`
          : `${one} and ${two} share paths, and neither is narrower`,
      );
    }
  });
}
