import type { KeyObject } from "node:crypto";
import { DerReader } from "../der/der-reader.js";
import {
  bitString,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  Tag,
  time,
  utf8String,
} from "../der/der-writer.js";
import { Oid } from "../der/object-ids.js";
import type { SignedData } from "./certificate.js";
import { algorithmOf, readSigned } from "./read-certificate.js";
import { signatureAlgorithm, signWith } from "./signatures.js";

/** What is no longer to be trusted although it has not expired. Times are ms since the epoch, whole seconds. */
export interface Revocations {
  readonly serials: readonly RevokedSerial[];
  readonly ids: readonly RevokedId[];
}

export interface RevokedSerial {
  /** Hexadecimal digits, as `Certificate.serial`. */
  readonly serial: string;
  readonly at: number;
}

export interface RevokedId {
  /** A SPIFFE id. */
  readonly id: string;
  /** Its certificates that begin at this second or before are revoked. */
  readonly at: number;
}

/** A list as it was read. */
export interface RevocationList extends Revocations {
  readonly raw: Uint8Array;
  readonly signed: SignedData;
  readonly issuer: Uint8Array;
  readonly authorityKeyId: Uint8Array | undefined;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
}

/** Enough for 100,000 revoked certificates. */
const maxListBytes = 8 * 1024 * 1024;

export interface RevocationListContent extends Revocations {
  readonly issuer: Uint8Array;
  readonly authorityKeyId: Uint8Array;
  readonly number: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
}

/** An X.509 revocation list; the ids are in an extension that is not critical, so that others read the serials. */
export function writeRevocationList(content: RevocationListContent, signer: KeyObject): Buffer {
  const revoked = content.serials.map(({ serial, at }) => sequence(integer(BigInt(`0x${serial}`)), time(at)));
  const ids = content.ids.map(({ id, at }) => sequence(utf8String(id), time(at)));
  const extensions = [
    extensionOf(Oid.authorityKeyIdentifier, sequence(implicit(0, content.authorityKeyId))),
    extensionOf(Oid.crlNumber, integer(content.number)),
    ...(ids.length === 0 ? [] : [extensionOf(Oid.revokedIds, sequence(...ids))]),
  ];
  const body = sequence(
    integer(1),
    signatureAlgorithm,
    content.issuer,
    time(content.thisUpdate),
    time(content.nextUpdate),
    ...(revoked.length === 0 ? [] : [sequence(...revoked)]),
    explicit(0, sequence(...extensions)),
  );
  return sequence(body, signatureAlgorithm, bitString(signWith(signer, body)));
}

function extensionOf(id: string, value: Uint8Array): Buffer {
  return sequence(oid(id), octetString(value));
}

/** Reads a list, ours or another's. Checks its form and no more. Throws `CERTIFICATE_INVALID`. */
export function readRevocationList(der: Uint8Array): RevocationList {
  const reader = new DerReader(der, "revocation list");
  if (der.length > maxListBytes) throw reader.bad(`it has more than ${maxListBytes} bytes`);
  const { body, signed } = readSigned(reader);
  if (body.positiveInteger() !== "1") throw reader.bad("it is not of version 2");
  if (algorithmOf(body) !== signed.algorithm) throw reader.bad("it names two signature algorithms");
  const issuer = body.read(Tag.sequence).whole;
  const thisUpdate = body.time();
  const isTime = body.nextTag === Tag.utcTime || body.nextTag === Tag.generalizedTime;
  const nextUpdate = isTime ? body.time() : Number.POSITIVE_INFINITY;
  const serials: RevokedSerial[] = [];
  const entries = body.optional(Tag.sequence);
  if (entries !== undefined) {
    const list = reader.into(entries.content);
    while (!list.done) serials.push(readEntry(list.inside(Tag.sequence)));
  }
  const ids: RevokedId[] = [];
  let authorityKeyId: Uint8Array | undefined;
  if (!body.done) {
    const outer = body.inside(0xa0);
    const extensions = outer.inside(Tag.sequence);
    outer.end();
    while (!extensions.done) {
      const { id, critical, value } = readExtension(extensions);
      if (id === Oid.revokedIds) readIds(value, ids);
      else if (id === Oid.authorityKeyIdentifier) authorityKeyId = readKeyId(value);
      // Such as a list for a part of the certificates only.
      else if (critical) throw reader.bad(`the critical extension ${id} is not known`);
    }
  }
  body.end();
  return { raw: der, signed, issuer, authorityKeyId, thisUpdate, nextUpdate, serials, ids };
}

function readEntry(entry: DerReader): RevokedSerial {
  const serial = entry.positiveInteger();
  const at = entry.time();
  if (!entry.done) {
    const extensions = entry.inside(Tag.sequence);
    while (!extensions.done) {
      const { id, critical } = readExtension(extensions);
      if (critical) throw entry.bad(`the critical extension ${id} of an entry is not known`);
    }
  }
  entry.end();
  return { serial, at };
}

function readExtension(list: DerReader): {
  readonly id: string;
  readonly critical: boolean;
  readonly value: DerReader;
} {
  const extension = list.inside(Tag.sequence);
  const id = extension.oid();
  const critical = extension.nextTag === Tag.boolean && extension.boolean();
  const value = list.into(extension.read(Tag.octetString).content);
  extension.end();
  return { id, critical, value };
}

function readIds(value: DerReader, ids: RevokedId[]): void {
  const list = value.inside(Tag.sequence);
  value.end();
  while (!list.done) {
    const entry = list.inside(Tag.sequence);
    const id = Buffer.from(entry.read(Tag.utf8String).content).toString("utf8");
    ids.push({ id, at: entry.time() });
    entry.end();
  }
}

function readKeyId(value: DerReader): Uint8Array | undefined {
  const inner = value.inside(Tag.sequence);
  return inner.optional(0x80)?.content;
}
