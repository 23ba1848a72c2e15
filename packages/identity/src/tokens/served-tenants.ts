import type { Layer } from "@sampan/core";
import { IdentityErrors } from "./token-errors.js";

/** In a list of tenants: all of them. */
const everyTenant = "*";

/**
 * A server layer that refuses calls for tenants whose data is not kept here, with `TENANT_NOT_SERVED`. The tenant of a call
 * is a claim of its token, or the persisted tenant of root work; a signature says who wrote the claim, not that this
 * installation serves it. `*` among the tenants lets every one in.
 */
export function servedTenants(tenants: Iterable<string>): Layer {
  const served = new Set(tenants);
  if (served.has(everyTenant)) return (next) => next;
  return (next, method) => (request, call) => {
    if (!served.has(call.tenant)) throw IdentityErrors.TENANT_NOT_SERVED({ method: method.path, tenant: call.tenant });
    return next(request, call);
  };
}
