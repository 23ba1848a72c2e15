/**
 * The `grpc-timeout` header: up to eight digits and a unit (gRPC over HTTP/2, "Timeout").
 */
const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/** Milliseconds; undefined for a value that is not well formed. */
export function parseTimeout(text: string): number | undefined {
  const digits = text.length - 1;
  const unit = unitMs[text.charAt(digits)];
  if (digits < 1 || digits > 8 || unit === undefined) return undefined;
  let value = 0;
  for (let i = 0; i < digits; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value * unit;
}

/** Rounded up to a unit that takes at most eight digits; never zero, which some servers refuse. */
export function formatTimeout(ms: number): string {
  const whole = Math.max(1, Math.ceil(ms));
  if (whole <= 99_999_999) return `${whole}m`;
  const seconds = Math.ceil(whole / 1000);
  if (seconds <= 99_999_999) return `${seconds}S`;
  return `${Math.min(99_999_999, Math.ceil(seconds / 3600))}H`;
}
