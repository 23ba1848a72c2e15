import { CertificateErrors } from "../certificate-errors.js";
import { parseSpiffeId } from "../spiffe-id.js";
import type { AuthorityState } from "./authority-state.js";

/** Revokes one certificate. An unknown serial is taken too: who revokes knows more than the authority, which keeps no list. */
export function revokeSerial(state: AuthorityState, serial: string, now: number): AuthorityState {
  const digits = serial
    .toLowerCase()
    .replaceAll(":", "")
    .replace(/^0+(?=.)/, "");
  if (!/^[0-9a-f]{1,40}$/.test(digits)) {
    const why = "a serial number is up to 40 hexadecimal digits";
    throw CertificateErrors.AUTHORITY_SETTINGS({ field: "serial", why });
  }
  if (state.revokedSerials.some((each) => each.serial === digits)) return state;
  // Nothing that is valid now outlives an intermediate that is made now.
  const entry = { serial: digits, at: seconds(now), forgetAt: now + state.lives.intermediateMs };
  return changed(state, { revokedSerials: [...state.revokedSerials, entry] });
}

/** Revokes every certificate that an id has, and issues no more for it. Throws `SPIFFE_ID_INVALID` and `ISSUE_REFUSED`. */
export function revokeId(state: AuthorityState, id: string, now: number): AuthorityState {
  const { trustDomain, path } = parseSpiffeId(id);
  if (trustDomain !== state.trustDomain || path === "") {
    throw CertificateErrors.ISSUE_REFUSED({ id, why: `it is no id of a service in ${state.trustDomain}` });
  }
  const others = state.revokedIds.filter((each) => each.id !== id);
  return changed(state, { revokedIds: [...others, { id, at: seconds(now), blocked: true }] });
}

/** Issues for a revoked id again; what it had before stays revoked. */
export function allowId(state: AuthorityState, id: string): AuthorityState {
  if (!state.revokedIds.some((each) => each.id === id && each.blocked)) return state;
  const revokedIds = state.revokedIds.map((each) => (each.id === id ? { ...each, blocked: false } : each));
  return changed(state, { revokedIds });
}

function changed(state: AuthorityState, change: Partial<AuthorityState>): AuthorityState {
  return { ...state, ...change, revision: state.revision + 1, listNumber: state.listNumber + 1 };
}

/** Up: what begins within this second is revoked too. */
function seconds(ms: number): number {
  return Math.ceil(ms / 1000) * 1000;
}
