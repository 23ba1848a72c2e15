import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "@sampan/testkit";
import fc from "fast-check";
import { cartId, day, hour, minute, orderId, testAuthority } from "../authority.fixture.js";
import { CertificateErrors } from "../certificate-errors.js";
import type { X509Svid } from "../source/x509-source.js";
import { RevocationIndex } from "../verify/revocation-index.js";
import { verifyChain } from "../verify/verify-chain.js";
import { readCertificate } from "../x509/read-certificate.js";
import { type Authority, createAuthority, openAuthority } from "./authority.js";
import type { Lives } from "./authority-state.js";
import { memoryAuthorityStore } from "./authority-store.js";
import { requireLives } from "./lives.js";
import { backdateMs } from "./mint.js";

function refusalOf(svid: X509Svid, authority: Authority, now: number): string | undefined {
  const bundles = new Map([[authority.trustDomain, authority.bundle()]]);
  return verifyChain(svid.chain, { bundles, revoked: new RevocationIndex(authority.revocationLists()) }, now).refusal;
}

test("an SVID lives an hour from now, and begins a little earlier for clocks that are late", async (t) => {
  const { authority, clock } = await testAuthority(t);
  const svid = authority.issue(orderId);
  assert.deepEqual([svid.notBefore, svid.notAfter], [clock.now() - backdateMs, clock.now() + hour]);
  assert.equal(svid.id, orderId);
  assert.equal(refusalOf(svid, authority, clock.now()), undefined);
  assert.notDeepEqual(authority.issue(orderId).privateKey, svid.privateKey);
});

test("what is not the authority's to issue is refused", async (t) => {
  const { authority } = await testAuthority(t);
  const refused = (id: string, options = {}): void =>
    assert.throws(
      () => authority.issue(id, options),
      (error) => CertificateErrors.ISSUE_REFUSED.is(error),
    );
  refused("spiffe://other.test/ns/shop/sa/order");
  refused("spiffe://shop.test");
  refused(orderId, { ttlMs: 12 * hour + 1 });
  refused(orderId, { ttlMs: 999 });
  refused(orderId, { ttlMs: 1000.5 });
  refused(orderId, { dnsNames: ["a b"] });
  refused(orderId, { dnsNames: new Array(33).fill("a") });
  assert.throws(
    () => authority.issue("order"),
    (error) => CertificateErrors.SPIFFE_ID_INVALID.is(error),
  );
  authority.issue(orderId, { ttlMs: 12 * hour, dnsNames: new Array(32).fill("a") });
  authority.issue(orderId, { ttlMs: 1000 });
});

test("lives that would be cut short are refused, from both sides", () => {
  const settings = (lives: Partial<Lives>): Lives => requireLives(lives);
  const refused = (lives: Partial<Lives>, field: string): void =>
    assert.throws(
      () => settings(lives),
      (error) => CertificateErrors.AUTHORITY_SETTINGS.is(error) && error.info?.metadata.field === field,
    );
  settings({ intermediateMs: 2 * hour, svidMs: hour });
  refused({ intermediateMs: 2 * hour - 2, svidMs: hour }, "svidMs");
  settings({ rootMs: 2 * day, intermediateMs: day });
  refused({ rootMs: 2 * day - 2, intermediateMs: day }, "intermediateMs");
  settings({ rootMs: 4 * day, overlapMs: day });
  refused({ rootMs: 4 * day - 4, overlapMs: day }, "overlapMs");
  settings({ svidMs: 1000 });
  refused({ svidMs: 999 }, "svidMs");
  refused({ svidMs: Number.NaN }, "svidMs");
});

test("intermediates change at half of their life; what the old one has signed stays good", async (t) => {
  const { authority, clock } = await testAuthority(t);
  const before = authority.issue(orderId, { ttlMs: 12 * hour });
  await clock.advance(12 * hour - 1);
  assert.equal(authority.state.intermediates.length, 1);
  await clock.advance(1);
  assert.equal(authority.state.intermediates.length, 2);
  assert.notDeepEqual(authority.issue(orderId).chain[1], before.chain[1]);
  assert.equal(authority.revocationLists().length, 2);
  await clock.advance(12 * hour);
  assert.equal(authority.state.intermediates.length, 2);
  assert.equal(authority.bundle().sequence, 1);
});

