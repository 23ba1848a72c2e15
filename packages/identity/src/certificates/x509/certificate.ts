/** A certificate as it was read. Bytes are views of `raw`; times are ms since the epoch. */
export interface Certificate {
  /** DER. */
  readonly raw: Uint8Array;
  readonly signed: SignedData;
  /** Lower-case hexadecimal digits, no leading zeros. */
  readonly serial: string;
  /** Names in DER: two are the same when their bytes are. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly isAuthority: boolean;
  /** How many intermediates may follow; undefined is no limit. */
  readonly pathLength: number | undefined;
  readonly keyUsage: KeyUsage | undefined;
  /** Object ids; undefined without the extension. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** Of the subject alternative names. */
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly subjectKeyId: Uint8Array | undefined;
  readonly authorityKeyId: Uint8Array | undefined;
  /** Critical extensions that are not understood here, by object id: whoever verifies must refuse them. */
  readonly unknownCritical: readonly string[];
}

/** What is signed, how, and the signature: of certificates and revocation lists alike. */
export interface SignedData {
  readonly bytes: Uint8Array;
  /** Object id. */
  readonly algorithm: string;
  readonly signature: Uint8Array;
}

/** Bits of RFC 5280, 4.2.1.3. */
export const KeyUsageBit = { digitalSignature: 0, keyCertSign: 5, crlSign: 6 } as const;

export interface KeyUsage {
  readonly critical: boolean;
  readonly bits: ReadonlySet<number>;
}
