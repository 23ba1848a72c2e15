import assert from "node:assert/strict";
import { test } from "node:test";
import { Dispatcher, type Inbound, methods, Runtime, superviseUnary } from "@sampan/core";
import type { Broker, BrokerMessage } from "@sampan/core/ports";
import { BrokerService } from "@sampan/protos/sampan/broker/v1/broker_pb.js";
import { brokerService } from "./broker-service.js";

/** What a broker is given when this peer publishes a message with these headers. */
async function published(identity: string, headers: Record<string, string>): Promise<Record<string, string>[]> {
  const got: BrokerMessage[] = [];
  const broker = { publish: async (messages: readonly BrokerMessage[]) => void got.push(...messages) };
  const runtime = new Runtime({ name: "supervisor", connect: () => assert.fail("nothing is called") });
  const dispatcher = new Dispatcher(runtime, [brokerService(broker as Broker)]);
  const method = methods(BrokerService).find(({ name }) => name === "Publish");
  assert.ok(method !== undefined);
  const peer: Inbound = { peer: { identity, address: "unix:" } };
  const { handler } = dispatcher.require(method.path);
  const message = { topic: "t", key: "", id: "1", payload: new Uint8Array(), headers };
  await superviseUnary(handler, { messages: [message] }, dispatcher.accept(method, peer));
  return got.map((each) => ({ ...each.headers }));
}

const cart = "spiffe://shop.test/ns/shop/sa/cart";

test("a message says who has published it when a certificate does, and nobody can say it otherwise", async () => {
  assert.deepEqual(await published(cart, { a: "1" }), [{ a: "1", "x-sampan-publisher": cart }]);
  assert.deepEqual(await published(cart, { "x-sampan-publisher": "spiffe://shop.test/ns/shop/sa/order" }), [
    { "x-sampan-publisher": cart },
  ]);
  assert.deepEqual(await published("order", { a: "1", "x-sampan-publisher": cart }), [{ a: "1" }]);
});