test("a new root is in the bundle before it signs, and the old one until nothing that it has vouched for is valid", async (t) => {
  const { authority, clock } = await testAuthority(t);
  const [old] = authority.bundle().authorities as [Uint8Array];
  const oldBundle = new Map([["shop.test", authority.bundle()]]);
  let changes = 0;
  authority.watch(() => changes++);
  await authority.rotateRoot();
  await authority.rotateRoot();
  assert.equal(authority.bundle().authorities.length, 2);
  assert.equal(authority.bundle().sequence, 2);
  assert.equal(changes, 1);
  await clock.advance(hour - 1);
  // Whoever has not fetched the bundle again within the overlap is still believed and believes.
  const last = authority.issue(orderId, { ttlMs: 12 * hour });
  assert.equal(verifyChain(last.chain, { bundles: oldBundle }, clock.now()).refusal, undefined);
  await clock.advance(1);
  const first = authority.issue(orderId);
  assert.equal(verifyChain(first.chain, { bundles: oldBundle }, clock.now()).refusal, "no-path");
  assert.equal(refusalOf(first, authority, clock.now()), undefined);
  assert.equal(refusalOf(last, authority, clock.now()), undefined);
  await clock.advance(12 * hour - 2);
  assert.equal(authority.bundle().authorities.length, 2);
  assert.equal(refusalOf(last, authority, clock.now()), undefined);
  await clock.advance(2);
  assert.equal(authority.bundle().authorities.length, 1);
  assert.notDeepEqual(authority.bundle().authorities[0], old);
  assert.equal(authority.bundle().sequence, 3);
});

test("whenever certificates are made, and whenever the authority was away, each is good for its life in every bundle fetched in time", async (t) => {
  const lives = { rootMs: 40_000, intermediateMs: 12_000, svidMs: 4000, overlapMs: 4000 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ pause: fc.integer({ min: 0, max: 7000 }), rotate: fc.boolean() }), { maxLength: 40 }),
      async (steps) => {
        const { authority, clock } = await testAuthority(t, { lives, clock: createFakeClock() });
        const issued: X509Svid[] = [];
        // As of the last refresh: at most an overlap old.
        let fetched = { at: clock.now(), bundle: authority.bundle() };
        for (const { pause, rotate } of steps) {
          await clock.advance(pause);
          if (rotate) await authority.rotateRoot();
          if (clock.now() - fetched.at > lives.overlapMs) fetched = { at: clock.now(), bundle: authority.bundle() };
          issued.push(authority.issue(orderId));
          for (const svid of issued) {
            if (clock.now() >= svid.notAfter) continue;
            for (const bundle of [authority.bundle(), fetched.bundle]) {
              // An old bundle need not know what was signed after its overlap, and the newest always must.
              if (bundle === fetched.bundle && clock.now() - fetched.at >= lives.overlapMs) continue;
              const verdict = verifyChain(svid.chain, { bundles: new Map([["shop.test", bundle]]) }, clock.now());
              assert.equal(verdict.refusal, undefined, JSON.stringify(verdict));
            }
          }
          assert.ok(authority.state.roots.length <= 4, "roots pile up");
        }
        authority.close();
      },
    ),
    { numRuns: 60 },
  );
});

test("one that was away for long begins anew with what has expired", async (t) => {
  const clock = createFakeClock();
  const store = memoryAuthorityStore();
  (await createAuthority("shop.test", { store, clock })).close();
  await clock.advance(400 * day);
  const authority = await openAuthority({ store, clock });
  t.after(() => authority.close());
  assert.equal(authority.bundle().authorities.length, 1);
  assert.equal(refusalOf(authority.issue(orderId), authority, clock.now()), undefined);
});

