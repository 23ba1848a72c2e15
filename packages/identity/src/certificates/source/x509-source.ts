import type { TrustBundle } from "../bundle/trust-bundle.js";

/** An X.509-SVID: who a workload is, and the means to prove it. Bytes are DER; times are ms since the epoch. */
export interface X509Svid {
  /** SPIFFE id. */
  readonly id: string;
  /** The leaf first, then intermediates; no root. */
  readonly chain: readonly Uint8Array[];
  /** PKCS#8. */
  readonly privateKey: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What a workload has at one moment: its identity, and by whom others are believed. Never changed in place. */
export interface X509Context {
  readonly svid: X509Svid;
  /** By trust domain: the workload's own, and those that it is federated with. */
  readonly bundles: ReadonlyMap<string, TrustBundle>;
  /** DER. */
  readonly revocationLists: readonly Uint8Array[];
}

/**
 * Where a workload's identity comes from: this process's authority, or a Workload API. `current` is always complete;
 * `watch` calls back after each change and returns a function that ends it. Renewal is the source's own work.
 */
export interface X509Source {
  current(): X509Context;
  watch(changed: () => void): () => void;
  close(): void;
}
