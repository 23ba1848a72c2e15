import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openTarget } from "../client/target.js";
import { playJourney } from "./play.js";
import { expect, Journey } from "./steps.js";

describe("the journey", () => {
  it("passes on a platform of its own, and every step but those on the phone has a trace", async () => {
    const target = await openTarget({});
    const journey = new Journey(target, () => {});
    try {
      await playJourney(journey);
      assert.deepEqual(
        journey.results.filter(({ problem }) => problem !== undefined),
        [],
      );
      const traced = journey.results.filter(({ traceId }) => /^[0-9a-f]{32}$/.test(traceId));
      assert.ok(traced.length >= journey.results.length - 2, "steps without a trace id");
    } finally {
      journey.close();
      await target.close();
    }
  });

  it("fails a step whose answer is not the one that was expected", async () => {
    const target = await openTarget({});
    const journey = new Journey(target, () => {});
    try {
      await assert.rejects(
        journey.step("wrong", () => journey.call(201, "GET", "/v1/products")),
        /answered 200, not 201/,
      );
      assert.throws(() => expect("price", 1, 2), /price is 1, not 2/);
      assert.match(journey.results[0]?.problem ?? "", /answered 200/);
    } finally {
      journey.close();
      await target.close();
    }
  });
});
