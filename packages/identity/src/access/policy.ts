/** Which identity may call which method. The document has the same shape; see `readAccessPolicy`. */
export interface AccessPolicy {
  /** `shadow`: nothing is denied, and what would be is told. Default `enforce`. */
  readonly mode: AccessMode;
  /** Of calls that no rule allows or denies. Default `deny`. */
  readonly default: AccessAction;
  readonly rules: readonly AccessRule[];
}

export type AccessMode = "enforce" | "shadow";
export type AccessAction = "allow" | "deny";

export interface AccessRule {
  /** Unique; metrics and refusals name it. */
  readonly name: string;
  /** A `deny` that matches wins over every `allow`, in whatever order they stand. Default `allow`. */
  readonly action: AccessAction;
  /** A rule in `shadow` decides nothing; what it would have changed is told. Default `enforce`. */
  readonly mode: AccessMode;
  /**
   * Callers: the name of a service of the own trust domain and namespace, such as `order`; a SPIFFE id, in which `*`
   * stands for a whole segment of the path; `*` for every caller that is known; `anyone` for these and unknown ones.
   */
  readonly from: readonly string[];
  /** `order.v1.OrderService/CreateOrder`, `order.v1.OrderService/*`, or `*`. */
  readonly to: readonly string[];
}
