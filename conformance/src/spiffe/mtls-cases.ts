import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { RpcError } from "@sampan/core";
import type { X509Source } from "@sampan/identity/certificates";
import type { Tally } from "../runner/tally.js";
import { GoWorkload, type Said } from "./go-spiffe.js";
import { cartId, orderId, shop, strangerId, World } from "./world.js";

/** mTLS between go-spiffe's `tlsconfig` and ours, both ways, with their grpc-go and our gRPC above it. */
export async function mtlsCases(program: string, tally: Tally, ms: number): Promise<void> {
  const world = await World.open();
  try {
    await theirClient(new Both(program, world), tally);
    await theirServer(new Both(program, world), tally);
    await revocation(new Both(program, world), tally);
  } finally {
    await world.close();
  }
  // The shortest that still renews ahead of its end on a slow machine.
  const rotating = await World.open({ svidMs: 4000, intermediateMs: 12_000, rootMs: 60_000, overlapMs: 4000 });
  try {
    await rotation(new Both(program, rotating), tally, ms);
  } finally {
    await rotating.close();
  }
}

/** Their programs in a world of ours. */
class Both {
  readonly world: World;
  readonly #program: string;

  constructor(program: string, world: World) {
    this.#program = program;
    this.world = world;
  }

  /** What their client has to say of a server, after so long. */
  async call(source: X509Source, expected: string, target: string, duration = "0s"): Promise<Said> {
    return this.start(["call", expected, target, duration], await this.world.serveApi(source)).next();
  }

  start(words: readonly string[], api: string): GoWorkload {
    const workload = new GoWorkload(this.#program, words, api);
    this.world.onClose(() => workload.stop());
    return workload;
  }

  /** Their server for one client, and where it is. */
  async serve(source: X509Source, client: string): Promise<{ server: GoWorkload; target: string }> {
    const server = this.start(["serve", client], await this.world.serveApi(source));
    const { port } = await server.next();
    return { server, target: `127.0.0.1:${String(port)}` };
  }
}

async function theirClient(both: Both, tally: Tally): Promise<void> {
  const { world } = both;
  const order = await world.serve(world.source(orderId));
  const refused = async (name: string, source: X509Source, expected: string): Promise<void> => {
    await tally.judge(`go-spiffe → sampan: ${name}`, async () => {
      const before = order.callers.length;
      const { error } = await both.call(source, expected, order.target);
      assert.match(String(error), /code = Unavailable/);
      assert.equal(order.callers.length, before);
    });
  };
  await tally.judge("go-spiffe → sampan: both know each other", async () => {
    assert.deepEqual(await both.call(world.source(cartId), orderId, order.target), { calls: 1, error: "<nil>" });
    assert.deepEqual(order.callers, [cartId]);
  });
  await refused("it expects another id and leaves", world.source(orderId), cartId);
  await refused("a client of another trust domain is refused", world.source(strangerId, true), orderId);
  const alone = await world.serve(world.source(orderId, false));
  await tally.judge("go-spiffe → sampan: one of an unknown trust domain is refused by TLS", async () => {
    const { error } = await both.call(world.source(strangerId), orderId, alone.target);
    assert.match(String(error), /code = Unavailable/);
    assert.deepEqual(alone.callers, []);
  });
}

async function theirServer(both: Both, tally: Tally): Promise<void> {
  const { world } = both;
  const { server, target } = await both.serve(world.source(orderId), cartId);
  await tally.judge("sampan → go-spiffe: both know each other", async () => {
    await world.client(world.source(cartId), orderId, target).check({});
    assert.deepEqual(await server.next(), { caller: cartId });
  });
  const refused = async (name: string, id: string, expected: string): Promise<void> => {
    await tally.judge(`sampan → go-spiffe: ${name}`, async () => {
      await assert.rejects(
        world.client(world.source(id), expected, target).check({}),
        (error) => RpcError.from(error).code === 14,
      );
    });
  };
  await refused("we expect another id and leave", cartId, cartId);
  await refused("our client with another id is refused", orderId, orderId);
  await refused("our client of another trust domain is refused", strangerId, orderId);
}

async function revocation(both: Both, tally: Tally): Promise<void> {
  const { world } = both;
  const order = await world.serve(world.source(orderId));
  await tally.judge("go-spiffe → sampan: a revoked client is cut off between two calls", async () => {
    const calls = both.call(world.source(cartId), orderId, order.target, "20s");
    for (let i = 0; i < 1000 && order.callers.length < 20; i++) await sleep(10);
    await world.authority(shop).revokeId(cartId);
    const atMost = order.callers.length;
    const { error } = await calls;
    assert.match(String(error), /code = Unavailable/);
    assert.ok(order.callers.length <= atMost + 1, `${order.callers.length - atMost} calls after the revocation`);
  });
}

/** Certificates of seconds, and a new root on the way. */
async function rotation(both: Both, tally: Tally, ms: number): Promise<void> {
  const { world } = both;
  const [order, cart] = [world.source(orderId), world.source(cartId)];
  const ours = await world.serve(order);
  const { target } = await both.serve(order, cartId);
  const theirs = both.call(cart, orderId, ours.target, `${ms}ms`);
  const client = world.client(cart, orderId, target);
  let renewals = 0;
  cart.watch(() => renewals++);
  let answered = 0;
  const working = (async () => {
    for (const end = Date.now() + ms; Date.now() < end; answered++) {
      await client.check({});
      await sleep(1);
    }
  })();
  // Whoever waits for it hears of it; until then nobody does.
  working.catch(() => {});
  await world.authority(shop).rotateRoot();
  await tally.judge("go-spiffe → sampan: no call fails while certificates and roots change", async () => {
    const { calls, error } = await theirs;
    assert.equal(error, "<nil>");
    assert.ok(Number(calls) > ms / 20, `only ${String(calls)} calls`);
  });
  await tally.judge("sampan → go-spiffe: no call fails while certificates and roots change", async () => {
    await working;
    assert.ok(answered > ms / 20, `only ${answered} calls`);
    assert.ok(renewals >= ms / 4000, `only ${renewals} renewals`);
  });
}
