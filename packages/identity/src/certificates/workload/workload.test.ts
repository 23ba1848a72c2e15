import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { type TestContext, test } from "node:test";
import { Code, Metadata, type RpcError, Runtime } from "@sampan/core";
import { SpiffeWorkloadAPI, type X509SVIDResponse } from "@sampan/protos/spiffe/workload/workload_pb.js";
import { createFakeClock, serveInMemory, settled } from "@sampan/testkit";
import { cartId, hour, minute, orderId, testAuthority } from "../authority.fixture.js";
import { authoritySource } from "../source/authority-source.js";
import { splitCertificates } from "../x509/read-certificate.js";
import { readSvidResponse } from "./workload-messages.js";
import { workloadService } from "./workload-service.js";
import { workloadSource } from "./workload-source.js";

const metadata = Metadata.of({ "workload.spiffe.io": "true" });

async function served(t: TestContext, ids: readonly string[] = [orderId]) {
  const { authority, clock } = await testAuthority(t);
  const { authority: other } = await testAuthority(t, { trustDomain: "other.test", clock });
  const sources = ids.map((id) =>
    authoritySource({ authority, id, clock, random: () => 0.5, federated: [other.bundle()] }),
  );
  t.after(() => {
    for (const each of sources) each.close();
  });
  const memory = await serveInMemory(() => [workloadService({ sources, clock })], clock);
  t.after(() => memory.close());
  const call = memory.runtime.root({ name: "test", timeoutMs: 100 * hour });
  return {
    authority,
    other,
    clock,
    sources,
    runtime: memory.runtime,
    call,
    api: call.to(SpiffeWorkloadAPI, { metadata }),
  };
}

const withCode = (code: Code) => (error: unknown) => (error as RpcError).code === code;

test("the method's names are those of the standard", () => {
  assert.equal(SpiffeWorkloadAPI.typeName, "SpiffeWorkloadAPI");
  assert.equal(SpiffeWorkloadAPI.method.fetchX509SVID.name, "FetchX509SVID");
});

test("a message is everything a workload needs: chain, key, bundle, lists, federated bundles", async (t) => {
  const { api, authority, other } = await served(t);
  for await (const { svids, crl, federatedBundles } of api.fetchX509SVID({})) {
    assert.equal(svids.length, 1);
    const [svid] = svids as [X509SVIDResponse["svids"][0]];
    assert.equal(svid.spiffeId, orderId);
    const [leaf, intermediate] = splitCertificates(svid.x509Svid) as [Uint8Array, Uint8Array];
    const key = createPrivateKey({ key: Buffer.from(svid.x509SvidKey), format: "der", type: "pkcs8" });
    assert.ok(new X509Certificate(leaf).checkPrivateKey(key));
    assert.ok(new X509Certificate(leaf).verify(new X509Certificate(intermediate).publicKey));
    assert.deepEqual(Buffer.from(svid.bundle), Buffer.from(authority.bundle().authorities[0] as Uint8Array));
    assert.equal(crl.length, 1);
    assert.deepEqual(Object.keys(federatedBundles), ["spiffe://other.test"]);
    assert.deepEqual(
      Buffer.from(federatedBundles["spiffe://other.test"] as Uint8Array),
      Buffer.from(other.bundle().authorities[0] as Uint8Array),
    );
    break;
  }
  for await (const { bundles, crl } of api.fetchX509Bundles({})) {
    assert.deepEqual(Object.keys(bundles).sort(), ["spiffe://other.test", "spiffe://shop.test"]);
    assert.equal(crl.length, 1);
    break;
  }
});

test("without the header, or with another value, nothing is given", async (t) => {
  const { call } = await served(t);
  for (const wrong of [{}, { "workload.spiffe.io": "1" }, { "workload.spiffe.io": ["true", "true"] }]) {
    const api = call.to(SpiffeWorkloadAPI, { metadata: Metadata.of(wrong) });
    await assert.rejects(async () => {
      for await (const _ of api.fetchX509SVID({}));
    }, withCode(Code.InvalidArgument));
    await assert.rejects(async () => {
      for await (const _ of api.fetchX509Bundles({}));
    }, withCode(Code.InvalidArgument));
    await assert.rejects(api.fetchJWTSVID({ audience: ["a"] }), withCode(Code.InvalidArgument));
  }
});

test("JWT-SVIDs are not offered, and say so", async (t) => {
  const { api } = await served(t);
  await assert.rejects(api.fetchJWTSVID({ audience: ["a"] }), withCode(Code.Unimplemented));
  await assert.rejects(api.validateJWTSVID({ audience: "a", svid: "b" }), withCode(Code.Unimplemented));
  await assert.rejects(async () => {
    for await (const _ of api.fetchJWTBundles({}));
  }, withCode(Code.Unimplemented));
});

test("a socket without an identity says so; so does one whose identity has expired", async (t) => {
  const none = await served(t, []);
  await assert.rejects(async () => {
    for await (const _ of none.api.fetchX509SVID({}));
  }, withCode(Code.PermissionDenied));
  const { api, authority, clock } = await served(t);
  await authority.revokeId(orderId);
  await clock.advance(2 * hour);
  await assert.rejects(async () => {
    for await (const _ of api.fetchX509SVID({}));
  }, withCode(Code.PermissionDenied));
});

