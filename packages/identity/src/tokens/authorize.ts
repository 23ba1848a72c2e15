import { getOption, hasOption } from "@bufbuild/protobuf";
import { CoreErrors, type EndUser, type Layer, type Method, type RpcError } from "@sampan/core";
import { Access, method as methodOption } from "@sampan/protos/sampan/v1/options_pb.js";
import { IdentityErrors } from "./token-errors.js";

/** Who may call a method, as its contract says (`sampan.v1.method`). */
export interface MethodAccess {
  readonly access: Access;
  /** One of them is needed; none for public and internal methods. */
  readonly roles: readonly string[];
  /** All of them are needed. */
  readonly scopes: readonly string[];
}

const defaultRoles: Readonly<Partial<Record<Access, string>>> = {
  [Access.USER]: "user",
  [Access.OPERATOR]: "operator",
};

/** Throws `ACCESS_UNDECLARED` for a contract that does not say it, or says what makes no sense. */
export function accessOf(method: Method): MethodAccess {
  const { access } = method;
  const rules = hasOption(method.desc, methodOption) ? getOption(method.desc, methodOption) : undefined;
  const { roles = [], scopes = [] } = rules ?? {};
  const fail = (why: string): RpcError => IdentityErrors.ACCESS_UNDECLARED({ method: method.path, why });
  if (access === Access.UNSPECIFIED) throw fail("(sampan.v1.method).access is missing");
  const role = defaultRoles[access];
  if (role === undefined) {
    if (roles.length > 0 || scopes.length > 0) throw fail("roles and scopes are for methods that need a token");
    return { access, roles, scopes };
  }
  if ([...roles, ...scopes].some((name) => !/^[a-z][a-z0-9._-]{0,63}$/.test(name)))
    throw fail("roles and scopes are words of lower-case letters, digits, dots, - and _");
  return { access, roles: roles.length > 0 ? roles : [role], scopes };
}

/** Why somebody may not call a method; undefined when they may. For public and internal methods that is everybody. */
export function authorize(method: Method, access: MethodAccess, user: EndUser | undefined): RpcError | undefined {
  if (access.roles.length === 0) return undefined;
  if (user === undefined) return CoreErrors.USER_REQUIRED({ method: method.path });
  if (!access.roles.some((role) => user.roles.includes(role)))
    return IdentityErrors.ROLE_REQUIRED({ method: method.path, role: access.roles.join(" or ") });
  const missing = access.scopes.find((scope) => user.scopes?.includes(scope) !== true);
  return missing === undefined ? undefined : IdentityErrors.SCOPE_REQUIRED({ method: method.path, scope: missing });
}

/**
 * A server layer that holds every call to what the contract says of its method, so that a service is as closed as its
 * contract whoever forwards the call. A method without `access` stops the start: making its handler throws.
 *
 * It believes the call's `user`, which the edge has verified. Which services may call an internal method is the access
 * policy's to say.
 */
export function authorization(): Layer {
  return (next, method) => {
    const access = accessOf(method);
    if (access.roles.length === 0) return next;
    return (request, call) => {
      const refusal = authorize(method, access, call.user);
      if (refusal !== undefined) throw refusal;
      return next(request, call);
    };
  };
}
