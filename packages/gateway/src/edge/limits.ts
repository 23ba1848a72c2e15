/**
 * What one client, and all of them together, may cost. Every limit is on by default; times are milliseconds, sizes
 * bytes.
 */
export interface GatewayLimits {
  /** A larger body is refused with 413. Default 1 MiB. */
  readonly maxBodyBytes: number;
  /** JSON nested deeper is refused with 400. Default 32. */
  readonly maxJsonDepth: number;
  /** Request line and headers; more is refused with 431. Default 16 KiB. */
  readonly maxHeaderBytes: number;
  /** From the connection, or the end of the request before, until all headers are there; then 408. Default 10 s. */
  readonly headersTimeoutMs: number;
  /** Until the whole request is there; then 408. Default 30 s. */
  readonly requestTimeoutMs: number;
  /** How long an idle connection is kept. Default 65 s, above the 60 s of most load balancers, so that they close first. */
  readonly keepAliveTimeoutMs: number;
  /** A client that takes nothing of its answer for so long is cut off. Default 30 s. */
  readonly writeTimeoutMs: number;
  /** How long a client may go on sending a body that was refused, so that it gets to read the refusal. Default 1 s. */
  readonly lingerTimeoutMs: number;
  /** Connections beyond it are closed at once. Default 10000. */
  readonly maxConnections: number;
  /** Requests in work; more are refused with 503. Default 1024. */
  readonly maxInFlight: number;
  /** The longest deadline that a client can ask for with `Grpc-Timeout`. Default 60 s. */
  readonly maxTimeoutMs: number;
}

export const defaultLimits: GatewayLimits = {
  maxBodyBytes: 1024 * 1024,
  maxJsonDepth: 32,
  maxHeaderBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  writeTimeoutMs: 30_000,
  lingerTimeoutMs: 1_000,
  maxConnections: 10_000,
  maxInFlight: 1024,
  maxTimeoutMs: 60_000,
};

/** The defaults with what is given instead; what is not valid is added to `problems`. */
export function limitsFrom(given: Partial<GatewayLimits>, problems: string[]): GatewayLimits {
  const limits = { ...defaultLimits };
  for (const name of Object.keys(defaultLimits) as (keyof GatewayLimits)[]) {
    const value = given[name];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < 1 || value > 2 ** 31 - 1) {
      problems.push(`limits.${name} must be a whole number from 1 to 2147483647, not ${value}`);
    }
    limits[name] = value;
  }
  // fromJson itself stops at 100.
  if (limits.maxJsonDepth > 100) problems.push("limits.maxJsonDepth must not be above 100");
  // Node refuses it too, but in words of its own.
  if (limits.headersTimeoutMs > limits.requestTimeoutMs) {
    problems.push("limits.headersTimeoutMs must not be above limits.requestTimeoutMs");
  }
  return limits;
}
