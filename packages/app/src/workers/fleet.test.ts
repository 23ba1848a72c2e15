import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Fleet } from "./fleet.js";

const restarts = { firstMs: 100, longestMs: 1_000, stableMs: 30_000 };

function fleetOf(size: number, maxFailedStarts = 3): Fleet {
  const fleet = new Fleet({ size, restarts, maxFailedStarts });
  for (let place = 1; place <= size; place++) fleet.forked(place, 0);
  return fleet;
}

describe("a fleet of workers", () => {
  it("is complete when all places have been ready at once, and stays so", () => {
    const fleet = fleetOf(2);
    fleet.becameReady(1);
    fleet.ended(1, 10);
    fleet.becameReady(2);
    assert.equal(fleet.complete, false);
    fleet.forked(1, 110);
    fleet.becameReady(1);
    assert.deepEqual([fleet.complete, fleet.ready], [true, 2]);
    fleet.ended(2, 200);
    assert.deepEqual([fleet.complete, fleet.ready], [true, 1]);
  });

  it("replaces a worker after a wait that doubles up to a limit", () => {
    const fleet = fleetOf(1);
    const waits: number[] = [];
    for (let n = 0; n < 6; n++) {
      fleet.becameReady(1);
      const next = fleet.ended(1, n);
      assert.equal(next.kind, "fork");
      if (next.kind === "fork") waits.push(next.waitMs);
      fleet.forked(1, n);
    }
    assert.deepEqual(waits, [100, 200, 400, 800, 1_000, 1_000]);
  });

  it("counts anew after a worker that lived long", () => {
    const fleet = fleetOf(1);
    fleet.becameReady(1);
    fleet.ended(1, 1);
    fleet.forked(1, 100);
    fleet.becameReady(1);
    assert.deepEqual(fleet.ended(1, 100 + 30_000), { kind: "fork", waitMs: 100, failures: 1 });
  });

  it("gives up a place whose worker does not get ready so many times in a row, and not before", () => {
    const fleet = fleetOf(2);
    fleet.becameReady(2);
    assert.equal(fleet.ended(1, 1).kind, "fork");
    fleet.forked(1, 2);
    assert.equal(fleet.ended(1, 3).kind, "fork");
    fleet.forked(1, 4);
    assert.deepEqual(fleet.ended(1, 5), { kind: "give-up", failedStarts: 3 });
  });

  it("does not give up a place whose worker gets ready in between, or ends afterwards", () => {
    const fleet = fleetOf(1, 2);
    for (let n = 0; n < 10; n++) {
      assert.equal(fleet.ended(1, n).kind, "fork");
      fleet.forked(1, n);
      fleet.becameReady(1);
      assert.equal(fleet.ended(1, n).kind, "fork");
      fleet.forked(1, n);
    }
  });

  it("does not count a worker that drains as ready, nor its end as a failed start", () => {
    const fleet = fleetOf(1, 1);
    fleet.becameReady(1);
    fleet.left(1);
    assert.equal(fleet.ready, 0);
    assert.equal(fleet.ended(1, 1).kind, "fork");
  });

  it("replaces nobody once it stops", () => {
    const fleet = fleetOf(2, 1);
    fleet.becameReady(1);
    fleet.stop();
    assert.equal(fleet.ended(1, 1).kind, "leave");
    assert.equal(fleet.ended(2, 1).kind, "leave");
  });

  it("never has more ready workers than places, whatever happens in whatever order", () => {
    const event = fc.record({ place: fc.integer({ min: 1, max: 3 }), what: fc.constantFrom("fork", "ready", "end") });
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const fleet = fleetOf(3, 1_000);
        const ready = new Set<number>();
        for (const [at, { place, what }] of events.entries()) {
          if (what === "fork") {
            fleet.forked(place, at);
            ready.delete(place);
          } else if (what === "ready") {
            fleet.becameReady(place);
            ready.add(place);
          } else {
            const next = fleet.ended(place, at);
            ready.delete(place);
            if (next.kind !== "fork" || next.waitMs < 100 || next.waitMs > 1_000) return false;
          }
          if (fleet.ready !== ready.size) return false;
        }
        return true;
      }),
    );
  });
});
