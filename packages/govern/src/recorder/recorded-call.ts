/** One call as it was: everything that rules decide by, and no body. One line of a recording. */
export interface RecordedCall {
  /** When it began, ms since the epoch. */
  readonly at: number;
  /** `order.v1.OrderService/CreateOrder`. */
  readonly method: string;
  readonly side: "client" | "server";
  readonly tenant: string;
  readonly caller: string;
  /** `stable` for the release without a tag. */
  readonly release: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Who it was for, as a hash: enough to tell users apart, not to find out who they are. Empty without a user. */
  readonly user: string;
  readonly durationMs: number;
  /** Canonical status code; 0 is success. */
  readonly code: number;
  /** The registered reason of the error, such as `BREAKER_OPEN`; empty on success. */
  readonly reason: string;
  readonly idempotent: boolean;
  /** How long it might take at most when it began, ms. */
  readonly timeoutMs: number;
}

/** A line, or why it is none. */
export function readRecordedCall(line: string): RecordedCall | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return "is no JSON";
  }
  if (typeof value !== "object" || value === null) return "is no record";
  const record = value as Record<string, unknown>;
  for (const name of ["at", "durationMs", "code", "timeoutMs"] as const) {
    if (typeof record[name] !== "number" || !Number.isFinite(record[name]) || record[name] < 0) {
      return `has no number ${name}`;
    }
  }
  for (const name of ["method", "tenant", "caller", "release", "user", "reason"] as const) {
    if (typeof record[name] !== "string") return `has no text ${name}`;
  }
  if (!/^[^/\s]+\/[^/\s]+$/.test(record.method as string))
    return "has no method such as order.v1.OrderService/GetOrder";
  if (record.side !== "client" && record.side !== "server") return "has no side";
  if (typeof record.idempotent !== "boolean") return "does not say whether the method is idempotent";
  const { labels } = record;
  const isLabels =
    typeof labels === "object" && labels !== null && Object.values(labels).every((each) => typeof each === "string");
  return isLabels ? (record as unknown as RecordedCall) : "has no labels";
}
