// needs: etcd
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { EtcdClient } from "@sampan/engines";
import type { ProbeResult } from "../../probes/board.js";
import { EtcdCluster } from "./etcd-cluster.fixture.js";
import { type EtcdProbeBoard, etcdProbeBoard } from "./probe-board.js";

/** The shortest that etcd keeps a lease for with its default election timeout is 2 s. */
const ttlMs = 2000;

describe("probe board in etcd", () => {
  let etcd: EtcdCluster;
  let namespaces = 0;
  const boards: EtcdProbeBoard[] = [];
  const open = (namespace: string): EtcdProbeBoard => {
    const board = etcdProbeBoard({ endpoints: etcd.endpoints, namespace, timeoutMs: 1000 });
    boards.push(board);
    return board;
  };
  const pair = () => {
    const namespace = `ns-${namespaces++}`;
    return { namespace, a: open(namespace), b: open(namespace) };
  };
  const eventually = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
    for (let i = 0; i < 400; i++) {
      if (await isSo()) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    assert.fail("it never came to be");
  };
  const watched = (board: EtcdProbeBoard, service: string) => {
    const seen = { results: new Map() as ReadonlyMap<string, ProbeResult> };
    board.watch(service, (results) => {
      seen.results = results;
    });
    return seen;
  };

  before(async () => {
    etcd = await EtcdCluster.start(1);
  });
  after(async () => {
    await Promise.all(boards.map((board) => board.close()));
    await etcd.stop();
  });

  it("gives each duty to one, who keeps it while it asks again, and lets it go", async () => {
    const { a, b } = pair();
    assert.deepEqual([...(await a.claim("order", ["1", "2"], "a", ttlMs))], ["1", "2"]);
    await eventually(async () => [...(await b.claim("order", ["1", "2", "3"], "b", ttlMs))].join() === "3");
    assert.deepEqual([...(await a.claim("order", ["1", "2", "3"], "a", ttlMs))], ["1", "2"]);
    await a.release("order", ["1"], "a");
    await eventually(async () => (await b.claim("order", ["1"], "b", ttlMs)).has("1"));
    // Another service's board is another board.
    assert.equal((await b.claim("user", ["2"], "b", ttlMs)).has("2"), true);
  });

  it("shows results to all, also to those who come later, and forgets those of the dead", async () => {
    const { namespace, a, b } = pair();
    const early = watched(b, "order");
    await a.publish("order", new Map([["1", { status: "down", rt: 300, ts: 5 }]]), ttlMs);
    await eventually(() => early.results.get("1")?.status === "down");
    const late = watched(open(namespace), "order");
    await eventually(() => late.results.get("1")?.rt === 300);
    await a.publish("order", new Map([["1", { status: "up", rt: 2, ts: 6 }]]), ttlMs);
    await eventually(() => late.results.get("1")?.status === "up");
    // Nobody publishes any more, as when the process has died: its lease runs out.
    await eventually(() => early.results.size === 0 && late.results.size === 0);
  });

  it("frees the duties of a process that has died", async () => {
    const { a, b } = pair();
    assert.equal((await a.claim("order", ["1"], "a", ttlMs)).size, 1);
    await eventually(async () => (await b.claim("order", ["1"], "b", ttlMs)).size === 1);
  });

  it("fails while etcd is away, and goes on when it is back", async () => {
    const { a, b } = pair();
    await a.claim("order", ["1"], "a", ttlMs);
    await etcd.killAll();
    await assert.rejects(a.claim("order", ["2"], "a", 1));
    await etcd.restart({ empty: true });
    await eventually(async () => {
      const claimed = await a.claim("order", ["1", "2"], "a", ttlMs).catch(() => new Set());
      return claimed.size === 2;
    });
    const seen = watched(b, "order");
    await a.publish("order", new Map([["1", { status: "up", rt: 1, ts: 7 }]]), ttlMs);
    await eventually(() => seen.results.has("1"));
  });

  it("takes what is no result for none", async () => {
    const { namespace, a } = pair();
    const client = new EtcdClient({ endpoints: etcd.endpoints });
    const folder = `/sampan/${namespace}/probes/order`;
    const seen = watched(a, "order");
    for (const [key, value] of [
      ["result/1", "not JSON"],
      ["result/2", '{"status":"sideways","rt":1,"ts":1}'],
      ["result", "{}"],
      ["else/3", "{}"],
      ["result/4", '{"status":"up","rt":1,"ts":1}'],
    ] as const)
      await client.put(`${folder}/${key}`, value);
    await eventually(() => seen.results.size === 1 && seen.results.has("4"));
    client.close();
  });
});
