import assert from "node:assert/strict";
import { test } from "node:test";
import { hour, minute, orderId, testAuthority } from "../authority.fixture.js";
import { authoritySource } from "./authority-source.js";
import { renewAt } from "./renewal.js";
import { tlsCertificates } from "./tls-certificates.js";

test("renewal is at half of a life, give or take a tenth of that", () => {
  assert.equal(renewAt(1000, 1000 + hour, 0.5), 1000 + 30 * minute);
  assert.equal(renewAt(0, hour, 0), 27 * minute);
  assert.equal(renewAt(0, hour, 1), 33 * minute);
});

test("an identity is renewed by itself, and everybody hears", async (t) => {
  const { authority, clock } = await testAuthority(t);
  const source = authoritySource({ authority, id: orderId, clock, random: () => 0.5 });
  t.after(() => source.close());
  const heard: number[] = [];
  const unwatch = source.watch(() => heard.push(clock.now()));
  const first = source.current();
  await clock.advance(29 * minute);
  assert.equal(source.current(), first);
  await clock.advance(minute);
  assert.notDeepEqual(source.current().svid.privateKey, first.svid.privateKey);
  assert.equal(heard.length, 1);
  for (let i = 0; i < 100; i++) {
    await clock.advance(10 * minute);
    assert.ok(source.current().svid.notAfter - clock.now() > 25 * minute);
  }
  unwatch();
  const { length } = heard;
  await clock.advance(hour);
  assert.equal(heard.length, length);
});

test("a life of seconds is renewed at half of it too, although it is dated back by more", async (t) => {
  const { authority, clock } = await testAuthority(t);
  const source = authoritySource({ authority, id: orderId, clock, ttlMs: 6000, random: () => 0.5 });
  t.after(() => source.close());
  let renewals = 0;
  source.watch(() => renewals++);
  await clock.advance(2400);
  assert.equal(renewals, 0);
  await clock.advance(600);
  assert.equal(renewals, 1);
  await clock.advance(57_000);
  assert.ok(renewals >= 18 && renewals <= 24, String(renewals));
});

test("a new root and a revocation are passed on at once, with the same identity", async (t) => {
  const { authority, clock } = await testAuthority(t);
  const source = authoritySource({ authority, id: orderId, clock });
  t.after(() => source.close());
  const { svid } = source.current();
  await authority.rotateRoot();
  assert.equal(source.current().bundles.get("shop.test")?.authorities.length, 2);
  await authority.revokeSerial("ab");
  assert.equal(source.current().svid, svid);
  assert.deepEqual(source.current().revocationLists, authority.revocationLists());
});

test("a renewal that fails is tried again, more often the nearer the end", async (t) => {
  const { authority, clock } = await testAuthority(t);
  const failures: number[] = [];
  const source = authoritySource({
    authority,
    id: orderId,
    clock,
    random: () => 0.5,
    failed: () => failures.push(clock.now()),
  });
  t.after(() => source.close());
  const { svid } = source.current();
  await authority.revokeId(orderId);
  await clock.advance(svid.notAfter - clock.now() - 1);
  assert.ok(failures.length >= 5, String(failures.length));
  assert.ok(
    (failures.at(-1) as number) - (failures.at(-2) as number) < (failures[1] as number) - (failures[0] as number),
  );
  assert.equal(source.current().svid, svid);
  await authority.allowId(orderId);
  await clock.advance(1000);
  assert.notEqual(source.current().svid, svid);
});

test("a closed source renews no more", async (t) => {
  const { authority, clock } = await testAuthority(t);
  const before = clock.pending;
  authoritySource({ authority, id: orderId, clock }).close();
  assert.equal(clock.pending, before);
});

test("PEM texts for TLS are made once for each change", async (t) => {
  const { authority, clock } = await testAuthority(t);
  const source = authoritySource({ authority, id: orderId, clock, random: () => 0.5 });
  t.after(() => source.close());
  const certificates = tlsCertificates(source);
  const first = certificates.current();
  assert.equal(certificates.current(), first);
  assert.equal(first.cert.match(/BEGIN CERTIFICATE/g)?.length, 2);
  assert.equal(first.ca.match(/BEGIN CERTIFICATE/g)?.length, 1);
  await clock.advance(31 * minute);
  assert.notEqual(certificates.current().key, first.key);
});
