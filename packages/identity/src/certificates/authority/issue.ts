import type { KeyObject } from "node:crypto";
import { CertificateErrors } from "../certificate-errors.js";
import type { X509Svid } from "../source/x509-source.js";
import { parseSpiffeId } from "../spiffe-id.js";
import { readCertificate } from "../x509/read-certificate.js";
import { emptyName, keyIdOf, publicKeyOf, writeCertificate } from "../x509/write-certificate.js";
import { signing } from "./advance.js";
import { type AuthorityState, longestSvidMs, type SigningAuthority } from "./authority-state.js";
import { backdateMs, newKey, newSerial, privateKeyOf } from "./mint.js";

export interface IssueOptions {
  /** Default: the authority's life for services; at most half of an intermediate's. Cut to what its signer has left. */
  readonly ttlMs?: number;
  /** For clients that check names instead of ids. */
  readonly dnsNames?: readonly string[];
}

/** An intermediate with what signing needs, read once. */
export interface Signer {
  readonly authority: SigningAuthority;
  readonly key: KeyObject;
  readonly keyId: Uint8Array;
  readonly subject: Uint8Array;
  readonly certificate: Uint8Array;
}

export function signerOf(state: AuthorityState, now: number): Signer | undefined {
  const authority = signing(state.intermediates, now);
  if (authority === undefined) return undefined;
  const certificate = Buffer.from(authority.certificate, "base64");
  const key = privateKeyOf(authority);
  return {
    authority,
    key,
    certificate,
    keyId: keyIdOf(publicKeyOf(key)),
    subject: readCertificate(certificate).subject,
  };
}

/** A new key and its certificate. Throws `SPIFFE_ID_INVALID` and `ISSUE_REFUSED`. */
export function issue(state: AuthorityState, signer: Signer, id: string, options: IssueOptions, now: number): X509Svid {
  const ttlMs = options.ttlMs ?? state.lives.svidMs;
  requireIssuable(state, id, ttlMs, options.dnsNames ?? []);
  const key = newKey();
  const revokedAt = state.revokedIds.find((each) => each.id === id)?.at;
  const notBefore = secondsDown(Math.max(now - backdateMs, revokedAt === undefined ? 0 : revokedAt + 1000));
  const notAfter = secondsDown(Math.min(now + ttlMs, signer.authority.notAfter));
  const certificate = writeCertificate(
    {
      serial: newSerial(),
      issuer: signer.subject,
      subject: emptyName,
      notBefore,
      notAfter,
      publicKey: publicKeyOf(key),
      uri: id,
      dnsNames: options.dnsNames ?? [],
      authorityKeyId: signer.keyId,
    },
    signer.key,
  );
  const privateKey = key.export({ type: "pkcs8", format: "der" });
  return { id, chain: [certificate, signer.certificate], privateKey, notBefore, notAfter };
}

function requireIssuable(state: AuthorityState, id: string, ttlMs: number, dnsNames: readonly string[]): void {
  const refuse = (why: string): Error => CertificateErrors.ISSUE_REFUSED({ id, why });
  const { trustDomain, path } = parseSpiffeId(id);
  if (trustDomain !== state.trustDomain) throw refuse(`this authority speaks for ${state.trustDomain}`);
  if (path === "") throw refuse("an id without a path is an authority's");
  if (state.revokedIds.some((each) => each.id === id && each.blocked)) throw refuse("the id is revoked");
  const longest = longestSvidMs(state.lives);
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1000 || ttlMs > longest) {
    throw refuse(`${ttlMs} ms is no life from 1000 to ${longest} ms`);
  }
  const wrong = dnsNames.find((name) => name.length > 253 || !/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(name));
  if (wrong !== undefined || dnsNames.length > 32) throw refuse("its DNS names are not at most 32 names of hosts");
}

function secondsDown(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
