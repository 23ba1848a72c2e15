import { createFakeClock, type FakeClock, type LogLine, logTo } from "@sampan/testkit";
import { CoreErrors } from "./core-errors.js";
import type { Channel } from "./ports/transport.js";
import { Runtime, type RuntimeOptions } from "./runtime.js";

/** A runtime that calls nobody, on a clock that stands still. */
export function runtimeOnFakeClock(options: Partial<RuntimeOptions> = {}): {
  runtime: Runtime;
  clock: FakeClock;
  logged: LogLine[];
} {
  const clock = createFakeClock();
  const logged: LogLine[] = [];
  const connect = (service: string): Channel => {
    throw CoreErrors.UNAVAILABLE({ service, why: "this test has no transport" });
  };
  return { runtime: new Runtime({ name: "test", connect, clock, logger: logTo(logged), ...options }), clock, logged };
}

export async function* from<T>(...messages: readonly T[]): AsyncGenerator<T> {
  yield* messages;
}
