import { readCertificate } from "../x509/read-certificate.js";
import type { AuthorityState, SigningAuthority } from "./authority-state.js";
import { privateKeyOf } from "./mint.js";

type Unknown = Readonly<Record<string, unknown>>;

/** Whether what was read can be worked with: every field of its type, every certificate and key readable. */
export function isAuthorityState(value: unknown): value is AuthorityState {
  if (!isObject(value)) return false;
  const { format, revision, trustDomain, lives, sequence, listNumber, roots, intermediates } = value;
  return (
    format === 1 &&
    [revision, sequence, listNumber].every(isCount) &&
    typeof trustDomain === "string" &&
    isObject(lives) &&
    [lives.rootMs, lives.intermediateMs, lives.svidMs, lives.overlapMs].every(isCount) &&
    listOf(roots, isSigning) &&
    listOf(intermediates, isSigning) &&
    listOf(value.revokedSerials, ({ serial, at, forgetAt }) => isText(serial) && isCount(at) && isCount(forgetAt)) &&
    listOf(value.revokedIds, ({ id, at, blocked }) => isText(id) && isCount(at) && typeof blocked === "boolean")
  );
}

function isSigning(value: Unknown): boolean {
  const { serial, certificate, key, notBefore, notAfter, signsFrom, retiredAt = 0, root = "x" } = value;
  if (![notBefore, notAfter, signsFrom, retiredAt].every(isCount)) return false;
  if (!isText(certificate) || !isText(key) || !isText(root)) return false;
  try {
    privateKeyOf(value as unknown as SigningAuthority);
    return readCertificate(Buffer.from(certificate, "base64")).serial === serial;
  } catch {
    return false;
  }
}

function listOf(value: unknown, fits: (item: Unknown) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => isObject(item) && fits(item));
}

function isObject(value: unknown): value is Unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
