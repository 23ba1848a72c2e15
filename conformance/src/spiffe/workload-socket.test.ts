import assert from "node:assert/strict";
import { test } from "node:test";
import { Runtime } from "@sampan/core";
import { grpcTransport } from "@sampan/grpc";
import { workloadSource, workloadTarget } from "@sampan/identity/certificates";
import { cartId, orderId, other, shop, World } from "./world.js";

test("a workload follows its API over a unix socket: identity, new root, revocation; and speaks mTLS with it", async (t) => {
  const world = await World.open();
  t.after(() => world.close());
  const given = world.source(orderId);
  const api = await world.serveApi(given);
  const transport = grpcTransport();
  t.after(() => transport.close());
  const runtime = new Runtime({ name: "workload", connect: () => transport.connect(workloadTarget(api)) });
  const source = await workloadSource({ runtime });
  t.after(() => source.close());
  const { svid, bundles } = source.current();
  assert.deepEqual([svid.id, [...bundles.keys()]], [orderId, [shop, other]]);
  assert.deepEqual(svid.chain.map(Buffer.from), given.current().svid.chain.map(Buffer.from));

  const changed = (): Promise<void> =>
    new Promise((resolve) => {
      const unwatch = source.watch(() => {
        unwatch();
        resolve();
      });
    });
  const rotated = changed();
  await world.authority(shop).rotateRoot();
  await rotated;
  assert.equal(source.current().bundles.get(shop)?.authorities.length, 2);

  const { target, callers } = await world.serve(source);
  const cart = world.client(world.source(cartId), orderId, target);
  await cart.check({});
  assert.deepEqual(callers, [cartId]);
  const revoked = changed();
  await world.authority(shop).revokeId(cartId);
  await revoked;
  await assert.rejects(cart.check({}));
  assert.deepEqual(callers, [cartId]);
});
