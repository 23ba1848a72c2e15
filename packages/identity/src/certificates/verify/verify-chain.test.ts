import assert from "node:assert/strict";
import { test } from "node:test";
import { newKey } from "../authority/mint.js";
import { hour, orderId } from "../authority.fixture.js";
import { oid, sequence } from "../der/der-writer.js";
import { Oid } from "../der/object-ids.js";
import { type Forged, type Forgery, forge } from "../forge.fixture.js";
import { readCertificate } from "../x509/read-certificate.js";
import { writeRevocationList } from "../x509/revocation-list.js";
import { extension, keyIdOf, publicKeyOf } from "../x509/write-certificate.js";
import { RevocationIndex } from "./revocation-index.js";
import { type Refusal, type Trust, verifyChain } from "./verify-chain.js";

const now = 1_700_000_000_000;
const times = { notBefore: now - hour, notAfter: now + hour };
const domain = "spiffe://shop.test";

const root = forge({ ...times, authority: true, pathLength: 1, uris: [domain] });
const intermediate = forge({ ...times, signer: root, authority: true, pathLength: 0, uris: [domain] });
const otherRoot = forge({ ...times, authority: true, uris: ["spiffe://other.test"] });
const trust: Trust = { bundles: bundles({ "shop.test": [root], "other.test": [otherRoot] }) };

function bundles(by: Readonly<Record<string, readonly Forged[]>>): Trust["bundles"] {
  return new Map(
    Object.entries(by).map(([trustDomain, roots]) => [
      trustDomain,
      { trustDomain, authorities: roots.map(({ der }) => der) },
    ]),
  );
}

function leaf(forgery: Partial<Forgery> = {}): Forged {
  return forge({ ...times, signer: intermediate, uris: [orderId], ...forgery });
}

const shown = (...chain: readonly Forged[]): Uint8Array[] => chain.map(({ der }) => der);

test("a good chain gives the id and how long to believe it", () => {
  assert.deepEqual(verifyChain(shown(leaf(), intermediate), trust, now), { id: orderId, notAfter: times.notAfter });
  // In any order behind the leaf, with what nobody needs between.
  assert.equal(verifyChain(shown(leaf(), otherRoot, root, intermediate), trust, now).refusal, undefined);
  assert.equal(verifyChain(shown(leaf({ signer: root })), trust, now).refusal, undefined);
  assert.equal(verifyChain(shown(leaf({ dnsNames: ["order.internal"] }), intermediate), trust, now).refusal, undefined);
});

const expired = { notBefore: now - 2 * hour, notAfter: now - 1000 };
const future = { notBefore: now + 1000, notAfter: now + hour };
const intermediateOf = (forgery: Partial<Forgery>): Forged =>
  forge({ ...times, signer: root, authority: true, pathLength: 0, uris: [domain], ...forgery });
const under = (signer: Forged): Forged[] => [leaf({ signer }), signer];
const second = intermediateOf({ pathLength: 0 });
const belowSecond = forge({ ...times, signer: second, authority: true, uris: [domain] });
const critical = extension("1.2.3.4", sequence(), true);

