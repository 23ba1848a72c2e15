import assert from "node:assert/strict";
import type { Platform } from "../platform/start-platform.js";
import { playJourney } from "./play.js";
import { Journey } from "./steps.js";

/** Plays the journey on a running platform; every step must pass. */
export async function journeyPasses(platform: Platform): Promise<void> {
  const journey = new Journey({ ...platform, close: () => Promise.resolve() }, () => {});
  try {
    await playJourney(journey);
  } finally {
    journey.close();
  }
  assert.deepEqual(
    journey.results.filter(({ problem }) => problem !== undefined),
    [],
  );
}