test("a revoked id has no good certificates and gets none; allowed again, only new ones are good", async (t) => {
  const { authority, clock } = await testAuthority(t);
  const before = authority.issue(orderId);
  const other = authority.issue(cartId);
  await authority.revokeId(orderId);
  assert.equal(refusalOf(before, authority, clock.now()), "revoked");
  assert.equal(refusalOf(other, authority, clock.now()), undefined);
  assert.throws(() => authority.issue(orderId), /the id is revoked/);
  await authority.allowId(orderId);
  const after = authority.issue(orderId);
  assert.equal(refusalOf(before, authority, clock.now()), "revoked");
  assert.equal(refusalOf(after, authority, clock.now() + 1000), undefined);
  await assert.rejects(authority.revokeId("spiffe://other.test/a"), /no id of a service in shop.test/);
});

test("revocations are forgotten when nothing that they name can be valid", async (t) => {
  const { authority, clock } = await testAuthority(t);
  await authority.revokeSerial(readCertificate(authority.issue(orderId).chain[0] as Uint8Array).serial);
  await authority.revokeId(cartId);
  await authority.allowId(cartId);
  const number = authority.state.listNumber;
  await clock.advance(day - 1);
  assert.equal(authority.state.revokedSerials.length, 1);
  await clock.advance(12 * hour);
  assert.deepEqual([authority.state.revokedSerials, authority.state.revokedIds], [[], []]);
  assert.ok(authority.state.listNumber > number);
  await assert.rejects(authority.revokeSerial("xyz"), /hexadecimal/);
  await assert.rejects(authority.revokeSerial("a".repeat(41)), /hexadecimal/);
});

test("two processes on one store: the one sees what the other does, and nothing is lost when both do something", async (t) => {
  const { authority, clock, store } = await testAuthority(t);
  const shared = { ...store, pollMs: 1000 };
  const second = await openAuthority({ store: shared, clock });
  t.after(() => second.close());
  let changes = 0;
  second.watch(() => changes++);
  await Promise.all([
    authority.revokeId(orderId),
    second.revokeId(cartId),
    authority.rotateRoot(),
    second.revokeSerial("ab"),
  ]);
  await clock.advance(minute);
  assert.deepEqual(second.state.revokedIds.map(({ id }) => id).sort(), [cartId, orderId]);
  assert.equal(second.state.revokedSerials.length, 1);
  assert.equal(second.bundle().authorities.length, 2);
  assert.ok(changes > 0);
  await authority.revokeSerial("cd");
  assert.equal(second.state.revokedSerials.length, 1);
  await clock.advance(1000);
  assert.equal(second.state.revokedSerials.length, 2);
});

test("a store that fails is tried again, and what was there goes on", async (t) => {
  const { authority: first, clock, store } = await testAuthority(t);
  first.close();
  let broken = false;
  const failures: unknown[] = [];
  const fragile = {
    ...store,
    load: () => (broken ? Promise.reject(new Error("disk")) : store.load()),
  };
  const authority = await openAuthority({ store: fragile, clock, failed: (error) => failures.push(error) });
  t.after(() => authority.close());
  broken = true;
  await clock.advance(12 * hour + 3000);
  assert.ok(failures.length >= 3);
  authority.issue(orderId);
  broken = false;
  await clock.advance(1000);
  assert.equal(authority.state.intermediates.length, 2);
});

test("an authority is made once", async (t) => {
  const { clock, store } = await testAuthority(t);
  await assert.rejects(createAuthority("shop.test", { store, clock }), (error) =>
    CertificateErrors.AUTHORITY_FOLDER.is(error),
  );
  await assert.rejects(openAuthority({ store: memoryAuthorityStore(), clock }), (error) =>
    CertificateErrors.AUTHORITY_FOLDER.is(error),
  );
  await assert.rejects(createAuthority("Shop", { store: memoryAuthorityStore(), clock }), (error) =>
    CertificateErrors.SPIFFE_ID_INVALID.is(error),
  );
});
