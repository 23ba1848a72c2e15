import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

/** Waits until something is so; fails when it is not within five seconds. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 500, `${what} did not happen`);
    await delay(10);
  }
}
