import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RpcError } from "@sampan/core";
import type { Resolver } from "@sampan/core/ports";
import { contractInstance, registryContract, watched } from "@sampan/testkit";
import { followingResolver } from "../following/following-resolver.js";
import { type StaticInstance, staticResolver } from "./resolver.js";

/** Settings do not change; so a resolver of its own for each set stands behind the one that the contract sees. */
registryContract("static", {}, async () => {
  const services: Record<string, readonly StaticInstance[]> = {};
  const made: Resolver[] = [];
  const source = {
    async follow(service: string, session: { tell(set: () => never[]): void }) {
      const resolver = staticResolver({ [service]: services[service] ?? [] });
      made.push(resolver);
      const seen = watched(resolver, service);
      await seen.first();
      session.tell(() => [...(seen.instances ?? [])] as never[]);
      seen.close();
      return 20;
    },
    close: async () => {},
  };
  const resolver = followingResolver("settings", source, { restarts: { minRefreshMs: 1 } });
  return {
    resolver,
    announce: async (service, instances) => void (services[service] = instances),
    dispose: async () => {
      await resolver.close();
      await Promise.all(made.map((each) => each.close()));
    },
  };
});

describe("static resolver", () => {
  it("takes addresses alone, and instances with what differs", async () => {
    const resolver = staticResolver({
      order: ["ipv4:127.0.9.1:50051", { address: "dns:///b:80", weight: 3, zone: "z" }],
    });
    const seen = watched(resolver, "order");
    await seen.are(
      contractInstance(1),
      contractInstance(2, { id: "dns:///b:80", address: "dns:///b:80", weight: 3, zone: "z" }),
    );
    await resolver.close();
  });

  it("says so when the settings have no addresses of a service", async () => {
    const resolver = staticResolver({});
    const error = await watched(resolver, "order").error();
    assert.match(error.message, /the settings have no addresses of it/);
    await resolver.close();
  });

  it("refuses settings that nobody could call, and an address that is there twice", () => {
    const refused = (error: unknown) => error instanceof RpcError && error.reason === "INSTANCE_INVALID";
    assert.throws(() => staticResolver({ order: ["10.0.0.1"] }), refused);
    assert.throws(() => staticResolver({ order: [{ address: "a:1", weight: 1001 }] }), refused);
    assert.throws(() => staticResolver({ order: ["a:1", "a:1"] }), refused);
  });
});
