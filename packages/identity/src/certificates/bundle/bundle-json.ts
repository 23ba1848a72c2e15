import { createPublicKey } from "node:crypto";
import { CertificateErrors } from "../certificate-errors.js";
import { readCertificate } from "../x509/read-certificate.js";
import type { TrustBundle } from "./trust-bundle.js";

/** As large as a bundle of a few hundred roots. */
const maxBundleBytes = 1024 * 1024;

/** A bundle as SPIFFE_Trust_Domain_and_Bundle.md, section 4, writes it: a JSON Web Key Set. */
export function bundleJson(bundle: TrustBundle): string {
  const keys = bundle.authorities.map((der) => {
    const { publicKey } = readCertificate(der);
    const jwk = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" }).export({ format: "jwk" });
    return { ...jwk, use: "x509-svid", x5c: [Buffer.from(der).toString("base64")] };
  });
  const document = {
    ...(bundle.sequence === undefined ? {} : { spiffe_sequence: bundle.sequence }),
    ...(bundle.refreshHintSeconds === undefined ? {} : { spiffe_refresh_hint: bundle.refreshHintSeconds }),
    keys,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * Reads a bundle. Keys for other uses (JWT-SVIDs) are passed over; a key of ours that is wrong makes the whole bundle
 * wrong, because half of a bundle would refuse good peers. Throws `BUNDLE_INVALID` with the field.
 */
export function readBundleJson(text: string, trustDomain: string): TrustBundle {
  if (text.length > maxBundleBytes) throw bad("(all)", `it has more than ${maxBundleBytes} characters`);
  const document = parse(text);
  const { keys, spiffe_sequence: sequence, spiffe_refresh_hint: hint } = document;
  if (!Array.isArray(keys)) throw bad("keys", "it is not a list");
  const authorities: Uint8Array[] = [];
  for (const [index, key] of keys.entries()) {
    const field = `keys[${index}]`;
    if (typeof key !== "object" || key === null) throw bad(field, "it is no key");
    const { use, x5c } = key as { readonly use?: unknown; readonly x5c?: unknown };
    if (use !== "x509-svid") continue;
    if (!Array.isArray(x5c) || x5c.length !== 1 || typeof x5c[0] !== "string") {
      throw bad(`${field}.x5c`, "it must hold exactly one certificate");
    }
    authorities.push(readAuthority(x5c[0], `${field}.x5c[0]`));
  }
  return {
    trustDomain,
    authorities,
    ...number("spiffe_sequence", sequence, (value) => ({ sequence: value })),
    ...number("spiffe_refresh_hint", hint, (value) => ({ refreshHintSeconds: value })),
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw bad("(all)", "it is not JSON");
  }
  if (typeof document !== "object" || document === null) throw bad("(all)", "it is no object");
  return document as Readonly<Record<string, unknown>>;
}

function readAuthority(base64: string, field: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw bad(field, "it is not base64");
  const der = Buffer.from(base64, "base64");
  let isAuthority: boolean;
  try {
    isAuthority = readCertificate(der).isAuthority;
  } catch (error) {
    throw bad(field, (error as Error).message);
  }
  if (!isAuthority) throw bad(field, "it is not an authority's certificate");
  return der;
}

function number<T>(field: string, value: unknown, take: (value: number) => T): T | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw bad(field, "it is no whole number");
  return take(value);
}

function bad(field: string, why: string): Error {
  return CertificateErrors.BUNDLE_INVALID({ field, why });
}
