import { AuthErrors } from "./errors.js";

/**
 * What operators can be. Every one of them has the role `operator`, which the contracts ask for; the others add scopes.
 */
const scopesOf: Readonly<Record<string, readonly string[]>> = {
  operator: [],
  support: ["users.phone"],
  finance: ["payments.reconcile"],
  owner: ["operators.manage", "notifications.manage", "payments.reconcile", "users.phone"],
};

/** The roles as they are stored: known ones, once each, with `operator` first. Throws `UNKNOWN_ROLE`. */
export function operatorRoles(asked: readonly string[]): readonly string[] {
  for (const role of asked) {
    if (!Object.hasOwn(scopesOf, role))
      throw AuthErrors.UNKNOWN_ROLE({ role, known: Object.keys(scopesOf).join(", ") });
  }
  return [...new Set(["operator", ...asked])];
}

/** What somebody with these roles may do. */
export function scopes(roles: readonly string[]): readonly string[] {
  return [...new Set(roles.flatMap((role) => (Object.hasOwn(scopesOf, role) ? (scopesOf[role] ?? []) : [])))];
}