test("each change is one message with the full state; several at once are one", async (t) => {
  const { api, authority, clock, sources } = await served(t, [orderId, cartId]);
  const seen: X509SVIDResponse[] = [];
  const reading = (async () => {
    for await (const message of api.fetchX509SVID({})) if (seen.push(message) === 3) break;
  })();
  await settled();
  assert.equal(seen.length, 1);
  assert.deepEqual(
    seen[0]?.svids.map(({ spiffeId }) => spiffeId),
    [orderId, cartId],
  );
  await authority.rotateRoot();
  await settled();
  assert.equal(seen.length, 2);
  assert.equal(splitCertificates(seen[1]?.svids[0]?.bundle as Uint8Array).length, 2);
  await clock.advance(31 * minute);
  await reading;
  assert.equal(seen[2]?.svids.length, 2);
  assert.notDeepEqual(seen[2]?.svids[0]?.x509SvidKey, seen[1]?.svids[0]?.x509SvidKey);
  assert.equal(sources.length, 2);
});

test("a workload follows its API: its own identity, renewed, with bundles and lists", async (t) => {
  const { authority, clock, runtime } = await served(t, [orderId, cartId]);
  const source = await workloadSource({ runtime });
  t.after(() => source.close());
  const first = source.current();
  assert.equal(first.svid.id, orderId);
  assert.deepEqual([...first.bundles.keys()], ["shop.test", "other.test"]);
  let changes = 0;
  source.watch(() => changes++);
  await clock.advance(31 * minute);
  assert.ok(changes > 0);
  assert.ok(source.current().svid.notAfter > first.svid.notAfter);
  await authority.revokeId(cartId);
  await settled();
  assert.deepEqual(source.current().revocationLists.map(Buffer.from), authority.revocationLists().map(Buffer.from));
  // Through the ends of its own streams.
  await clock.advance(5 * hour);
  assert.ok(source.current().svid.notAfter > clock.now() + 25 * minute);
});

test("while the API is away the last identity stays, and it is asked again", async (t) => {
  const { runtime: real, clock } = await served(t);
  const { runtime: away } = await served(t, []);
  let isAway = false;
  const failures: RpcError[] = [];
  const runtime = new Runtime({
    name: "workload",
    clock,
    connect: () => ({
      invoke: (method, request, call) => (isAway ? away : real).outbound(method)(request, call),
      close: () => Promise.resolve(),
    }),
  });
  const source = await workloadSource({ runtime, failed: (error) => failures.push(error), random: () => 0.5 });
  t.after(() => source.close());
  const { svid } = source.current();
  isAway = true;
  await clock.advance(hour + 10 * minute);
  assert.ok(failures.length > 5);
  assert.equal(failures[0]?.code, Code.PermissionDenied);
  const last = source.current().svid;
  assert.ok(last.notAfter >= svid.notAfter);
  isAway = false;
  await clock.advance(31 * minute);
  assert.ok(source.current().svid.notAfter > last.notAfter);
});

test("an API that has nothing in time, or calls the call wrong, fails the start", async (t) => {
  const { runtime, clock } = await served(t, []);
  const waiting = workloadSource({ runtime, firstWithinMs: 5000 });
  const refused = assert.rejects(waiting, withCode(Code.PermissionDenied));
  await clock.advance(5000);
  await refused;
  const late = new Runtime({
    name: "late",
    clock: createFakeClock(),
    connect: () => ({
      invoke: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }),
      close: () => Promise.resolve(),
    }),
  });
  const silent = assert.rejects(workloadSource({ runtime: late, firstWithinMs: 100 }), withCode(Code.DeadlineExceeded));
  await (late.clock as ReturnType<typeof createFakeClock>).advance(100);
  await silent;
});

test("waiting for the first identity ends at once when whoever waits gives up", async (t) => {
  const { runtime, clock } = await served(t, []);
  const giveUp = new AbortController();
  const waiting = assert.rejects(workloadSource({ runtime, signal: giveUp.signal }), /enough/);
  await clock.advance(1000);
  giveUp.abort(new Error("enough"));
  await waiting;
  await assert.rejects(workloadSource({ runtime, signal: giveUp.signal }), /enough/);
});

test("a message that cannot be used is refused as a whole", async (t) => {
  const { api } = await served(t, [orderId, cartId]);
  for await (const message of api.fetchX509SVID({})) {
    const [first, second] = message.svids as [X509SVIDResponse["svids"][0], X509SVIDResponse["svids"][0]];
    assert.equal(readSvidResponse(message, undefined).svid.id, orderId);
    assert.equal(readSvidResponse({ ...message, svids: [first, { ...second, hint: "b" }] }, "b").svid.id, cartId);
    const wrong = (svid: Partial<typeof first>, rest: Partial<X509SVIDResponse> = {}): void =>
      assert.throws(
        () => readSvidResponse({ ...message, ...rest, svids: [{ ...first, ...svid }] }, undefined),
        withCode(Code.Unavailable),
      );
    assert.throws(() => readSvidResponse({ ...message, svids: [] }, undefined), withCode(Code.Unavailable));
    assert.throws(() => readSvidResponse(message, "c"), withCode(Code.Unavailable));
    wrong({ spiffeId: cartId });
    wrong({ x509Svid: new Uint8Array() });
    wrong({ x509Svid: first.x509Svid.subarray(1) });
    wrong({ x509SvidKey: second.x509SvidKey });
    wrong({ x509SvidKey: new Uint8Array(3) });
    wrong({ bundle: new Uint8Array() });
    wrong({ bundle: first.x509Svid });
    wrong({}, { federatedBundles: { "other.test": first.bundle } });
    wrong({}, { federatedBundles: { "spiffe://other.test": new Uint8Array() } });
    break;
  }
});