const cases: readonly (readonly [what: string, refusal: Refusal, chain: readonly Forged[]])[] = [
  ["no certificate", "malformed", []],
  ["more certificates than a chain has", "malformed", [leaf(), ...new Array<Forged>(8).fill(intermediate)]],
  ["bytes that are no certificate", "malformed", [{ der: Buffer.from("3000", "hex"), key: root.key }]],
  ["no URI", "no-spiffe-id", [leaf({ uris: [], dnsNames: ["order"] }), intermediate]],
  ["two URIs, both good", "no-spiffe-id", [leaf({ uris: [orderId, `${domain}/ns/shop/sa/cart`] }), intermediate]],
  [
    "two URIs, one of them no SPIFFE id",
    "no-spiffe-id",
    [leaf({ uris: [orderId, "https://shop.test"] }), intermediate],
  ],
  ["the same URI twice", "no-spiffe-id", [leaf({ uris: [orderId, orderId] }), intermediate]],
  ["a URI that is no SPIFFE id", "no-spiffe-id", [leaf({ uris: ["https://shop.test/order"] }), intermediate]],
  ["an id with a percent sign", "no-spiffe-id", [leaf({ uris: [`${domain}/ns/a%2fb`] }), intermediate]],
  ["an id without a path", "no-spiffe-id", [leaf({ uris: [domain] }), intermediate]],
  ["an intermediate in a leaf's place", "not-a-leaf", [intermediate]],
  ["the root in a leaf's place", "not-a-leaf", [root]],
  ["an authority with a service's id", "not-a-leaf", [leaf({ authority: true }), intermediate]],
  ["no key usage", "key-usage", [leaf({ keyUsage: undefined }), intermediate]],
  ["key usage that is not critical", "key-usage", [leaf({ keyUsageCritical: false }), intermediate]],
  ["key usage without digitalSignature", "key-usage", [leaf({ keyUsage: [2] }), intermediate]],
  ["a leaf that may sign certificates", "key-usage", [leaf({ keyUsage: [0, 5] }), intermediate]],
  ["a leaf that may sign revocation lists", "key-usage", [leaf({ keyUsage: [0, 6] }), intermediate]],
  ["no extended key usage", "key-usage", [leaf({ purposes: undefined }), intermediate]],
  ["for servers only", "key-usage", [leaf({ purposes: [Oid.serverAuth] }), intermediate]],
  ["for clients only", "key-usage", [leaf({ purposes: [Oid.clientAuth] }), intermediate]],
  ["for anything", "key-usage", [leaf({ purposes: [Oid.anyExtendedKeyUsage] }), intermediate]],
  ["a critical extension that nobody knows", "unknown-extension", [leaf({ more: [critical] }), intermediate]],
  ["a leaf that has expired", "expired", [leaf(expired), intermediate]],
  ["a leaf that does not hold yet", "not-yet-valid", [leaf(future), intermediate]],
  ["an intermediate that has expired", "authority", under(intermediateOf(expired))],
  ["an intermediate that does not hold yet", "authority", under(intermediateOf(future))],
  ["a trust domain without a bundle", "foreign-trust-domain", [leaf({ uris: ["spiffe://evil.test/a"] }), intermediate]],
  ["another domain's id under our authority", "authority", [leaf({ uris: ["spiffe://other.test/a"] }), intermediate]],
  ["our id under another domain's authority", "no-path", [leaf({ signer: otherRoot })]],
  ["a leaf that has signed itself", "no-path", [forge({ ...times, uris: [orderId] })]],
  ["an intermediate that was not shown", "no-path", [leaf()]],
  ["a root that nobody trusts, shown along", "no-path", under(forge({ ...times, authority: true, uris: [domain] }))],
  ["an authority that may not sign", "authority", under(intermediateOf({ keyUsage: [6] }))],
  ["an authority of another id", "authority", under(intermediateOf({ uris: ["spiffe://other.test"] }))],
  [
    "an authority with a critical extension that nobody knows",
    "unknown-extension",
    under(intermediateOf({ more: [critical] })),
  ],
  [
    "one intermediate more than the path length allows",
    "authority",
    [leaf({ signer: belowSecond }), belowSecond, second],
  ],
];

for (const [what, refusal, chain] of cases) {
  test(`refused: ${what}`, () => {
    const verdict = verifyChain(shown(...chain), trust, now);
    assert.equal(verdict.refusal, refusal, JSON.stringify(verdict));
  });
}

test("a leaf signed by another leaf is refused although the names fit", () => {
  const signer = leaf();
  const verdict = verifyChain(shown(leaf({ signer }), signer, intermediate), trust, now);
  assert.equal(verdict.refusal, "authority", JSON.stringify(verdict));
});

