import type { DerReader } from "../der/der-reader.js";
import { Tag } from "../der/der-writer.js";
import { Oid } from "../der/object-ids.js";
import type { Certificate, KeyUsage } from "./certificate.js";

type Extensions = Pick<
  Certificate,
  | "isAuthority"
  | "pathLength"
  | "keyUsage"
  | "extendedKeyUsage"
  | "uris"
  | "dnsNames"
  | "subjectKeyId"
  | "authorityKeyId"
  | "unknownCritical"
>;

interface Found {
  isAuthority: boolean;
  pathLength: number | undefined;
  keyUsage: KeyUsage | undefined;
  extendedKeyUsage: string[] | undefined;
  readonly uris: string[];
  readonly dnsNames: string[];
  subjectKeyId: Uint8Array | undefined;
  authorityKeyId: Uint8Array | undefined;
  readonly unknownCritical: string[];
}

type Read = (value: DerReader, found: Found, critical: boolean) => void;

/** GeneralName (RFC 5280, 4.2.1.6). */
const dnsName = 0x82;
const uri = 0x86;

const readers: ReadonlyMap<string, Read> = new Map<string, Read>([
  [Oid.basicConstraints, readBasicConstraints],
  [Oid.keyUsage, (value, found, critical) => (found.keyUsage = { critical, bits: value.namedBits() })],
  [Oid.extendedKeyUsage, readExtendedKeyUsage],
  [Oid.subjectAltName, readSubjectAltName],
  [Oid.subjectKeyIdentifier, (value, found) => (found.subjectKeyId = value.read(Tag.octetString).content)],
  [Oid.authorityKeyIdentifier, readAuthorityKeyId],
]);

export function readExtensions(list: DerReader): Extensions {
  const found: Found = {
    isAuthority: false,
    pathLength: undefined,
    keyUsage: undefined,
    extendedKeyUsage: undefined,
    uris: [],
    dnsNames: [],
    subjectKeyId: undefined,
    authorityKeyId: undefined,
    unknownCritical: [],
  };
  const seen = new Set<string>();
  while (!list.done) {
    const extension = list.inside(Tag.sequence);
    const id = extension.oid();
    // Two of a kind would let two readers see two certificates (RFC 5280, 4.2).
    if (seen.has(id)) throw list.bad(`the extension ${id} stands twice`);
    seen.add(id);
    const critical = extension.nextTag === Tag.boolean && extension.boolean();
    const value = list.into(extension.read(Tag.octetString).content);
    extension.end();
    const read = readers.get(id);
    if (read === undefined) {
      if (critical) found.unknownCritical.push(id);
      continue;
    }
    read(value, found, critical);
    value.end();
  }
  return found;
}

function readBasicConstraints(value: DerReader, found: Found): void {
  const inner = value.inside(Tag.sequence);
  found.isAuthority = inner.nextTag === Tag.boolean && inner.boolean();
  if (!inner.done) {
    const digits = inner.positiveInteger();
    if (digits.length > 4) throw value.bad("the path length is too large");
    if (!found.isAuthority) throw value.bad("a path length stands where there is no authority");
    found.pathLength = Number.parseInt(digits, 16);
  }
  inner.end();
}

function readExtendedKeyUsage(value: DerReader, found: Found): void {
  const inner = value.inside(Tag.sequence);
  found.extendedKeyUsage = [];
  while (!inner.done) found.extendedKeyUsage.push(inner.oid());
}

function readSubjectAltName(value: DerReader, found: Found): void {
  const inner = value.inside(Tag.sequence);
  if (inner.done) throw value.bad("the subject alternative names are empty");
  while (!inner.done) {
    const { tag, content } = inner.any();
    if (tag === uri) found.uris.push(ascii(content, value));
    else if (tag === dnsName) found.dnsNames.push(ascii(content, value));
  }
}

/** IA5String, of which nothing but printable characters is taken: a NUL has ended names early before (CVE-2009-2408). */
function ascii(content: Uint8Array, reader: DerReader): string {
  const text = Buffer.from(content).toString("latin1");
  if (!/^[\x21-\x7e]+$/.test(text)) throw reader.bad("an alternative name has characters that cannot be printed");
  return text;
}

function readAuthorityKeyId(value: DerReader, found: Found): void {
  const inner = value.inside(Tag.sequence);
  while (!inner.done) {
    const { tag, content } = inner.any();
    if (tag === 0x80) found.authorityKeyId = content;
  }
}
