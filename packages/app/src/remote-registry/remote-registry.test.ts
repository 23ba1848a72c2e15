import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, RpcError } from "@sampan/core";
import type { Registrar, ResolverEvent } from "@sampan/core/ports";
import { DiscoveryErrors } from "@sampan/discovery";
import { settled } from "@sampan/testkit";
import { RegistryBook } from "./registry-book.js";
import { remoteBoard } from "./remote-board.js";
import { remoteRegistrar } from "./remote-registrar.js";
import { instance, type RemoteRegistryBench, remoteRegistryBench } from "./remote-registry.fixture.js";
import { remoteResolver } from "./remote-resolver.js";

/** What a caller in another process hears, the newest last: instances as `id/weight/health`, or `error`. */
function follow(bench: RemoteRegistryBench, service = "shop"): string[] {
  const heard: string[] = [];
  remoteResolver(bench.runtime("caller")).watch(service, (event: ResolverEvent) => {
    heard.push(
      "error" in event
        ? "error"
        : event.instances.map(({ id, weight, health }) => `${id}/${weight}/${health}`).join(" "),
    );
  });
  return heard;
}

/** Also what has to go through several calls. */
async function calm(bench: RemoteRegistryBench, ms = 0): Promise<void> {
  for (let i = 0; i < 5; i++) await settled();
  if (ms > 0) await bench.clock.advance(ms);
  for (let i = 0; i < 5; i++) await settled();
}

const registrarOf = (bench: RemoteRegistryBench): Registrar =>
  remoteRegistrar({ runtime: bench.runtime("shop"), ttlMs: 1000 });

describe("the registry of another process", () => {
  it("shows the full set to callers, at once and after each change", async () => {
    const bench = await remoteRegistryBench();
    const heard = follow(bench);
    await calm(bench);
    const registrar = registrarOf(bench);
    const a = await registrar.register("shop", instance("a"));
    await registrar.register("shop", instance("b", { zone: "east", version: "canary", labels: { shelf: "1" } }));
    await registrar.register("elsewhere", instance("c"));
    await a.update({ weight: 10, health: "overloaded" });
    await calm(bench);
    assert.deepEqual(bench.book.instances("shop")[1], {
      ...instance("b", { zone: "east", version: "canary", labels: { shelf: "1" } }),
    });
    await a.close();
    await calm(bench);
    assert.deepEqual(heard, ["", "a/100/up", "a/100/up b/100/up", "a/10/overloaded b/100/up", "b/100/up"]);
  });

  it("keeps a lease for as long as its call lasts, and over the end of each call", async () => {
    const bench = await remoteRegistryBench();
    const heard = follow(bench);
    const registration = await registrarOf(bench).register("shop", instance("a"));
    for (let minutes = 0; minutes < 30; minutes++) await calm(bench, 60_000);
    assert.deepEqual(heard.filter((set, i) => set !== heard[i - 1]).at(-1), "a/100/up");
    assert.equal(heard.includes("error"), false);
    assert.equal(bench.book.instances("shop").length, 1);
    await registration.close();
    await calm(bench);
    assert.equal(heard.at(-1), "");
  });

  it("tells an error when it goes away, and everything is there again soon after it is back", async () => {
    const bench = await remoteRegistryBench();
    const heard = follow(bench);
    const registration = await registrarOf(bench).register("shop", instance("a"));
    await calm(bench);
    await bench.stop();
    await calm(bench, 20_000);
    assert.deepEqual(heard.slice(-2), ["a/100/up", "error"]);
    await bench.start();
    await calm(bench, 2_000);
    assert.equal(heard.at(-1), "a/100/up");
    await registration.update({ weight: 5 });
    await calm(bench);
    assert.equal(heard.at(-1), "a/5/up");
  });

  it("refuses an instance that is not valid, and says why", async () => {
    const registrar = registrarOf(await remoteRegistryBench());
    for (const wrong of [{ weight: 1001 }, { id: "" }, { address: "nowhere" }])
      await assert.rejects(registrar.register("shop", instance("a", wrong)), (error) =>
        DiscoveryErrors.INSTANCE_INVALID.is(error),
      );
  });

  it("shares probe duties and results between processes", async () => {
    const bench = await remoteRegistryBench();
    const one = remoteBoard(bench.runtime("one"));
    const two = remoteBoard(bench.runtime("two"));
    const heard: string[][] = [];
    two.watch("shop", (results) => heard.push([...results].map(([id, { status, rt }]) => `${id} ${status} ${rt}`)));
    assert.deepEqual([...(await one.claim("shop", ["a", "b"], "one", 1000))], ["a", "b"]);
    assert.deepEqual([...(await two.claim("shop", ["a", "b", "c"], "two", 1000))], ["c"]);
    await one.release("shop", ["b"], "one");
    assert.deepEqual([...(await two.claim("shop", ["a", "b"], "two", 1000))], ["b"]);
    await one.publish("shop", new Map([["a", { status: "down", rt: 300, ts: 1 }]]), 10_000);
    await calm(bench);
    assert.deepEqual(heard, [[], ["a down 300"]]);
    await bench.stop();
    await assert.rejects(
      one.claim("shop", ["a"], "one", 1000),
      (error) => RpcError.from(error).code === Code.Unavailable,
    );
  });
});

describe("the book of a registry", () => {
  it("forgets an instance whose registrar is not heard, after its time, unless another has taken it over", async () => {
    const bench = await remoteRegistryBench();
    const { book } = bench;
    const first = book.register("shop", instance("a"));
    const lost = book.register("shop", instance("b"));
    book.lapse(first, 1000);
    book.lapse(lost, 1000);
    const second = book.register("shop", instance("a", { weight: 7 }));
    await calm(bench, 999);
    assert.equal(book.instances("shop").length, 2);
    await calm(bench, 1);
    assert.deepEqual(
      book.instances("shop").map(({ weight }) => weight),
      [7],
    );
    book.remove(first);
    assert.equal(book.replace(first, instance("a")), false);
    assert.equal(book.instances("shop").length, 1);
    book.remove(second);
    assert.equal(book.instances("shop").length, 0);
  });

  it("lets go of what a process had when that has ended", async () => {
    const { book } = await remoteRegistryBench();
    for (const service of ["shop", "till"]) {
      book.register(service, instance("a.1"));
      book.register(service, instance("b.1"));
    }
    let changes = 0;
    book.watch("shop", () => changes++);
    book.evict((id) => id.startsWith("a."));
    assert.equal(changes, 1);
    for (const service of ["shop", "till"])
      assert.deepEqual(
        book.instances(service).map(({ id }) => id),
        ["b.1"],
      );
  });

  it("holds no more instances than it may", async () => {
    const { clock } = await remoteRegistryBench();
    const book = new RegistryBook({ clock, maxInstances: 2 });
    const lease = book.register("shop", instance("a"));
    book.register("shop", instance("b"));
    book.register("shop", instance("b", { weight: 1 }));
    assert.throws(
      () => book.register("till", instance("c")),
      (error) => DiscoveryErrors.REGISTRY_FAILED.is(error),
    );
    book.remove(lease);
    book.register("till", instance("c"));
  });
});
