import { createCipheriv, createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { CertificateErrors } from "../certificate-errors.js";
import { element, explicit, implicit, integer, nothing, octetString, oid, sequence, setOf } from "../der/der-writer.js";
import { Oid } from "../der/object-ids.js";
import type { X509Svid } from "../source/x509-source.js";

export interface Pkcs12Options {
  /** Protects the file, key and certificates. Printable ASCII. */
  readonly password: string;
  /** What key stores show. */
  readonly friendlyName?: string;
  /** Certificates of the authorities, for stores that take them from here. */
  readonly authorities?: readonly Uint8Array[];
  /** Default 100,000; OpenSSL has 2048. */
  readonly iterations?: number;
}

/**
 * A key and its certificates as PKCS#12 (RFC 7292): AES-256-CBC with PBKDF2-HMAC-SHA-256, and a SHA-256 MAC, which is what
 * OpenSSL 3 and Java 17 write. Throws `CERTIFICATE_INVALID` for a password that cannot be used.
 */
export function writePkcs12(svid: X509Svid, options: Pkcs12Options): Buffer {
  const { password, friendlyName = svid.id, authorities = [], iterations = 100_000 } = options;
  if (!/^[\x20-\x7e]{1,128}$/.test(password)) {
    const why = "its password must be 1 to 128 printable ASCII characters, which every reader spells alike";
    throw CertificateErrors.CERTIFICATE_INVALID({ what: "PKCS#12 file", why });
  }
  const keyId = createHash("sha1")
    .update(svid.chain[0] as Uint8Array)
    .digest();
  const attributes = setOf(
    sequence(oid(Oid.friendlyName), setOf(element(0x1e, utf16(friendlyName)))),
    sequence(oid(Oid.localKeyId), setOf(octetString(keyId))),
  );
  const certificates = [...svid.chain, ...authorities].map((der, index) =>
    sequence(
      oid(Oid.certBag),
      explicit(0, sequence(oid(Oid.x509Certificate), explicit(0, octetString(der)))),
      ...(index === 0 ? [attributes] : []),
    ),
  );
  const certificateBox = encrypt(sequence(...certificates), password, iterations);
  const keyBox = encrypt(svid.privateKey, password, iterations);
  const shrouded = sequence(keyBox.algorithm, octetString(keyBox.bytes));
  const safe = sequence(
    sequence(
      oid(Oid.encryptedData),
      explicit(
        0,
        sequence(integer(0), sequence(oid(Oid.data), certificateBox.algorithm, implicit(0, certificateBox.bytes))),
      ),
    ),
    data(sequence(sequence(oid(Oid.shroudedKeyBag), explicit(0, shrouded), attributes))),
  );
  const salt = randomBytes(16);
  const macKey = pkcs12Key(password, salt, iterations, 3, 32);
  const mac = createHmac("sha256", macKey).update(safe).digest();
  const digestInfo = sequence(sequence(oid(Oid.sha256), nothing()), octetString(mac));
  return sequence(integer(3), data(safe), sequence(digestInfo, octetString(salt), integer(iterations)));
}

function data(content: Uint8Array): Buffer {
  return sequence(oid(Oid.data), explicit(0, octetString(content)));
}

/** PBES2 (RFC 8018). */
function encrypt(content: Uint8Array, password: string, iterations: number) {
  const salt = randomBytes(16);
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-256-cbc", pbkdf2Sync(password, salt, iterations, 32, "sha256"), iv);
  const bytes = Buffer.concat([cipher.update(content), cipher.final()]);
  const derivation = sequence(
    oid(Oid.pbkdf2),
    sequence(octetString(salt), integer(iterations), integer(32), sequence(oid(Oid.hmacWithSha256), nothing())),
  );
  const scheme = sequence(oid(Oid.aes256Cbc), octetString(iv));
  return { algorithm: sequence(oid(Oid.pbes2), sequence(derivation, scheme)), bytes };
}

/** The derivation of RFC 7292, appendix B.2, with SHA-256; for one block of output, which is all that is needed here. */
function pkcs12Key(password: string, salt: Uint8Array, iterations: number, purpose: number, length: number): Buffer {
  const block = 64;
  const fill = (bytes: Uint8Array): Buffer => {
    return Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
  };
  const secret = fill(Buffer.concat([utf16(password), Buffer.of(0, 0)]));
  let key = createHash("sha256")
    .update(Buffer.alloc(block, purpose))
    .update(Buffer.concat([fill(salt), secret]))
    .digest();
  for (let i = 1; i < iterations; i++) key = createHash("sha256").update(key).digest();
  return key.subarray(0, length);
}

/** BMPString: big-endian. */
function utf16(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}
