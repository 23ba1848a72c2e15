import assert from "node:assert/strict";
import type { Tally } from "../runner/tally.js";
import { GoWorkload, type Said } from "./go-spiffe.js";
import { orderId, other, shop, World } from "./world.js";

/** go-spiffe reads our Workload API over a unix socket, and judges what it gets. */
export async function workloadCases(program: string, tally: Tally): Promise<void> {
  // A certificate's life is short, so that a renewal comes by itself.
  const world = await World.open({ svidMs: 4000 });
  const workload = new GoWorkload(program, ["watch"], await world.serveApi(world.source(orderId)));
  let serial: unknown;
  const rootsOf = (said: Said): Readonly<Record<string, number>> => said.roots as Readonly<Record<string, number>>;
  try {
    await tally.judge("Workload API: go-spiffe verifies our SVID, and gets both bundles", async () => {
      const said = await workload.next();
      assert.deepEqual([said.id, said.verified, said.roots], [orderId, "<nil>", { [shop]: 1, [other]: 1 }]);
      serial = said.serial;
    });
    await tally.judge("Workload API: a renewed SVID reaches go-spiffe", async () => {
      const said = await workload.next((each) => each.serial !== serial);
      assert.deepEqual([said.id, said.verified], [orderId, "<nil>"]);
    });
    await tally.judge("Workload API: a new root reaches go-spiffe", async () => {
      await world.authority(shop).rotateRoot();
      const said = await workload.next((each) => rootsOf(each)[shop] === 2);
      assert.equal(said.verified, "<nil>");
    });
  } finally {
    workload.stop();
    await world.close();
  }
}