test("validity ends with the second of notAfter, and begins with that of notBefore", () => {
  const chain = shown(leaf({ notBefore: now, notAfter: now + 10_000 }), intermediate);
  const at = (time: number): Refusal | undefined => verifyChain(chain, trust, time).refusal;
  assert.equal(at(now - 1), "not-yet-valid");
  assert.equal(at(now), undefined);
  assert.equal(at(now + 10_999), undefined);
  assert.equal(at(now + 11_000), "expired");
});

test("a changed signature is refused, and so is one by the right name with another key", () => {
  const good = leaf();
  const changed = Buffer.from(good.der);
  changed[changed.length - 1] = (changed[changed.length - 1] as number) ^ 1;
  assert.equal(verifyChain([changed, intermediate.der], trust, now).refusal, "no-path");
  const impostor = { der: intermediate.der, key: newKey() };
  assert.equal(verifyChain(shown(leaf({ signer: impostor }), intermediate), trust, now).refusal, "no-path");
});

test("chains that are made to branch end early", () => {
  const key = newKey();
  const serial = Buffer.alloc(16, 7);
  const rings = Array.from({ length: 7 }, () => forge({ ...times, authority: true, key, serial, uris: [domain] }));
  const verdict = verifyChain(shown(leaf({ signer: rings[0] as Forged }), ...rings), trust, now);
  assert.equal(verdict.refusal, "no-path");
});

/** A list signed by an authority. */
function listOf(signer: Forged, serials: readonly string[], ids: readonly string[] = [], at = now): Uint8Array {
  return writeRevocationList(
    {
      issuer: readCertificate(signer.der).subject,
      authorityKeyId: keyIdOf(publicKeyOf(signer.key)),
      number: 1,
      thisUpdate: now,
      nextUpdate: now + hour,
      serials: serials.map((serial) => ({ serial, at })),
      ids: ids.map((id) => ({ id, at })),
    },
    signer.key,
  );
}

test("what a list names is refused: a serial, an id, and an intermediate; by its own issuer's list only", () => {
  const good = leaf();
  const { serial } = readCertificate(good.der);
  const refusal = (...lists: readonly Uint8Array[]): Refusal | undefined =>
    verifyChain(shown(good, intermediate), { ...trust, revoked: new RevocationIndex(lists) }, now).refusal;
  assert.equal(refusal(), undefined);
  assert.equal(refusal(listOf(intermediate, [])), undefined);
  assert.equal(refusal(listOf(intermediate, [serial])), "revoked");
  assert.equal(refusal(listOf(intermediate, [], [orderId])), "revoked");
  assert.equal(refusal(listOf(intermediate, [], [`${orderId}x`])), undefined);
  assert.equal(refusal(listOf(root, [readCertificate(intermediate.der).serial])), "revoked");
  // The root has not issued the leaf, and cannot revoke it.
  assert.equal(refusal(listOf(root, [serial])), undefined);
  // Somebody else's signature under the issuer's name.
  assert.equal(refusal(listOf({ der: intermediate.der, key: newKey() }, [serial])), undefined);
  assert.equal(
    refusal(listOf({ der: intermediate.der, key: newKey() }, []), listOf(intermediate, [serial])),
    "revoked",
  );
});

test("an id is revoked for certificates of before, and not for later ones", () => {
  const lists = new RevocationIndex([listOf(intermediate, [], [orderId], now)]);
  const at = (notBefore: number): Refusal | undefined =>
    verifyChain(shown(leaf({ notBefore }), intermediate), { ...trust, revoked: lists }, now + 2000).refusal;
  assert.equal(at(now - 1000), "revoked");
  assert.equal(at(now), "revoked");
  assert.equal(at(now + 1000), undefined);
});

test("extended key usage may have more than the two", () => {
  const more = [Oid.serverAuth, Oid.clientAuth, "1.3.6.1.5.5.7.3.3"];
  assert.equal(verifyChain(shown(leaf({ purposes: more }), intermediate), trust, now).refusal, undefined);
  assert.equal(oid(more[2] as string).length, 10);
});
