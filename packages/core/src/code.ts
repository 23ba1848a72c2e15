/**
 * The sixteen canonical status codes and OK, with the numbers of the gRPC status code registry
 * (grpc/grpc `doc/statuscodes.md`).
 */
export const Code = {
  OK: 0,
  Canceled: 1,
  Unknown: 2,
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  AlreadyExists: 6,
  PermissionDenied: 7,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  Aborted: 10,
  OutOfRange: 11,
  Unimplemented: 12,
  Internal: 13,
  Unavailable: 14,
  DataLoss: 15,
  Unauthenticated: 16,
} as const;

export type Code = (typeof Code)[keyof typeof Code];

const names = Object.keys(Code) as (keyof typeof Code)[];

/** The name of a code as in `Code`, such as `NotFound`; an unknown number gives `Unknown`. */
export function codeName(code: number): keyof typeof Code {
  return names[code] ?? "Unknown";
}

/** A number from the wire as a code. Numbers outside 0 to 16 are `Unknown`, as gRPC asks of its readers. */
export function codeFromNumber(value: number): Code {
  return names[value] === undefined ? Code.Unknown : (value as Code);
}
