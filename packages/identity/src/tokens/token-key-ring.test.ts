import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createFakeClock, type FakeClock } from "@sampan/testkit";
import { tokenIssuer } from "./token-issuer.js";
import { openTokenKeyRing, type TokenKeyRing } from "./token-key-ring.js";
import { TokenKeySet } from "./token-key-set.js";
import { tokenVerifier } from "./token-verifier.js";

const names = { issuer: "i", audience: "a" };
const who = { subject: "u", roles: [], tenant: "t" };
const day = 86_400_000;
const hour = 3_600_000;
const minute = 60_000;
const rules = { rotateEveryMs: day, publishAheadMs: 10 * minute, keepMs: 2 * hour + minute };

describe("a ring of token keys", () => {
  let folder: string;
  let clock: FakeClock;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sampan-ring-"));
    clock = createFakeClock();
  });
  afterEach(() => rm(folder, { recursive: true }));
  const open = (algorithm: "EdDSA" | "RS256" = "EdDSA"): Promise<TokenKeyRing> =>
    openTokenKeyRing({ folder, clock, rules, algorithm });
  const kids = (ring: TokenKeyRing) => ring.publicKeys().keys.map(({ kid }) => kid);

  it("rotates without a gap: no token of a running issuer is refused by a verifier that is minutes behind", async () => {
    const ring = await open();
    const keySet = new TokenKeySet(ring.publicKeys());
    const verifier = tokenVerifier({ keys: keySet, ...names, clock, cacheSize: 0 });
    const issuer = tokenIssuer({ keys: () => ring.signing(), ...names, clock });
    const seen = new Set<string>();
    let tokens: { token: string; until: number }[] = [];
    for (let tenth = 0; tenth < 6 * 80; tenth++) {
      await ring.turn();
      keySet.replace(ring.publicKeys());
      seen.add(ring.signing().kid);
      tokens.push({ token: (await issuer.issue(who)).token, until: clock.now() + 2 * hour });
      tokens = tokens.filter(({ until }) => until > clock.now());
      if (tenth % 12 === 0) for (const { token } of tokens) await verifier.verify(token);
      assert.ok(kids(ring).length <= 3);
      await clock.advance(10 * minute);
    }
    assert.ok(seen.size >= 3, `${seen.size} keys`);
    assert.equal((await stat(join(folder, "token-keys.json"))).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder), ["token-keys.json"]);
  });

  it("publishes the next key before it signs", async () => {
    const ring = await open();
    const [first] = kids(ring);
    await clock.advance(day - rules.publishAheadMs);
    await ring.turn();
    assert.equal(kids(ring).length, 2);
    assert.equal(ring.signing().kid, first);
    await clock.advance(rules.publishAheadMs);
    assert.equal(ring.signing().kid, kids(ring)[1]);
    await clock.advance(rules.keepMs);
    assert.deepEqual(kids(ring), [ring.signing().kid]);
  });

  it("is one ring for processes that share the folder", async () => {
    const one = await open();
    const other = await open();
    assert.deepEqual(kids(one), kids(other));
    await clock.advance(day);
    await Promise.all([one.turn(), other.turn()]);
    await Promise.all([one.turn(), other.turn()]);
    assert.deepEqual(kids(one), kids(other));
    await clock.advance(rules.publishAheadMs);
    assert.equal(one.signing().kid, other.signing().kid);
  });

  it("changes the algorithm with the next key, and verifiers take both", async () => {
    const old = await open();
    const before = await tokenIssuer({ keys: () => old.signing(), ...names, clock }).issue(who);
    const ring = await open("RS256");
    await clock.advance(day);
    await ring.turn();
    await clock.advance(rules.publishAheadMs);
    assert.equal(ring.signing().algorithm, "RS256");
    const after = await tokenIssuer({ keys: () => ring.signing(), ...names, clock }).issue(who);
    const keys = { keys: [...old.publicKeys().keys, ...ring.publicKeys().keys.filter(({ alg }) => alg === "RS256")] };
    const verifier = tokenVerifier({ keys, ...names, clock });
    assert.equal((await verifier.verify(after.token)).subject, "u");
    await assert.rejects(verifier.verify(before.token), /expired/);
  });

  it("publishes nothing private", async () => {
    for (const algorithm of ["EdDSA", "RS256"] as const) {
      await rm(join(folder, "token-keys.json"), { force: true });
      const ring = await open(algorithm);
      const stored = JSON.parse(await readFile(join(folder, "token-keys.json"), "utf8")) as { keys: { d: string }[] };
      const shown = JSON.stringify(ring.publicKeys());
      for (const { d } of stored.keys) assert.ok(!shown.includes(d));
      assert.doesNotMatch(shown, /"(d|p|q|dp|dq|qi|signs_from)"/);
    }
  });

  it("keeps what it has when the file is damaged, and says so", async () => {
    const ring = await open();
    const before = kids(ring);
    await writeFile(join(folder, "token-keys.json"), "{");
    await assert.rejects(ring.turn(), /holds no usable key/);
    assert.deepEqual(kids(ring), before);
    await assert.rejects(open(), /holds no usable key/);
  });
});
