import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contractInstance, createFakeClock, registryContract, watched } from "@sampan/testkit";
import { NameServer } from "./name-server.fixture.js";
import { type DnsResolverOptions, dnsResolver } from "./resolver.js";

const quick = { restarts: { firstMs: 5, maxMs: 50, minRefreshMs: 1 }, minTtlMs: 30, timeoutMs: 300 };

async function opened(options: Partial<DnsResolverOptions>) {
  const server = new NameServer();
  const servers = [await server.listen()];
  const nameOf = (service: string) => `${service}.shop.svc.cluster.local:50051`;
  const resolver = dnsResolver({ nameOf, servers, ...options });
  const set = (name: string, ...addresses: readonly string[]) =>
    server.records.set(
      name,
      addresses.map((address) => ({ type: "A", address, ttl: 5 })),
    );
  const dispose = async () => {
    await resolver.close();
    await server.close();
  };
  return { server, resolver, set, dispose };
}

registryContract("dns", { fails: true }, async () => {
  const { server, resolver, set, dispose } = await opened({ ...quick, maxTtlMs: 30 });
  return {
    resolver,
    carries: [],
    announce: async (service, instances) =>
      void set(`${service}.shop.svc.cluster.local`, ...instances.map(({ address }) => address.split(":")[1] ?? "")),
    outage: async () => void (server.failWith = 2),
    recovery: async () => void (server.failWith = 0),
    dispose,
  };
});

const order = "order.shop.svc.cluster.local";

describe("dns resolver", () => {
  it("asks again when the records end, not before, and bounded on both sides", async () => {
    const clock = createFakeClock();
    const { server, resolver, set, dispose } = await opened({ clock, random: () => 0.5 });
    set(order, "127.0.9.1");
    const seen = watched(resolver, "order");
    await seen.are(contractInstance(1));
    const first = server.asked;
    set(order, "127.0.9.2");
    await clock.advance(4999);
    assert.equal(server.asked, first);
    await clock.advance(1);
    await seen.are(contractInstance(2));
    server.records.set(order, [{ type: "A", address: "127.0.9.3", ttl: 0 }]);
    await clock.advance(5000);
    await seen.are(contractInstance(3));
    const zero = server.asked;
    server.records.set(order, [{ type: "A", address: "127.0.9.4", ttl: 86_400 }]);
    await clock.advance(999);
    assert.equal(server.asked, zero, "a ttl of 0 is a second");
    await clock.advance(1);
    await seen.are(contractInstance(4));
    set(order, "127.0.9.5");
    await clock.advance(30_000);
    await seen.are(contractInstance(5));
    await dispose();
  });

  it("makes no storm of a thousand calls that fail", async () => {
    const clock = createFakeClock();
    const { server, resolver, set, dispose } = await opened({ clock });
    set(order, "127.0.9.1");
    const seen = watched(resolver, "order");
    await seen.are(contractInstance(1));
    const first = server.asked;
    set(order, "127.0.9.2");
    for (let i = 0; i < 1000; i++) seen.refresh();
    await clock.advance(999);
    assert.equal(server.asked, first);
    await clock.advance(1);
    await seen.are(contractInstance(2));
    assert.equal(server.asked, first + 2, "A and AAAA, once");
    await dispose();
  });

  it("uses IPv4 and IPv6 addresses", async () => {
    const { server, resolver, dispose } = await opened({});
    const six = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    server.records.set(order, [
      { type: "A", address: "127.0.9.1", ttl: 5 },
      { type: "AAAA", address: six, ttl: 5 },
    ]);
    const address = "ipv6:[2001:db8::7]:50051";
    await watched(resolver, "order").are(contractInstance(1), contractInstance(7, { id: address, address }));
    await dispose();
  });

  it("follows SRV records to the targets of the best priority", async () => {
    const { server, resolver, set, dispose } = await opened({ nameOf: (service) => `_grpc._tcp.${service}` });
    server.records.set("_grpc._tcp.order", [
      { type: "SRV", target: "a.shop", port: 50051, priority: 1, weight: 0, ttl: 5 },
      { type: "SRV", target: "b.shop", port: 50051, priority: 1, weight: 30, ttl: 5 },
      { type: "SRV", target: "c.shop", port: 50051, priority: 2, weight: 30, ttl: 5 },
    ]);
    set("a.shop", "127.0.9.1");
    set("b.shop", "127.0.9.2");
    set("c.shop", "127.0.9.3");
    await watched(resolver, "order").are(contractInstance(1), contractInstance(2, { weight: 30 }));
    await dispose();
  });

  it("a name that is not there has no instances; one that is no name is told as an error", async () => {
    const { resolver, dispose } = await opened({
      nameOf: (service) => (service === "bad" ? "a b:80" : "gone.shop:80"),
    });
    await watched(resolver, "order").are();
    assert.match((await watched(resolver, "bad").error()).message, /no name with a port/);
    await dispose();
  });

  it("survives a name server that answers garbage", async () => {
    const { server, resolver, dispose } = await opened({ ...quick, timeoutMs: 20 });
    server.garbage = Buffer.from("no DNS at all");
    await watched(resolver, "order").error();
    await dispose();
  });
});
