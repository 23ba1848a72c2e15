/** The authorities that speak for a trust domain. */
export interface TrustBundle {
  readonly trustDomain: string;
  /** Certificates in DER. */
  readonly authorities: readonly Uint8Array[];
  /** Grows with each change of the authorities; undefined when the source does not say. */
  readonly sequence?: number;
  /** How often it should be fetched again, seconds. */
  readonly refreshHintSeconds?: number;
}

/** The same authorities in the same order. */
export function sameBundle(a: TrustBundle, b: TrustBundle): boolean {
  return (
    a.trustDomain === b.trustDomain &&
    a.authorities.length === b.authorities.length &&
    a.authorities.every((each, index) => Buffer.compare(each, b.authorities[index] as Uint8Array) === 0)
  );
}
