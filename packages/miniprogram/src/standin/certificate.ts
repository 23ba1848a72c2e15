import { createPublicKey, type KeyObject, sign } from "node:crypto";

export interface CertificateTerms {
  /** Hexadecimal, at most 20 bytes. */
  readonly serial: string;
  readonly commonName: string;
  /** Milliseconds since the epoch; whole seconds are kept. */
  readonly validFrom: number;
  readonly validUntil: number;
}

/** A self-signed X.509 certificate of an RSA key (RFC 5280, without extensions), PEM. */
export function selfSigned(key: KeyObject, terms: CertificateTerms): string {
  const algorithm = sequence(sha256WithRsa, tlv(0x05));
  const name = sequence(tlv(0x31, sequence(commonNameId, tlv(0x0c, Buffer.from(terms.commonName)))));
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, integer(terms.serial)),
    algorithm,
    name,
    sequence(time(terms.validFrom), time(terms.validUntil)),
    name,
    createPublicKey(key).export({ type: "spki", format: "der" }),
  );
  const signature = tlv(0x03, Buffer.from([0]), sign("RSA-SHA256", body, key));
  const text = sequence(body, algorithm, signature).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${text.replace(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;
}

/** 1.2.840.113549.1.1.11 and 2.5.4.3. */
const sha256WithRsa = tlv(0x06, Buffer.from("2a864886f70d01010b", "hex"));
const commonNameId = tlv(0x06, Buffer.from("550403", "hex"));

/** Positive, in as few bytes as it takes. */
function integer(hex: string): Buffer {
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  const start = bytes.findIndex((byte) => byte !== 0);
  const short = start < 0 ? Buffer.from([0]) : bytes.subarray(start);
  return (short[0] as number) >= 0x80 ? Buffer.concat([Buffer.from([0]), short]) : short;
}

/** UTCTime until 2049, GeneralizedTime from then on, as the RFC wants it. */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]|\.[0-9]+/g, "");
  return Number(digits.slice(0, 4)) < 2050 ? tlv(0x17, Buffer.from(digits.slice(2))) : tlv(0x18, Buffer.from(digits));
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tlv(0x30, ...parts);
}

function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  if (length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, length]), content]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), content]);
}
